"""The subcommands of `arena`, one file each. Their modules import nothing heavy: what a command needs, it imports itself."""

from collections.abc import Callable

from arena.commands.agents import agents
from arena.commands.check import check
from arena.commands.demo import demo
from arena.commands.epc import epc
from arena.commands.evaluate import evaluate
from arena.commands.export import export
from arena.commands.games import games
from arena.commands.league import league
from arena.commands.play import play
from arena.commands.replay import replay
from arena.commands.report import report
from arena.commands.teachers import teachers
from arena.commands.tournament import tournament
from arena.commands.train import train

__all__ = ["COMMANDS", "check"]

COMMANDS: dict[str, Callable[..., None]] = {
    "games": games,
    "agents": agents,
    "teachers": teachers,
    "play": play,
    "tournament": tournament,
    "train": train,
    "epc": epc,
    "league": league,
    "evaluate": evaluate,
    "report": report,
    "export": export,
    "replay": replay,
    "demo": demo,
}
