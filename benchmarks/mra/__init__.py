"""Population generalisation: the same protocol for all methods. Entries are `benchmarks/mra_resource.py` and its kin."""

from benchmarks.mra.measure import measured
from benchmarks.mra.methods import METHODS, train
from benchmarks.mra.report import picture, summary, table

__all__ = ["METHODS", "measured", "picture", "summary", "table", "train"]
