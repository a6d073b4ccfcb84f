"""Tasks and the spaces they come from.

`task.py` is one task, `parameters.py` the kinds of parameters, `rules.py` what ties parameters together, `space.py` the
space: it makes tasks, checks them, changes them, and maps them to and from the unit cube.
"""

from games.task.parameters import Categorical, Integer, Parameter, Real
from games.task.rules import Constraint, When
from games.task.space import TaskSpace
from games.task.task import Scalar, Task

__all__ = ["Categorical", "Constraint", "Integer", "Parameter", "Real", "Scalar", "Task", "TaskSpace", "When"]
