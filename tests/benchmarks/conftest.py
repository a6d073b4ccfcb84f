"""`benchmarks` is no part of the distribution: it is found beside the tests, not among what is installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
