"""What is played: the contract, the registry of names, our own engines and the adapters to other people's games.

A game knows rules and no agent. Start with `game.py` (the whole contract) and `markov/resource/` (the engine that all
others copy); `make("markov/resource-v0")` finds a game by its name.
"""

from games.at_most import at_most
from games.errors import InputError
from games.game import ActionLayout, Comparison, Game, Limits, Seat, Step, VectorGame
from games.registry import make, names
from games.task import Categorical, Constraint, Integer, Parameter, Real, Scalar, Task, TaskSpace, When

__all__ = [
    "ActionLayout",
    "Categorical",
    "Comparison",
    "Constraint",
    "Game",
    "InputError",
    "Integer",
    "Limits",
    "Parameter",
    "Real",
    "Scalar",
    "Seat",
    "Step",
    "Task",
    "TaskSpace",
    "VectorGame",
    "When",
    "at_most",
    "make",
    "names",
]
