"""Reports: what a run's folder holds, as one HTML page that needs nothing else."""

from arena.report.report import write_report

__all__ = ["write_report"]
