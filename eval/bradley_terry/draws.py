"""How draws enter: half a win for each side, or a third outcome with a probability of its own.

A rule is a likelihood of three outcomes (win, draw and loss of the first agent) given delta, the difference of strengths in
log-odds, and perhaps a parameter h that is fitted with the rest. All rules are concave in (delta, h).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from eval.bradley_terry.ratings import ELO, Draws, Estimate

__all__ = ["RULES", "DrawRule"]

Array = NDArray[np.float64]


class DrawRule(Protocol):
    """The likelihood of an outcome. Arrays [P, 3] hold win, draw and loss of the first agent of each pair.

    Slopes keep their precision where an outcome is next to certain: only so does a maximum at infinity show as one.
    """

    fitted: bool
    """Whether the rule has a parameter."""

    def start(self, share: float) -> float:
        """Return h where agents of equal strength draw this share of their games."""

    def log_probability(self, delta: Array, h: float) -> Array:
        """Return [P, 3] natural logarithms; -inf everywhere for an h that cannot be."""

    def slopes(self, delta: Array, h: float) -> tuple[Array, Array]:
        """Return [P, 3] the derivatives of `log_probability` by delta and by h."""

    def curvature(self, delta: Array, h: float, counts: Array) -> tuple[Array, Array, Array]:
        """Return [P] minus the second derivatives, times counts [P, 3] and summed: delta delta, delta h, h h."""

    def shown(self, h: float, error: float) -> Estimate | None:
        """Return the parameter as its users know it."""


class Half:
    """A draw is half a win and half a loss: not a probability, but it needs no model of draws to rank well."""

    fitted = False

    def start(self, share: float) -> float:
        return 0.0

    def log_probability(self, delta: Array, h: float) -> Array:
        win, loss = log_expit(delta), log_expit(-delta)
        return np.stack([win, (win + loss) / 2.0, loss], axis=1)

    def slopes(self, delta: Array, h: float) -> tuple[Array, Array]:
        win, loss = expit(delta), expit(-delta)
        by_delta = np.stack([loss, (loss - win) / 2.0, -win], axis=1)
        return by_delta, np.zeros_like(by_delta)

    def curvature(self, delta: Array, h: float, counts: Array) -> tuple[Array, Array, Array]:
        zero = np.zeros_like(delta)
        return counts.sum(axis=1) * expit(delta) * expit(-delta), zero, zero

    def shown(self, h: float, error: float) -> Estimate | None:
        return None


class RaoKupper:
    """A difference within a threshold h is a draw: P(win) = sigma(delta - h), P(loss) = sigma(-delta - h).

    Source: Rao and Kupper, "Ties in paired-comparison experiments", J. Am. Stat. Assoc. 1967; BayesElo's `drawelo` is h in
    Elo. A draw's likelihood is that of a win times that of a loss times exp(2h) - 1, hence the short derivatives.
    """

    fitted = True

    def start(self, share: float) -> float:
        return float(2.0 * np.arctanh(share))

    def log_probability(self, delta: Array, h: float) -> Array:
        if h <= 0.0:
            return np.full((len(delta), 3), -np.inf)
        win, loss = log_expit(delta - h), log_expit(-delta - h)
        return np.stack([win, win + loss + np.log(np.expm1(2.0 * h)), loss], axis=1)

    def slopes(self, delta: Array, h: float) -> tuple[Array, Array]:
        not_win, not_loss = expit(h - delta), expit(h + delta)
        by_delta = np.stack([not_win, not_win - not_loss, -not_loss], axis=1)
        between = 2.0 / -np.expm1(-2.0 * h) - not_win - not_loss
        return by_delta, np.stack([-not_win, between, -not_loss], axis=1)

    def curvature(self, delta: Array, h: float, counts: Array) -> tuple[Array, Array, Array]:
        win, draw, loss = counts.T
        up = (win + draw) * expit(delta - h) * expit(h - delta)
        down = (loss + draw) * expit(-delta - h) * expit(h + delta)
        return up + down, down - up, up + down + draw / np.sinh(h) ** 2

    def shown(self, h: float, error: float) -> Estimate | None:
        return Estimate(float(ELO * h), float(ELO * error))


class Davidson:
    """A draw has the weight nu times the geometric mean of a win's and a loss's; h is ln nu.

    Source: Davidson, "On extending the Bradley-Terry model to accommodate ties", J. Am. Stat. Assoc. 1970.
    """

    fitted = True

    def start(self, share: float) -> float:
        return float(np.log(2.0 * share / (1.0 - share)))

    def log_probability(self, delta: Array, h: float) -> Array:
        weight = np.stack([delta / 2.0, np.full_like(delta, h), -delta / 2.0], axis=1)
        return weight - np.logaddexp.reduce(weight, axis=1)[:, None]

    def slopes(self, delta: Array, h: float) -> tuple[Array, Array]:
        win, draw, loss = np.exp(self.log_probability(delta, h)).T
        by_delta = np.stack([loss + draw / 2.0, (loss - win) / 2.0, -win - draw / 2.0], axis=1)
        return by_delta, np.stack([-draw, win + loss, -draw], axis=1)

    def curvature(self, delta: Array, h: float, counts: Array) -> tuple[Array, Array, Array]:
        win, draw, loss = np.exp(self.log_probability(delta, h)).T
        games, mean = counts.sum(axis=1), (win - loss) / 2.0
        return games * ((win + loss) / 4.0 - mean**2), -games * mean * draw, games * draw * (1.0 - draw)

    def shown(self, h: float, error: float) -> Estimate | None:
        return Estimate(float(np.exp(h)), float(np.exp(h)) * error)


RULES: dict[Draws, DrawRule] = {"half": Half(), "rao-kupper": RaoKupper(), "davidson": Davidson()}
