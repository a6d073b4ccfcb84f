"""What becomes of the rows when a bot misbehaves, and that nothing of it survives."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest

from populations.policy import Policy

BATCH = "ready(batch=4)"


def failed(decision):
    return {row: failure.reason for row, failure in decision.failures.items()}


def test_it_is_a_policy_and_plays(bot, rows):
    policy = bot("answer(m['legal'][m['seat'] + 2])")
    assert isinstance(policy, Policy)
    decision = policy.act(rows(3), policy.initial_state(3))
    assert decision.action.dtype == np.int32
    assert decision.action.tolist() == [[2], [2], [2]]
    assert decision.failures == {}
    assert policy.usage.starts == 1
    assert policy.usage.answers == 3


def test_rows_are_told_apart(bot, rows):
    policy = bot("answer(m['match'] % 9)")
    assert policy.act(rows(7), {}).action[:, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_many_rows_in_one_request(bot, rows):
    policy = bot("say(id=m['id'], actions=[n % 9 for n in m['match']])", hello=BATCH)
    assert policy.act(rows(11), {}).action[:, 0].tolist() == [n % 9 for n in range(1, 12)]


def test_it_keeps_to_the_game_that_it_was_started_for(bot, tic_tac_toe):
    import games

    policy = bot()
    assert policy.refuses(tic_tac_toe) is None
    assert "started for openspiel/tic_tac_toe" in policy.refuses(games.make("openspiel/connect_four"))


# Failures cost the match in which they happen, and no other

CRASH = "os.write(2, b'oh no\\n'); os._exit(3)"
BAD = "m['match'] == 3"


@pytest.mark.parametrize(
    ("act", "reason", "detail"),
    [
        (f"if {BAD}: {CRASH}\nanswer()", "crash", "it exited with status 3"),
        (f"if {BAD}: os.kill(os.getpid(), signal.SIGSEGV)\nanswer()", "crash", "it was killed by SIGSEGV"),
        (f"if {BAD}: 1 / 0\nanswer()", "crash", "it exited with status 1"),
        (f"if {BAD}: os.close(1); time.sleep(60)\nanswer()", "crash", "it closed its output"),
        (f"if {BAD}: time.sleep(60)\nanswer()", "timeout", "no answer within 0.4 s"),
        (f"if {BAD}: signal.signal(15, signal.SIG_IGN); time.sleep(60)\nanswer()", "timeout", "no answer within 0.4 s"),
        (
            f"if {BAD}: sys.stdout.write('{{\"id\"'); sys.stdout.flush(); time.sleep(60)\nanswer()",
            "timeout",
            "no answer within 0.4 s, but half a line (are lines ended, and flushed?)",
        ),
        (f"answer(99 if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not 99"),
        (f"answer(-1 if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not -1"),
        (f"answer(2.0 if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not 2.0"),
        (f"answer(10**30 if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not 1000"),
        (f"answer([0] if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not [0]"),
        (f"answer('x' * 500 if {BAD} else 0)", "illegal", "its action must be a whole number from 0 to 8, not 'xxx"),
        (f"if {BAD}: print('thinking...')\nanswer()", "illegal", "its line is no JSON object (an answer was expected)"),
        (f"if {BAD}: print('\\xff\\0\\n\\n[[[[')\nanswer()", "illegal", "its line is no JSON object"),
        (f"if {BAD}: print('[' * 100000)\nanswer()", "illegal", "its line is no JSON object"),
        (f"if {BAD}: m['id'] += 1\nanswer()", "illegal", "its answer must carry the id"),
        (f"if {BAD}: say(id=m['id'])\nelse: answer()", "illegal", 'its answer lacks "action"'),
        (f"if {BAD}:\n    while 1: print('x' * 1000)\nanswer()", "illegal", "its line is no JSON object"),
        (f"if {BAD}:\n    while 1: sys.stdout.write('x' * 65536)\nanswer()", "illegal", "its line has more than 4 MB"),
        (f"if {BAD}:\n    while 1: sys.stderr.write('x' * 1000)\nanswer()", "timeout", "no answer within 0.4 s"),
    ],
)
@pytest.mark.parametrize("batch", [False, True], ids=["rows", "batch"])
def test_only_the_guilty_match_is_lost(act, reason, detail, batch, bot, rows, alive):
    hello, code = "ready()", act
    if batch:  # the same, for every row of a request
        hello = BATCH
        loop = act.replace("\n", "\n    ")
        code = (
            "whole, said = m, []\n"
            "for match, legal in zip(whole['match'], whole['legal']):\n"
            "    m = {'id': whole['id'], 'match': match, 'legal': legal}\n"
            f"    {loop}\n"
            "say(id=m['id'], actions=said)"
        )
    setup = "def answer(action=None):\n    said.append(m['legal'][0] if action is None else action)" if batch else ""
    if batch and ("m['id'] += 1" in act or "say(id" in act):
        pytest.skip("an answer to many rows has one id")
    if batch and ("stdout.flush(); time" in act or "SIG_IGN" in act or "os.close" in act):
        pytest.skip("it takes long, and batches know no difference")
    policy = bot(code, hello=hello, setup=setup, options="move_seconds=0.4")
    decision = policy.act(rows(6), {})
    assert failed(decision) == {2: reason}
    assert decision.failures[2].detail.startswith(detail)
    assert (decision.action[[0, 1, 3, 4, 5]] == 0).all()
    again = policy.act(rows(2), {})  # in a new vector: new matches
    assert failed(again) == {}
    policy.close()
    assert alive() == []


def test_a_wrong_number_of_actions_is_found_out_row_by_row(bot, rows):
    policy = bot("say(id=m['id'], actions=[0] * (len(m['match']) + (3 in m['match'])))", hello=BATCH)
    assert failed(policy.act(rows(6), {})) == {2: "illegal"}


def test_the_end_of_stderr_goes_with_the_failure(bot, rows):
    act = "[print(f'line {n}', file=sys.stderr) for n in range(1000)]; sys.exit('bad luck')"
    failure = bot(act).act(rows(), {}).failures[0]
    lines = failure.log.splitlines()
    assert lines[-2:] == ["line 999", "bad luck"]
    assert len(lines) == 20
    long = bot("sys.stderr.write('é' * 100_000); sys.stderr.flush(); os._exit(1)").act(rows(), {}).failures[0]
    assert set(long.log) <= {"é", "\N{REPLACEMENT CHARACTER}"}
    assert 1000 <= len(long.log) <= 2000


def test_stderr_is_drained_and_does_no_harm(bot, rows):
    policy = bot("sys.stderr.write('x' * 300_000 + '\\n'); answer()")
    assert failed(policy.act(rows(5), {})) == {}
    policy.close()
    assert policy.usage.stderr_bytes >= 5 * 300_000


def test_a_bot_that_says_too_much_is_at_fault_where_it_does(bot, rows):
    policy = bot("answer(); sys.stdout.write('{}\\n{}\\n') if m['match'] == 6 else 0")
    decision = policy.act(rows(6), {})
    sooner = [*decision.failures.values(), *policy.act(rows(6), {}).failures.values()]
    assert [failure.reason for failure in sooner] == ["illegal"]


# A bot that ends by itself


def test_an_end_that_no_row_repeats_costs_no_match(bot, rows):
    policy = bot("answer()\nif served == 3: os._exit(0)")
    for _ in range(5):
        assert failed(policy.act(rows(4), {})) == {}
    assert policy.usage.starts > 3
    assert policy.usage.ends >= 3


def test_but_only_so_often(bot, rows):
    policy = bot("if served: os._exit(0)\nanswer()", options="restarts=2")
    lost = [failed(policy.act(rows(2), {})) for _ in range(4)]
    assert sum(map(len, lost)) >= 3
    assert {reason for each in lost for reason in each.values()} == {"crash"}
    assert lost[0] == {}


def test_batches_that_fail_without_cause_cost_their_rows_after_so_many_times(bot, rows):
    policy = bot("if len(m['match']) > 1: os._exit(0)\nsay(id=m['id'], actions=[0])", hello=BATCH, options="restarts=2")
    assert [len(policy.act(rows(4), {}).failures) for _ in range(4)] == [0, 0, 4, 4]


# A bot that does not start


@pytest.mark.parametrize(
    ("hello", "reason", "detail"),
    [
        ("sys.exit('no licence')", "crash", "it did not start: it exited with status 1"),
        ("time.sleep(60)", "timeout", "it did not start: no answer within 0.5 s"),
        (
            "print('Loading...', flush=True)",
            "crash",
            "it did not start: its line is no JSON object (ready was expected)",
        ),
        ("say(type='ready', protocol=2)", "crash", "it did not start: it speaks protocol 2, and this is protocol 1"),
        ("say(type='ready')", "crash", "it did not start: it speaks protocol None, and this is protocol 1"),
        ("say(type='redy', protocol=1)", "crash", 'it did not start: its first line must be a message of type "ready"'),
        ("ready(batch=-1)", "crash", "it did not start: batch in its ready message must be a number of rows, not -1"),
        ("ready(bach=4)", "crash", "it did not start: its ready message has the unknown field 'bach'"),
    ],
)
def test_a_bot_that_does_not_start_is_given_up(hello, reason, detail, bot, rows, alive):
    policy = bot(hello=hello, options="start_seconds=0.5")
    decision = policy.act(rows(50), {})
    assert failed(decision) == dict.fromkeys(range(50), reason)
    assert decision.failures[0].detail.startswith(detail)
    assert decision.failures[49].detail.startswith("given up after 3 starts: it did not start: ")
    assert policy.usage.starts == 3
    if "licence" in hello:
        assert decision.failures[49].log == "no licence"
    start = time.monotonic()
    assert len(policy.act(rows(50), {}).failures) == 50
    assert time.monotonic() - start < 0.1
    assert alive() == []


def test_one_good_start_forgives_bad_ones(bot, rows, tmp_path):
    count = tmp_path / "count"
    hello = f"open({str(count)!r}, 'a').write('x')\nif len(open({str(count)!r}).read()) % 3: sys.exit(1)\nready()"
    policy = bot("os._exit(1) if m['match'] % 2 else answer()", hello=hello)
    decision = policy.act(rows(12), {})
    assert not any("given up" in failure.detail for failure in decision.failures.values())


# What bots know of matches


def test_matches_begin_and_end(bot, rows):
    """The bot plays how many matches it knows that are not over."""
    policy = bot(
        "known.add(m['match'])\nknown.difference_update(m.get('over', []))\nanswer(len(known))", setup="known = set()"
    )
    asked = rows(3)
    assert policy.act(asked, {}).action[:, 0].tolist() == [1, 2, 3]
    asked.step[:] = 2
    assert policy.act(asked, {}).action[:, 0].tolist() == [3, 3, 3]
    asked.seed[1] = 7  # another match has this slot now
    asked.step[:] = [4, 0, 4]
    assert policy.act(asked, {}).action[:, 0].tolist() == [2, 3, 3]  # row 0 brings the news
    asked.step[:] = [0, 2, 6]  # the same seed again
    assert policy.act(asked, {}).action[:, 0].tolist() == [3, 3, 3]


def test_chance_is_the_matchs_own_and_tells_nothing_of_its_seed(bot, rows):
    policy = bot("answer(m['seed'] % 9)")
    asked = rows(40)
    first = policy.act(asked, {}).action
    assert len(np.unique(first)) > 4
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_array_equal(policy.act(asked.part(order), {}).action, first[order])


# Ends


def test_goodbye_lets_the_bot_finish(bot, rows, tmp_path, alive):
    policy = bot(bye=f"open({str(tmp_path / 'bye')!r}, 'w').write('done')")
    policy.act(rows(), {})
    policy.close()
    assert (tmp_path / "bye").read_text() == "done"
    assert alive() == []
    assert failed(policy.act(rows(), {})) == {}  # it may be needed again


def test_a_bot_that_does_not_leave_is_made_to(bot, rows, alive):
    policy = bot(bye="signal.signal(15, signal.SIG_IGN); time.sleep(60)")
    policy.act(rows(), {})
    start = time.monotonic()
    policy.close()
    assert time.monotonic() - start < 2.5
    assert alive() == []


def test_a_policy_that_nobody_holds_takes_its_bot_with_it(script, marker, tic_tac_toe, rows, alive):
    import sys

    from populations.agents import load_agent

    policy = load_agent(f"process:{sys.executable} {script()} {marker}", tic_tac_toe).policy
    policy.act(rows(), {})
    assert alive(patience=0)
    del policy
    gc.collect()
    assert alive() == []


def test_an_interruption_leaves_no_answer_behind(bot, rows, monkeypatch):
    policy = bot("answer(m['match'] % 9)")
    policy.start()

    def interrupt(seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(policy._bot, "_turn", interrupt)
        with pytest.raises(KeyboardInterrupt):
            policy.act(rows(1), {})
    assert failed(policy.act(rows(2), {})) == {}


def test_a_machine_that_is_full(bot, rows, monkeypatch):
    policy = bot()

    def full(*args, **kwargs):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("subprocess.Popen", full)
        failure = policy.act(rows(1), {}).failures[0]
    assert (failure.reason, failure.detail) == ("crash", "it did not start: Resource temporarily unavailable")
    assert failed(policy.act(rows(1), {})) == {}
