"""What the README shows works."""

import re
from pathlib import Path

from arena.config import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return found


def test_the_python_example_runs(capsys):
    exec(compile(block("python"), "README.md", "exec"), {})
    assert 0.9 < float(capsys.readouterr().out) <= 1.0


def test_the_configuration_is_one(tmp_path):
    (tmp_path / "example.yaml").write_text(block("yaml"))
    config, _ = load(tmp_path / "example.yaml")
    assert config.steps == 1_500_000


def test_every_linked_file_exists():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
