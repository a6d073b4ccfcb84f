"""Measurements of speed and of learning; `python -m benchmarks` lists them."""
