import subprocess
import sys

from games import compiled
from games.markov.resource import kernels

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from ours.rules import pay
print(pay(1), sum(pay.stats.cache_hits.values()))
"""


def test_sources_are_the_module_and_all_that_it_imports():
    names = {path.name for path in compiled.sources(kernels.__name__)}

    assert {"kernels.py", "rules.py", "nash.py", "particles.py", "randomness.py"} <= names
    assert "vector.py" not in names  # imports the kernels, and is not imported by them


def test_a_kernel_is_fresh_only_while_its_imports_are_unchanged(tmp_path):
    package = tmp_path / "ours"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "rules.py").write_text(
        "from games.compiled import kernel\nfrom .numbers import PRICE\n\n@kernel\ndef pay(n):\n    return n * PRICE\n"
    )

    def run():
        program = PROGRAM.format(folder=str(tmp_path))
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()

    (package / "numbers.py").write_text("PRICE = 30\n")
    assert run() == ["30", "0"]
    assert run() == ["30", "1"]
    (package / "numbers.py").write_text("PRICE = 4_000\n")
    assert run() == ["4000", "0"]
