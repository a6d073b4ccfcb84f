import json

import pytest

from benchmarks.cells import mean_interval, run_cells


def work(cell):
    """Note that it was called, and fail where the cell says so."""
    if cell.get("fail"):
        raise RuntimeError("no")
    with open(cell["log"], "a") as log:
        log.write(f"{cell['number']}\n")
    return {"square": cell["number"] ** 2}


@pytest.fixture
def cells(tmp_path):
    return [{"number": n, "log": str(tmp_path / "log")} for n in range(4)]


def called(tmp_path):
    log = tmp_path / "log"
    return sorted(map(int, log.read_text().split())) if log.exists() else []


def test_cells_run_once_and_are_read_afterwards(cells, tmp_path):
    file = tmp_path / "deep" / "cells.jsonl"

    first = run_cells(work, cells[:3], file=file)
    again = run_cells(work, cells[:3], file=file)

    assert called(tmp_path) == [0, 1, 2]
    assert again == first
    assert [figures["square"] for _, figures in first] == [0, 1, 4]
    assert all(figures["seconds"] >= 0 for _, figures in first)


def test_a_line_that_was_cut_short_is_run_again_and_the_others_are_not(cells, tmp_path):
    file = tmp_path / "cells.jsonl"
    lines = [json.dumps({"cell": cell, "figures": {"square": -1, "seconds": 0}}) for cell in cells[:2]]
    file.write_text(lines[0] + "\n" + lines[1][:-9])

    done = run_cells(work, cells[:2], file=file)

    assert [figures["square"] for _, figures in done] == [-1, 1]
    assert called(tmp_path) == [1]
    assert [json.loads(line)["cell"] for line in file.read_text().splitlines()] == cells[:2]


def test_another_setting_is_another_cell(cells, tmp_path):
    file = tmp_path / "cells.jsonl"
    run_cells(work, cells[:1], file=file)
    run_cells(work, [cells[0] | {"steps": 7}], file=file)

    assert called(tmp_path) == [0, 0]
    assert len(file.read_text().splitlines()) == 2


def test_what_ended_before_a_failure_is_kept(cells, tmp_path):
    file = tmp_path / "cells.jsonl"
    run_cells(work, cells[:1], file=file)
    with pytest.raises(RuntimeError, match="no"):
        run_cells(work, [cells[0], {"fail": True}], file=file)
    assert len(file.read_text().splitlines()) == 1


def test_without_a_file_time_may_run_out(cells, tmp_path):
    assert len(run_cells(work, cells, file=None)) == 4
    assert run_cells(work, cells, file=None, seconds=-1.0) == []


def test_mean_interval_is_students():
    # t with 4 degrees of freedom is 2.776445; the deviation of 1..5 is sqrt(2.5)
    assert mean_interval([1, 2, 3, 4, 5]) == pytest.approx(
        [3, 3 - 2.776445 * 0.5**0.5, 3 + 2.776445 * 0.5**0.5], rel=1e-6
    )
    assert mean_interval([7.0]) == [7.0, 7.0, 7.0]
