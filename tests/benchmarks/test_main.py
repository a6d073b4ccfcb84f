import json

import pytest

from benchmarks import __main__ as command


@pytest.fixture
def reported(monkeypatch):
    def report(name, quick):
        return {"name": name, "quick": quick, "games_per_s": 1234567.891, "load": [0.123456789, 2], "cores": 1}

    monkeypatch.setattr(command, "report", report)


def test_without_a_name_it_lists(capsys):
    assert command.main([]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("resource-throughput  ") for line in lines)
    assert len(lines) == len(command.benchmarks())


def test_one_line_of_json_here_and_in_the_file(reported, capsys, tmp_path):
    file = tmp_path / "results.jsonl"
    for _ in range(2):
        assert command.main(["start", "--quick", "--out", str(file)]) == 0

    printed = capsys.readouterr().out
    assert printed == file.read_text()
    assert [json.loads(line) for line in printed.splitlines()] == [
        {"name": "start", "quick": True, "games_per_s": 1234570.0, "load": [0.123457, 2], "cores": 1}
    ] * 2


def test_a_wrong_name_is_one_sentence_and_exit_code_2(capsys):
    assert command.main(["resource-thruput"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("unknown benchmark 'resource-thruput'; did you mean 'resource-throughput'?")


def test_a_file_that_cannot_be_written_costs_the_file_and_not_the_figures(reported, capsys, tmp_path):
    assert command.main(["start", "--out", str(tmp_path / "no" / "where")]) == 2

    captured = capsys.readouterr()
    assert json.loads(captured.out)["name"] == "start"
    assert captured.err == f"cannot write {tmp_path}/no/where: No such file or directory\n"
