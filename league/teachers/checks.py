"""What the options of teachers must be, and how it is said when they are not."""

from __future__ import annotations

from collections.abc import Sequence

from games import InputError

__all__ = ["require_choice", "require_least", "require_positive", "require_share"]


def require_least(teacher: str, **bounded: tuple[float, float]) -> None:
    """Raise `InputError` for an option that is below its bound; each is given as (value, bound)."""
    for option, (value, bound) in bounded.items():
        if value < bound:
            raise InputError(f"teacher {teacher!r}: {option} must be at least {bound}, not {value}")


def require_share(teacher: str, **shares: float) -> None:
    """Raise `InputError` for an option that is not from 0 to 1."""
    for option, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise InputError(f"teacher {teacher!r}: {option} must be from 0 to 1, not {share}")


def require_positive(teacher: str, **sizes: float) -> None:
    """Raise `InputError` for an option that is not above 0."""
    for option, size in sizes.items():
        if not size > 0.0:
            raise InputError(f"teacher {teacher!r}: {option} must be above 0, not {size}")


def require_choice(teacher: str, option: str, value: str, known: Sequence[str]) -> None:
    """Raise `InputError` for an option that is none of those known, of which there are two or more."""
    if value not in known:
        raise InputError(f"teacher {teacher!r}: {option} must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}")
