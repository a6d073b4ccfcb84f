import gymnasium
import numpy as np
import pytest
from corridor import SPACE, Corridor
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

from games import InputError
from league.curriculum import CurriculumWrapper, as_option
from league.teachers import Fixed, Proposal


def episode(env):
    env.reset()
    while True:
        *_, terminated, truncated, info = env.step(0)
        if terminated or truncated:
            return info


def test_each_episode_is_a_proposal_and_its_result(teacher):
    env = CurriculumWrapper(Corridor(), teacher, learner="me")
    for k in range(20):
        about = episode(env)["curriculum"]
        asked, proposal = teacher.proposals[k]
        assert asked == "me"
        assert about["id"] == proposal.id == k
        assert about["task"] == dict(proposal.task)
        assert about["origin"] == proposal.origin
        assert about["train"] is True
        result = about["result"]
        assert result == teacher.results[k] == env.lesson.results["me"]
        length, slope = proposal.task["length"], proposal.task["slope"]
        assert (result.id, result.learner, result.length) == (k, "me", length)
        assert result.total_return == pytest.approx(length * slope)
        assert result.success == float(length >= 3)
    assert teacher.metrics()["told"] == 20


def test_the_info_says_at_every_step_what_is_played(teacher):
    env = CurriculumWrapper(Corridor(), teacher, configure=lambda env, task: env.set_task({"length": 3, "slope": 0.0}))
    infos = [env.reset()[1], *(env.step(0)[4] for _ in range(3))]
    assert [info["curriculum"]["id"] for info in infos] == [0] * 4
    assert ["result" in info["curriculum"] for info in infos] == [False, False, False, True]


def test_an_episode_that_is_reset_in_the_middle_is_given_up(teacher):
    env = CurriculumWrapper(Corridor(), teacher, configure=lambda env, task: env.set_task({"length": 3, "slope": 1.0}))
    env.reset()
    env.step(0)
    info = episode(env)
    assert info["curriculum"]["result"].id == 1
    assert [r.id for r in teacher.results] == [1]
    assert teacher.results[0].total_return == 3.0  # nothing of the one before


def test_a_proposal_of_which_nothing_was_played_is_kept(teacher):
    env = CurriculumWrapper(Corridor(), teacher)
    assert [env.reset()[1]["curriculum"]["id"] for _ in range(3)] == [0, 0, 0]
    env.step(0)
    assert env.reset()[1]["curriculum"]["id"] == 1


def test_a_step_after_the_end_counts_nothing(teacher):
    env = CurriculumWrapper(Corridor(), teacher)
    episode(env)
    assert "result" not in env.step(0)[4]["curriculum"]
    assert len(teacher.results) == 1


def test_a_time_limit_inside_ends_an_episode(teacher):
    env = CurriculumWrapper(
        gymnasium.wrappers.TimeLimit(Corridor(), 2), teacher, configure=lambda env, task: {}, learner="me"
    )
    info = episode(env)
    assert info["curriculum"]["result"].length == 2
    assert info["curriculum"]["result"].success is None  # the environment says it only where it ends itself


def test_set_task_is_found_beneath_other_wrappers(teacher):
    env = CurriculumWrapper(gymnasium.wrappers.TimeLimit(Corridor(), 100), teacher)
    episode(env)
    assert env.unwrapped.length == teacher.proposals[0][1].task["length"]


def test_a_task_may_go_as_an_option_of_reset(teacher):
    env = CurriculumWrapper(Corridor(), teacher, configure=as_option)
    env.reset(options={"mine": 1})
    assert env.unwrapped.options == {"mine": 1, "task": dict(teacher.proposals[0][1].task)}


def test_an_environment_may_be_built_for_each_task(teacher):
    def run(teacher):
        first = Corridor()
        env = CurriculumWrapper(first, teacher, make=lambda task: Corridor(**task))
        seen = []
        for k in range(10):
            observation, info = env.reset(seed=7 if k == 0 else None)
            seen.append(observation[0])
            assert env.unwrapped.length == info["curriculum"]["task"]["length"]
            while not env.step(0)[2]:
                pass
        assert first.closed
        return seen

    a, b = run(teacher), run(type(teacher)())
    assert a == b  # their chance, too, follows from the first seed
    assert len(set(a)) == 10


def test_the_same_task_is_not_built_twice():
    built = []
    teacher = Fixed(SPACE, 0, tasks=[{"length": 2}])
    env = CurriculumWrapper(Corridor(), teacher, make=lambda task: built.append(task) or Corridor(**task))
    for _ in range(3):
        episode(env)
    assert len(built) == 1


def test_a_solved_task_may_be_followed_by_the_next_in_mid_episode(teacher):
    env = CurriculumWrapper(
        Corridor(),
        teacher,
        configure=lambda env, task: env.set_task({"length": 4, "slope": 1.0}),
        success=lambda info: env.unwrapped.at in (1, 3),
        change_on_success=True,
    )
    infos = [env.reset()[1], *(env.step(0)[4] for _ in range(4))]
    assert [i["curriculum"]["id"] for i in infos] == [0, 0, 1, 1, 2]
    assert [(r.id, r.length, r.total_return, r.success) for r in teacher.results] == [
        (0, 1, 1.0, 1.0),
        (1, 2, 2.0, 1.0),
        (2, 1, 1.0, 0.0),
    ]


@pytest.mark.parametrize(("told", "success"), [(True, 1.0), (0.25, 0.25), (7, 1.0), (-1, 0.0), (None, None)])
def test_success_is_between_0_and_1_or_unknown(teacher, told, success):
    env = CurriculumWrapper(Corridor(), teacher, success=lambda info: told)
    assert episode(env)["curriculum"]["result"].success == success
    nan = CurriculumWrapper(Corridor(), teacher, success=lambda info: float("nan"))
    assert episode(nan)["curriculum"]["result"].success is None


def test_opponents_are_seated_and_told(teacher):
    class Asks(type(teacher)):
        def ask(self, n, learner=""):
            return [Proposal(p.id, p.task, p.origin, opponents="past") for p in super().ask(n, learner)]

    seated = []
    env = CurriculumWrapper(Corridor(), Asks(), opponents=lambda env, wanted: seated.append(wanted) or "past-3")
    assert episode(env)["curriculum"]["result"].opponents == "past-3"
    assert seated == ["past"]


def test_a_loop_may_tell_itself(teacher):
    teacher.needs_values = True
    with pytest.raises(InputError, match="pass tell=False and hand results in with ValueTeller"):
        CurriculumWrapper(Corridor(), teacher)
    env = CurriculumWrapper(Corridor(), teacher, tell=False)
    result = episode(env)["curriculum"]["result"]
    assert teacher.results == []
    teacher.tell(result)
    assert teacher.metrics()["told"] == 1
    episode(CurriculumWrapper(Corridor(), teacher, tell=True))
    assert len(teacher.results) == 2


def test_what_cannot_be_is_said(teacher):
    teacher.players = ("antagonist",)
    with pytest.raises(InputError, match="players of its own \\(antagonist\\)"):
        CurriculumWrapper(Corridor(), teacher)
    teacher.players = ()
    with pytest.raises(InputError, match="neither configure nor change_on_success"):
        CurriculumWrapper(Corridor(), teacher, make=lambda task: Corridor(), configure=as_option)
    env = CurriculumWrapper(gymnasium.make("CartPole-v1"), teacher)
    with pytest.raises(InputError, match="has no method set_task"):
        env.reset()
    env = CurriculumWrapper(Corridor(), teacher, configure=as_option, success=lambda info: 1.0, change_on_success=True)
    env.unwrapped.length = 3
    env.reset()
    with pytest.raises(InputError, match="not by options of reset"):
        env.step(0)


def test_a_return_that_is_no_number_is_refused_by_the_teacher_alone(teacher):
    env = CurriculumWrapper(
        Corridor(), teacher, configure=lambda env, task: env.set_task({"length": 2, "slope": float("nan")})
    )
    episode(env)
    assert teacher.metrics()["refused"] == 1


@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version:UserWarning")
def test_gymnasium_finds_no_fault_in_it(teacher):
    # a teacher goes on: the same seed does not give the same episode
    spec = EnvSpec("Corridor-v0", entry_point=Corridor, nondeterministic=True, max_episode_steps=50)
    check_env(CurriculumWrapper(gymnasium.make(spec), teacher), skip_render_check=True)
    assert len(teacher.proposals) > 1


def test_vectors_of_environments_tell_what_ended(teacher):
    envs = SyncVectorEnv([lambda: CurriculumWrapper(Corridor(), teacher) for _ in range(3)])
    envs.reset(seed=0)
    found = []
    for _ in range(30):
        *_, infos = envs.step(np.zeros(3, int))
        found += [r for r in infos["curriculum"].get("result", []) if r is not None]
    assert sorted(r.id for r in found) == sorted(r.id for r in teacher.results)
    assert len(found) > 10
    assert len({r.id for r in found}) == len(found)
