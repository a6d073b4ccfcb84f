import json
import math
import multiprocessing
import os
import pickle
import signal
import socket
import threading
import time

import numpy as np
import pytest
from corridor import SPACE, Corridor, hang, play
from gymnasium.vector import AsyncVectorEnv

from games import InputError
from league.curriculum import CurriculumError, CurriculumWrapper, RemoteTeacher, TeacherServer
from league.curriculum.wire import LIMIT, Address, proposal, proposal_values, result, result_values
from league.teachers import Proposal, Result, ValueStatistics

SPAWN = multiprocessing.get_context("spawn")
ANSWER = 60  # seconds; a loaded machine starts processes slowly


def told(number, **more):
    return Result(id=number, learner="me", score=0.5, total_return=1.0, length=3, **more)


@pytest.fixture(params=["unix", "tcp"])
def server(request, teacher, tmp_path):
    address = f"unix:{tmp_path}/s" if request.param == "unix" else "tcp"
    with TeacherServer(teacher, address) as server:
        yield server


def talk(server, *lines, greet=True):
    """Send lines and return the answers, until the server hangs up or has answered all."""
    address = Address.of(server.address)
    answers = []
    with address.connect(10.0) as connection, connection.makefile("rb") as reader:
        if greet:
            lines = (json.dumps({"hello": address.token, "protocol": 1}).encode() + b"\n", *lines)
        for line in lines:
            try:
                connection.sendall(line)
                answer = reader.readline()
            except (BrokenPipeError, ConnectionResetError):
                break
            if not answer:
                break
            answers.append(json.loads(answer))
    return answers[1:] if greet else answers


def test_a_remote_teacher_is_the_teacher(server, teacher):
    remote = RemoteTeacher(server.address)
    assert (remote.needs_values, remote.players) == (False, ())
    proposals = remote.ask(3, "me")
    assert proposals == [p for _, p in teacher.proposals]
    assert {learner for learner, _ in teacher.proposals} == {"me"}
    results = [
        told(0, success=0.5, values=ValueStatistics(3, 0.1, -0.2, 0.3, 0.1, 0.4), opponents="past", version=2),
        told(1),
        told(1),
        told(99),
        Result(id=2, learner="me", score=0.5, total_return=math.nan, length=3),
    ]
    for r in results:
        remote.tell(r)
    assert teacher.results[:4] == results[:4]
    assert math.isnan(teacher.results[4].total_return)
    assert remote.metrics() == teacher.metrics() == server.metrics()
    assert [teacher.metrics()[name] for name in ("told", "ignored", "refused")] == [2, 2, 1]
    assert remote.ask(0) == []


def test_the_wire_carries_every_field():
    p = Proposal(7, SPACE.task(), "edge", False, "past", "antagonist")
    assert proposal(json.loads(json.dumps(proposal_values(p)))) == p
    r = told(3, success=1.0, values=ValueStatistics(1, 0.0, 0.0, 0.0, 0.0, 0.0), opponents="x", version=1)
    assert result(json.loads(json.dumps(result_values(r)))) == r


def test_workers_in_processes_of_their_own(teacher):
    def run(teacher):
        with TeacherServer(teacher) as server:
            workers = [SPAWN.Process(target=play, args=(server.address, 50, "me"), daemon=True) for _ in range(4)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(ANSWER)
            assert [worker.exitcode for worker in workers] == [0] * 4
        return teacher

    run(teacher)
    tasks = {p.id: p.task for _, p in teacher.proposals}
    assert len(tasks) == len(teacher.results) == 200
    assert {r.id for r in teacher.results} == set(range(200))
    for r in teacher.results:  # every result is that of its own task
        assert r.length == tasks[r.id]["length"]
        assert r.total_return == pytest.approx(r.length * tasks[r.id]["slope"])
    figures = teacher.metrics()
    assert [figures[name] for name in ("asked", "told", "ignored", "refused")] == [200, 200, 0, 0]
    # who plays what depends on who is faster; what there is to play does not
    assert [p.task for p in type(teacher)().ask(200)] == [tasks[k] for k in range(200)]


def test_gymnasiums_vectors_in_processes(teacher):
    with TeacherServer(teacher) as server:
        remote = RemoteTeacher(server.address)  # it travels with the function that makes the environment
        envs = AsyncVectorEnv([lambda: CurriculumWrapper(Corridor(), remote)] * 2, context="spawn")
        try:
            envs.reset(seed=0)
            found = []
            for _ in range(30):
                *_, infos = envs.step(np.zeros(2, int))
                found += [r for r in infos["curriculum"].get("result", []) if r is not None]
        finally:
            envs.close()
    assert len(found) > 5
    assert sorted(r.id for r in found) == sorted(r.id for r in teacher.results)


def test_a_worker_that_is_killed_loses_only_its_own_proposals(teacher):
    with TeacherServer(teacher) as server:
        ready = SPAWN.Event()
        worker = SPAWN.Process(target=hang, args=(server.address, ready), daemon=True)
        worker.start()
        assert ready.wait(ANSWER)
        play(server.address, 5, "me")
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(ANSWER)
        play(server.address, 5, "me")
    assert [learner for learner, _ in teacher.proposals] == ["dead"] + ["me"] * 10
    assert {r.id for r in teacher.results} == set(range(1, 11))


def test_threads_may_share_one(server, teacher):
    remote = RemoteTeacher(server.address)
    ids = []

    def work():
        for _ in range(50):
            (p,) = remote.ask(1)
            ids.append(p.id)
            remote.tell(told(p.id))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids) == list(range(200))
    assert teacher.metrics()["told"] == 200


def test_a_teacher_hears_one_at_a_time(server, teacher):
    busy, tell = threading.Lock(), teacher.tell

    def alone(result):
        assert busy.acquire(blocking=False)
        time.sleep(0.001)
        tell(result)
        busy.release()

    teacher.tell = alone

    def work(teacher):
        for _ in range(20):
            teacher.tell(told(teacher.ask(1)[0].id))

    clients = [server, *(RemoteTeacher(server.address) for _ in range(3))]
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert teacher.metrics()["told"] == 80


GOOD = {"id": 0, "learner": "me", "score": 0.5, "total_return": 1.0, "length": 3}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"\xff\xfe garbage", "one line of JSON"),
        (b"", "one line of JSON"),
        (b"[" * 100_000, "one line of JSON"),
        (b"[1]", "JSON object"),
        (b"{}", "call must be ask, tell or metrics, not 'None'"),
        (b'{"call": "load_state_dict"}', "not 'load_state_dict'"),
        (b'{"call": "ask", "n": -1}', "n of ask must be an integer from 1 to 4096"),
        (b'{"call": "ask", "n": 1e9}', "n of ask must be"),
        (b'{"call": "ask", "n": true}', "n of ask must be"),
        (b'{"call": "ask", "learner": 3}', "learner a text"),
        (b'{"call": "tell"}', "a result must be an object, not 'None'"),
        ({"result": {"id": 0}}, "without some of its fields: it has only id"),
        ({"result": GOOD | {"id": "0"}}, "id of a result must be int, not '0'"),
        ({"result": GOOD | {"length": True}}, "length of a result must be int"),
        ({"result": GOOD | {"total_return": 10**400}}, "total_return is too large a number"),
        ({"result": GOOD | {"success": "yes"}}, "success of a result must be float"),
        ({"result": GOOD | {"colour": 1}}, "no field 'colour'"),
        ({"result": GOOD | {"values": 3}}, "the values of a result must be an object"),
        ({"result": GOOD | {"values": {"decisions": 1}}}, "a valuestatistics without some"),
    ],
)
def test_nonsense_is_answered_in_a_sentence(server, teacher, line, sentence):
    line = json.dumps({"call": "tell"} | line).encode() if isinstance(line, dict) else line
    bad, good = talk(server, line + b"\n", b'{"call": "ask"}\n')
    assert sentence in bad["error"]
    assert "\n" not in bad["error"]
    assert good["proposals"][0]["id"] == 0  # the same client goes on
    assert teacher.results == []


def test_what_is_no_client_is_sent_away(server):
    for line, sentence in [
        (b'{"hello": "wrong", "protocol": 1}\n', "lacks the token"),
        (b'{"hello": "\\ud800", "protocol": 1}\n', "lacks the token"),
        (b"GET / HTTP/1.1\r\n", "one line of JSON"),
        (json.dumps({"hello": Address.of(server.address).token, "protocol": 9}).encode() + b"\n", "version 1"),
    ]:
        (answer,) = talk(server, line, b'{"call": "ask"}\n', greet=False)
        assert sentence in answer["error"]
    answers = talk(server, b"x" * (LIMIT + 10) + b"\n", b'{"call": "ask"}\n')
    assert len(answers) <= 1
    assert RemoteTeacher(server.address).ask(1)[0].id == 0


def test_a_client_that_leaves_in_the_middle_of_a_word_harms_nobody(server):
    with Address.of(server.address).connect(10.0) as connection:
        connection.sendall(b'{"hel')
    assert RemoteTeacher(server.address).ask(1)[0].id == 0


def test_a_teacher_that_fails_is_told_and_goes_on(server, teacher):
    remote = RemoteTeacher(server.address)
    teacher.meter.value = lambda result: 1 / 0
    with pytest.raises(CurriculumError, match="the teacher failed: ZeroDivisionError: division by zero"):
        remote.tell(told(0))
    del teacher.meter.value
    assert remote.ask(1)[0].id == 0


def test_an_answer_that_does_not_come_is_told_in_time(server, teacher):
    remote = RemoteTeacher(server.address, timeout=0.2)
    remote.ask(1)
    with server._lock, pytest.raises(CurriculumError, match="did not answer within"):
        remote.ask(1)
    late = RemoteTeacher(server.address).ask(1)[0]
    assert remote.ask(1)[0].id > late.id  # the late answer is not taken for that of this question


def test_a_server_that_left_is_missed(teacher):
    server = TeacherServer(teacher)
    remote = RemoteTeacher(server.address)
    remote.ask(1)
    server.close()
    server.close()
    with pytest.raises(CurriculumError, match="the teacher at unix:"):
        remote.ask(1)
    with pytest.raises(CurriculumError, match="no teacher at unix:"):
        remote.ask(1)
    assert not os.path.exists(os.path.dirname(server.address.removeprefix("unix:")))


def test_secrets_are_not_shown(teacher):
    with TeacherServer(teacher, "tcp") as server:
        token = Address.of(server.address).token
        assert len(token) == 32
        wrong = RemoteTeacher(server.address[: -len(token)] + "no")
    with pytest.raises(CurriculumError) as caught:
        RemoteTeacher(server.address).ask(1)
    assert token not in str(caught.value)
    with (
        TeacherServer(teacher, f"tcp:{Address.of(server.address).port}"),
        pytest.raises(CurriculumError, match="refuses"),
    ):
        wrong.ask(1)


def test_only_its_owner_may_open_the_socket(teacher):
    with TeacherServer(teacher) as server:
        path = server.address.removeprefix("unix:")
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


def test_what_a_killed_server_left_is_swept_and_a_living_one_is_not(teacher, tmp_path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with TeacherServer(teacher, f"unix:{path}") as server:
        with pytest.raises(InputError, match="in use"):
            TeacherServer(teacher, f"unix:{path}")
        assert RemoteTeacher(server.address).ask(1)
    assert not path.exists()
    path.write_text("mine")
    with pytest.raises(InputError, match="in use"):
        TeacherServer(teacher, f"unix:{path}")
    assert path.read_text() == "mine"


def test_addresses_that_are_none(teacher):
    for address in ("", "unix:", "tcp:1:2", "tcp:localhost:x:t", "http://a"):
        with pytest.raises(InputError, match="is no address of a teacher"):
            RemoteTeacher(address)
    for address in ("unix:", "tcp:no", "tcp:99999", "udp"):
        with pytest.raises(InputError, match="is no address to serve a teacher at"):
            TeacherServer(teacher, address)


def test_it_travels_and_a_fork_has_a_connection_of_its_own(server, teacher):
    remote = RemoteTeacher(server.address)
    remote.ask(1)
    assert pickle.loads(pickle.dumps(remote)).ask(1)[0].id == 1  # noqa: S301 - how SubprocVecEnv sends it
    remote._process = -1  # as after a fork
    mine = remote._connection
    assert remote.ask(1)[0].id == 2
    assert remote._connection is not mine


def test_a_wrapper_asks_whether_values_are_wanted(server, teacher):
    teacher.needs_values = True
    with pytest.raises(InputError, match="pass tell=False"):
        CurriculumWrapper(Corridor(), RemoteTeacher(server.address))
