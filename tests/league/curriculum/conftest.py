import sys
from pathlib import Path

import pytest

from league.teachers import Uniform

sys.path.insert(0, str(Path(__file__).parent))  # spawned processes import `corridor` from here

from corridor import SPACE


class Recorder(Uniform):
    """Uniform, and keeps what it was told."""

    def __init__(self, space=SPACE, seed=0):
        super().__init__(space, seed)
        self.proposals, self.results = [], []

    def ask(self, n, learner=""):
        made = super().ask(n, learner)
        self.proposals += [(learner, p) for p in made]
        return made

    def tell(self, result):
        super().tell(result)
        self.results.append(result)


@pytest.fixture
def teacher():
    return Recorder()
