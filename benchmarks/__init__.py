"""Measurements of speed and of learning; `python -m benchmarks` lists them.

One file a benchmark: the first line of its docstring is what the list says, and `run(quick) -> dict` gives its figures,
with units in the names. `harness.py` has what they share.
"""
