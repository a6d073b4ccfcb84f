import functools
import warnings
from typing import ClassVar

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo import ParallelEnv
from pettingzoo.test import api_test, parallel_api_test
from pettingzoo.utils.conversions import parallel_to_aec

from games import InputError, Integer, TaskSpace, make
from league.curriculum import as_option
from league.curriculum.pettingzoo import AECCurriculum, ParallelCurriculum
from league.teachers import Fixed, Uniform


class Relay(ParallelEnv):
    """Agent k gets k + 1 a step and leaves k steps before the end; agent 0 says whether it was long enough."""

    metadata: ClassVar = {"name": "relay", "is_parallelizable": True, "render_modes": []}
    render_mode = None

    def __init__(self, length=5, agents=3):
        self.possible_agents = [f"a{k}" for k in range(agents)]
        self.agents, self.length = [], length

    @functools.cache  # noqa: B019 - PettingZoo wants the same object each time
    def observation_space(self, agent):
        return spaces.Box(0.0, 100.0, (1,), np.float64)

    @functools.cache  # noqa: B019
    def action_space(self, agent):
        return spaces.Discrete(2)

    def set_task(self, task):
        self.length = task["length"] + 3

    def reset(self, seed=None, options=None):
        self.agents, self.at, self.options = list(self.possible_agents), 0, options
        return self._see(), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.at += 1
        playing = list(self.agents)
        over = {a: self.at >= self.length - int(a[1:]) for a in playing}
        self.agents = [a for a in playing if not over[a]]
        infos = {a: {"is_success": self.length >= 6} if a == "a0" and over[a] else {} for a in playing}
        return self._see(playing), {a: int(a[1:]) + 1 for a in playing}, over, dict.fromkeys(playing, False), infos

    def _see(self, agents=None):
        return {agent: np.array([float(self.at)]) for agent in agents or self.agents}


def play(env):
    env.reset()
    while env.agents:
        infos = env.step(dict.fromkeys(env.agents, 0))[4]
    return infos


def play_aec(env):
    """Return what each agent got by PettingZoo's own account, and the number of moves."""
    env.reset()
    moves = 0
    got = dict.fromkeys(env.agents, 0.0)
    for agent in env.agent_iter():
        _, reward, terminated, truncated, _ = env.last()
        got[agent] += reward
        moves += not (terminated or truncated)
        env.step(None if terminated or truncated else env.action_space(agent).sample())
    return got, moves


def test_each_agent_is_a_learner_with_a_result_of_its_own(teacher):
    env = ParallelCurriculum(Relay(), teacher)
    for k in range(6):
        infos = play(env)
        asked, proposal = teacher.proposals[k]
        assert asked == f"a{k % 3}"  # each learner's turn
        length = proposal.task["length"] + 3
        results = {r.learner: r for r in teacher.results[3 * k :]}
        assert {(r.id, r.length) for r in results.values()} == {(k, length)}
        returns = {a: r.total_return for a, r in results.items()}
        assert returns == {f"a{i}": (i + 1) * (length - i) for i in range(3)}
        assert results["a0"].success == float(length >= 6)
        assert results["a1"].success is None
        ranked = sorted(returns.values())
        for a, r in results.items():
            beaten = [
                0.5 if other == returns[a] else float(other < returns[a]) for b, other in returns.items() if b != a
            ]
            assert r.score == np.mean(beaten), ranked
        assert infos["a0"]["curriculum"]["result"] == results["a0"] == env.lesson.results["a0"]
    assert teacher.metrics()["told"] == 18


def test_agents_may_share_a_learner_and_others_learn_nothing(teacher):
    env = ParallelCurriculum(Relay(5), teacher, learners={"a0": "us", "a1": "us"}, configure=lambda env, task: None)
    play(env)
    (result,) = teacher.results
    assert (result.learner, result.total_return, result.score, result.success) == ("us", (5 + 8) / 2, 0.0, 0.0)


def test_a_match_that_is_reset_in_the_middle_is_given_up(teacher):
    env = ParallelCurriculum(Relay(), teacher)
    env.reset()
    env.reset()
    env.step(dict.fromkeys(env.agents, 0))
    play(env)
    assert {r.id for r in teacher.results} == {1}


def test_environments_may_be_built_for_each_task():
    space = TaskSpace({"length": Integer(4, 6, 4), "agents": Integer(1, 3, 2)})
    told = []
    teacher = Uniform(space, 0)
    teacher.tell = told.append
    env = ParallelCurriculum(Relay(), teacher, make=lambda task: Relay(**task))
    for _ in range(12):
        play(env)
        assert len(env.lesson.results) == len(env.possible_agents)
    assert {len([r for r in told if r.id == k]) for k in range(12)} == {1, 2, 3}


def test_both_faces_of_a_match_tell_the_same(teacher):
    other = type(teacher)()
    parallel, aec = ParallelCurriculum(Relay(), teacher), AECCurriculum(parallel_to_aec(Relay()), other)
    for _ in range(5):
        play(parallel)
        got, moves = play_aec(aec)
        assert got == {a: r.total_return for a, r in aec.lesson.results.items()}
        assert {r.length for r in aec.lesson.results.values()} == {moves}

    def told(results):
        return [(r.id, r.learner, r.total_return, r.success, r.score) for r in results]

    assert told(teacher.results) == told(other.results)
    assert len(other.results) == 15


def test_the_arenas_own_games_take_tasks_as_options(teacher):
    game = make("openspiel/kuhn_poker")
    env = AECCurriculum(game.aec_env(), Fixed(game.task_space, 0, tasks=[{}]), configure=as_option)
    env.reset(seed=1)
    assert env.infos[env.agents[0]]["curriculum"]["id"] == 0
    got, _ = play_aec(env)
    assert {a: r.total_return for a, r in env.lesson.results.items()} == pytest.approx(got)
    assert sorted(r.score for r in env.lesson.results.values()) == [0.0, 1.0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_pettingzoo_finds_no_fault_in_them(teacher):
    parallel_api_test(ParallelCurriculum(Relay(), teacher), num_cycles=50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api_test(AECCurriculum(parallel_to_aec(Relay()), teacher), num_cycles=50)
    assert len(teacher.results) == 9  # of three matches


def test_what_cannot_be_is_said(teacher):
    with pytest.raises(InputError, match="'b0', but the environment's agents are a0, a1, a2"):
        ParallelCurriculum(Relay(), teacher, learners={"b0": "me"})
    with pytest.raises(InputError, match="at least one learner"):
        ParallelCurriculum(Relay(), teacher, learners={})
    with pytest.raises(InputError, match="does not go with configure"):
        AECCurriculum(parallel_to_aec(Relay()), teacher, make=lambda task: None, configure=as_option)
