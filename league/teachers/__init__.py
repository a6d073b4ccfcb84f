"""Which tasks are played. A teacher proposes tasks (`ask`) and is told what came of them (`tell`).

`teacher.py` is the contract. A new teacher is one file with a class that fulfils it, most easily a `CubeTeacher` (`cube.py`),
and one line in `_CLASSES`; packages register theirs under the entry point group `arena.teachers`.
"""

from collections.abc import Callable

from league.registry import Registry
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.fixed import Fixed
from league.teachers.measure import Measure
from league.teachers.teacher import Forgets, Proposal, Result, Sketches, Teacher, ValueStatistics
from league.teachers.uniform import Uniform

__all__ = [
    "CubeTeacher",
    "Draw",
    "Fixed",
    "Forgets",
    "Measure",
    "Proposal",
    "Result",
    "Sketches",
    "Teacher",
    "Told",
    "Uniform",
    "ValueStatistics",
    "teachers",
]

_CLASSES: dict[str, Callable[..., Teacher] | str] = {
    "accel": "league.teachers.accel:Accel",
    "adr": "league.teachers.adr:Adr",
    "alp_gmm": "league.teachers.alp_gmm:AlpGmm",
    "bandit": "league.teachers.bandit:Bandit",
    "box": "league.teachers.box:Box",
    "covar_gmm": "league.teachers.covar_gmm:CovarGmm",
    "edge": "league.teachers.edge:Edge",
    "fixed": Fixed,
    "goal_gan": "league.teachers.goal_gan:GoalGAN",
    "iwocs": "league.teachers.iwocs:Iwocs",
    "learning_progress": "league.teachers.learning_progress:LearningProgress",
    "mixture": "league.teachers.mixture:Mixture",
    "oracle": "league.teachers.oracle:Oracle",
    "paired": "league.teachers.paired:Paired",
    "pairs": "league.teachers.pairs:Pairs",
    "per_learner": "league.teachers.per_learner:PerLearner",
    "plr": "league.teachers.plr:Plr",
    "riac": "league.teachers.riac:Riac",
    "self_paced": "league.teachers.self_paced:SelfPaced",
    "setter_solver": "league.teachers.setter_solver:SetterSolver",
    "sfl": "league.teachers.sfl:Sfl",
    "syllabus": "league.teachers.syllabus:Syllabus",
    "uniform": Uniform,
    "xland": "league.teachers.xland:Xland",
}

teachers: Registry[Teacher] = Registry("teacher", "arena.teachers", _CLASSES)
"""Teachers by name: `teachers.make("fixed", game.task_space, 0, options={"tasks": [{"size": 5}]})`."""
