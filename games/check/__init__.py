"""The shipped conformance checker: does a game keep the contract of `games.game`, on real steps?

`check_game(game)` plays random legal matches and returns one finding a promise, in sentences for the game's author.
"""

from games.check.checker import Finding, check_game

__all__ = ["Finding", "check_game"]
