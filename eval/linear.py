"""Linear programs, by scipy's HiGHS."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

__all__ = ["linear_program"]


def linear_program(cost: ArrayLike, **problem: Any) -> Any:
    """Return scipy's result of the program that minimises cost @ x.

    Args:
        cost: [n].
        problem: `A_ub`, `b_ub`, `A_eq`, `b_eq` and `bounds`, as `scipy.optimize.linprog` takes them.

    Raises:
        ValueError: when there is no solution.
    """
    from scipy.optimize import linprog  # takes a while to load, and few commands need it

    for presolve in (True, False):  # with badly scaled programs the simplified one now and then fails alone
        found = linprog(cost, method="highs", options={"presolve": presolve}, **problem)
        if found.success:
            return found
    raise ValueError(f"the linear program has no solution: {found.message}")
