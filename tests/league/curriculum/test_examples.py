"""The examples run. One with Stable-Baselines3 takes some seconds of imports in each process."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from league.curriculum import CurriculumWrapper
from league.curriculum.pettingzoo import ParallelCurriculum

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "curriculum"


def run(name, *arguments):
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_teacher_beside_stable_baselines3():
    pytest.importorskip("stable_baselines3")
    text = run("cartpole_sb3.py", "--steps", "1024")
    told, asked = map(int, re.search(r"(\d+) of (\d+) proposals came back", text).groups())
    assert 10 < told <= asked <= told + 4  # two workers are in the middle of an episode, or have just begun one
    assert "steps on 50 poles drawn evenly" in text


def test_a_teacher_of_a_pettingzoo_environment():
    pytest.importorskip("mpe2")
    text = run("spread_pettingzoo.py", "--episodes", "20")
    assert re.search(r"\btold +20.00", text)


def test_environments_in_other_processes_need_no_torch():
    code = (
        "import sys, league.curriculum; from league.teachers import teachers; teachers.names(); "
        "print(*{'torch', 'numba', 'pettingzoo', 'stable_baselines3'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "", done.stderr


def test_what_the_guide_shows_runs(capsys):
    text = (ROOT / "docs" / "curriculum.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile("\n".join(blocks), "curriculum.md", "exec"), {})
    result, told, asked = capsys.readouterr().out.splitlines()
    assert "'gravity'" in result
    assert told == "100.0"
    assert float(asked) >= 104


@pytest.mark.parametrize("wrapper", [CurriculumWrapper, ParallelCurriculum])
def test_the_guide_tells_all_options(wrapper):
    text = (ROOT / "docs" / "curriculum.md").read_text(encoding="utf-8")
    for name, parameter in inspect.signature(wrapper).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert f"`{name}`" in text or f"`{name}=" in text, name
