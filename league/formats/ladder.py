"""Ladder: in every round groups of about the same rating meet, as many as the game has sides, everybody equally often."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from games.errors import InputError
from league.formats.format import Field, Pair, Played, Results, Verdict
from league.match import match_seed

__all__ = ["Ladder"]

_SPREAD = 200.0  # how far chance may move agents against each other when groups are formed, in Elo
_GAIN = 64.0  # Elo for a pair in which all was won that could not be


class Ladder:
    """Groups of about the same rating meet, in games of any number of sides.

    In each round the agents, as many as fill all groups, are put in the order of their ratings, moved by chance against each
    other by up to 200 Elo so that neighbours change, and cut into groups. Those who played least take part. After the
    round everyone gains what it scored against each of its group beyond what Elo's formula expected, times a constant
    (Elo, "The Rating of Chessplayers", 1978; groups count as duels of every two). These ratings only form groups: quote
    those of the leaderboard.

    Args:
        rounds: None never ends by itself.
        pairs_per_round: pairs of every group in a round.

    Raises:
        InputError: for less than one round or pair.
    """

    def __init__(self, *, rounds: int | None = 50, pairs_per_round: int = 1) -> None:
        if rounds is not None and rounds < 1:
            raise InputError(f"rounds of a ladder must be at least 1, not {rounds}")
        if pairs_per_round < 1:
            raise InputError(f"pairs_per_round of a ladder must be at least 1, not {pairs_per_round}")
        self.rounds, self.pairs_per_round = rounds, pairs_per_round

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return the pairs of round after round, with a wait after each; see `Format`."""
        field.need_opponents("a ladder")
        return self._pairs(field, results)

    def _pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        size = min(field.sides, len(field.agents))
        rating, rounds = dict.fromkeys(field.agents, 0.0), dict.fromkeys(field.agents, 0)
        asked = turn = 0
        while turn != self.rounds:
            chance = {a: match_seed("ladder", field.seed, turn, a) for a in field.agents}
            able = sorted(field.agents, key=lambda a: (rounds[a], chance[a]))[: len(field.agents) // size * size]
            able.sort(key=lambda a: rating[a] + _SPREAD * chance[a] / 2**63, reverse=True)
            groups = [tuple(able[k : k + size]) for k in range(0, len(able), size)]
            for k in range(self.pairs_per_round):
                shift = k % size  # who begins takes turns
                yield from (Pair(turn, group[shift:] + group[:shift]) for group in groups)
            yield None
            end = asked + self.pairs_per_round * len(groups)
            _rate(rating, [results.played[number] for number in range(asked, end)])
            for agent in able:
                rounds[agent] += 1
            asked, turn = end, turn + 1

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return the ladder: the ratings that would form the next groups."""
        rating, rounds = dict.fromkeys(field.agents, 0.0), dict.fromkeys(field.agents, 0)
        played: dict[int, list[Played]] = {}
        for one in results:
            played.setdefault(one.pair.round, []).append(one)
        for turn in sorted(played):
            _rate(rating, played[turn])
            for agent in {agent for one in played[turn] for agent in one.pair.group}:
                rounds[agent] += 1
        order = tuple(sorted(field.agents, key=lambda agent: -rating[agent]))
        return Verdict(
            order=order,
            columns=("ladder", "rounds"),
            rows=tuple((round(rating[agent]), rounds[agent]) for agent in order),
            sentences=(
                "The ladder's own ratings form its groups, in the order of play: quote those of the leaderboard.",
            ),
        )


def _rate(rating: dict[str, float], played: list[Played]) -> None:
    """Change ratings by what came of a round."""
    gain = dict.fromkeys(rating, 0.0)
    for pair, games, _ in played:
        for (k, agent), (other, opponent) in permutations(enumerate(pair.group), 2):
            own = sum(0.5 + 0.5 * ((s[k] > s[other]) - (s[k] < s[other])) for s in games) / len(games)
            expected = 1.0 / (1.0 + 10.0 ** ((rating[opponent] - rating[agent]) / 400.0))
            gain[agent] += _GAIN * (own - expected) / (len(pair.group) - 1)
    for agent, more in gain.items():
        rating[agent] += more
