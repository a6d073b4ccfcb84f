import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arena.cli import main

KUHN = """\
game: openspiel/kuhn_poker
seed: 3
steps: 3_000
slots: 32
fragment: 8
snapshot_every: 1_000
learners:
  main:
    kind: ppo
    network: {hidden: [16]}
    settings:
      epochs: 1
      minibatches: 1
opponents: [random]
evaluation: {opponents: [random], matches: 20, nash_conv: true}
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The only document on stdout; NaN and infinities are no JSON."""
        return json.loads(self.out, parse_constant=_refuse)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line, parse_constant=_refuse) for line in self.out.splitlines()]


def _refuse(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


@pytest.fixture
def arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Result(int(exit_.value.code or 0), out, err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command in a process of its own, in an empty folder."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "arena", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        child = subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **pipes, **options)  # type: ignore[call-overload]
        started.append(child)
        return child

    yield start  # type: ignore[misc]
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


@pytest.fixture
def kuhn(tmp_path: Path) -> Path:
    """A small configuration."""
    path = tmp_path / "kuhn.yaml"
    path.write_text(KUHN)
    return path


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "kuhn.yaml").write_text(KUHN)
    with pytest.raises(SystemExit) as exit_:
        main(["train", str(folder / "kuhn.yaml"), "--run", str(folder / "run")])
    assert not exit_.value.code
    return folder / "run"


@pytest.fixture
def trained(_trained: Path, tmp_path: Path) -> Path:
    """A finished run of that configuration, which a test may do to as it likes."""
    return Path(shutil.copytree(_trained, tmp_path / "run"))
