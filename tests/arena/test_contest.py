from collections import Counter

import pytest

from arena.console import Console
from arena.contest import Contest, asked_in, standings_in
from games import InputError, make
from league.formats import RoundRobin
from league.store import Store
from league.tournament import Tournament, conditions
from populations.agents import load_agent


def contest(
    game="openspiel/tic_tac_toe",
    agents=("random", "scripted:first-legal", "scripted:last-legal"),
    *,
    tasks=None,
    encounters=3,
    anchor=None,
    **options,
):
    rules = make(game)
    return Contest(
        tournament=Tournament(
            game=rules,
            format=RoundRobin(encounters=encounters),
            agents=tuple(load_agent(agent, rules) if isinstance(agent, str) else agent for agent in agents),
            conditions=conditions(tasks or [rules.task_space.task()]),
            **{"seed": 5} | options,
        ),
        format={"kind": "round_robin", "encounters": encounters},
        anchor=anchor,
    )


@pytest.fixture
def played(tmp_path):
    def play(asked):
        asked.play(tmp_path / "played", Console(False), slots=32)
        with Store(tmp_path / "played") as store:
            return [record.matchup for record in store.matches()]

    return play


def test_every_pair_plays_both_seat_orders_under_one_seed(played):
    matches = played(contest())
    assert len(matches) == 3 * 2 * 3
    assert len({m.id for m in matches}) == len(matches)
    assert set(Counter(m.agents for m in matches).values()) == {3}
    by_seed = Counter((m.seed, frozenset(m.agents)) for m in matches)
    assert set(by_seed.values()) == {2}
    by_pair = Counter(m.place[1] for m in matches)
    assert set(by_pair.values()) == {2}


def test_fewer_agents_than_sides_take_turns_around_the_table(played):
    matches = played(contest("testkit/dice-v0", ("random", "scripted:first-legal")))
    assert {m.agents for m in matches} == {
        ("random", "scripted:first-legal", "random"),
        ("scripted:first-legal", "random", "scripted:first-legal"),
    }


def test_a_team_is_one_agent(played):
    for match in played(contest("testkit/teams-v0", ("random", "scripted:first-legal"))):
        assert match.agents in {
            ("random", "random", "scripted:first-legal", "scripted:first-legal"),
            ("scripted:first-legal", "scripted:first-legal", "random", "random"),
        }


def test_all_tasks_are_played_with_populations_that_differ(played):
    rules = make("markov/resource-v0")
    tasks = [rules.task_space.task({"population": n}) for n in (2, 5)]
    matches = played(contest("markov/resource-v0", ("random", "scripted:resource-greedy"), tasks=tasks))
    assert Counter(len(m.agents) for m in matches) == {2: 6, 5: 6}


def test_many_agents_at_a_large_table_meet_in_a_balanced_sample(played):
    rules = make("markov/resource-v0")
    task = rules.task_space.task({"population": 4})
    uris = ["random", "scripted:resource-greedy", "scripted:resource-assignment"]
    agents = tuple(load_agent(uri, rules) for uri in uris)
    many = tuple(type(a)(f"{a.id}{k}", f"{a.hash}{k}", a.policy) for a in agents for k in range(5))
    matches = played(contest("markov/resource-v0", many, tasks=[task], encounters=1, steps=3))
    assert len(matches) == 20 * len(many) * 4
    counts = Counter(name for m in matches for name in m.agents)
    assert max(counts.values()) - min(counts.values()) <= 4


@pytest.mark.parametrize(
    ("agents", "options", "message"),
    [
        (("random",), {}, "at least two agents"),
        (("random", "random"), {}, "agent 'random' is named twice"),
        (("random", "scripted:first-legal"), {"anchor": "x"}, "the anchor 'x' takes no part"),
    ],
)
def test_what_cannot_be_a_tournament(agents, options, message):
    with pytest.raises(InputError, match=message):
        contest(agents=agents, **options)


def test_a_tournament_cut_short_goes_on_and_plays_no_match_twice(tmp_path, monkeypatch):
    whole, broken = contest(encounters=20), contest(encounters=20)
    whole.play(tmp_path / "whole", Console(False), slots=7)

    class Stop(Exception):
        pass

    def stop_after(number):
        count = 0
        original = Store.add_matches

        def add(self, records):
            nonlocal count
            count += 1
            if count > number:
                raise Stop
            original(self, records)

        return add

    monkeypatch.setattr("league.tournament.BATCH", 16)
    for number in (0, 2, 3):
        with monkeypatch.context() as patch:
            patch.setattr(Store, "add_matches", stop_after(number))
            with pytest.raises(Stop):
                broken.play(tmp_path / "broken", Console(False), slots=5)
    broken.play(tmp_path / "broken", Console(False), slots=64)
    with Store(tmp_path / "whole") as one, Store(tmp_path / "broken") as two:
        assert list(one.matches()) == list(two.matches())
        assert one.count_matches() == {"tournament": 20 * 2 * 3}
        assert standings_in(one).games == 20 * 2 * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 6}, "seed was 5 and is now 6"),
        ({"encounters": 4}, "format.encounters was 3 and is now 4"),
        ({"steps": 4}, "steps was null and is now 4"),
        (
            {"agents": ("random", "scripted:last-legal")},
            "agents was .*first-legal.* and is now .*random.*last-legal",
        ),
        ({"game": "openspiel/connect_four"}, 'game was "openspiel/tic_tac_toe" and is now "openspiel/connect_four"'),
    ],
)
def test_a_folder_belongs_to_one_tournament(options, message, tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        contest().claim(store)
        contest().claim(store)
        with pytest.raises(InputError, match=message):
            contest(**options).claim(store)


def test_what_was_asked_is_kept(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        with pytest.raises(InputError, match="holds no tournament"):
            asked_in(store)
        contest().claim(store)
        asked = asked_in(store)
    assert [name for name, _ in asked["agents"]] == ["random", "scripted:first-legal", "scripted:last-legal"]
    assert asked["format"] == {"kind": "round_robin", "encounters": 3}


def test_names_differ_with_what_is_asked():
    assert contest().name == contest().name
    assert contest().name != contest(seed=6).name
    assert contest().name.startswith("openspiel-tic_tac_toe-")
