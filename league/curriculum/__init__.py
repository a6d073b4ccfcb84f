"""Teachers in anybody's training loop: environments that ask for a task at reset and tell what came of it.

`gymnasium.py` and `pettingzoo.py` wrap environments, `server.py` and `remote.py` stand between them and a teacher in another
process, `values.py` hands in what a learner's value estimates say. The wrappers of PettingZoo are imported from their own
module, for those who use them.
"""

from league.curriculum.files import load, save
from league.curriculum.gymnasium import CurriculumWrapper
from league.curriculum.lesson import as_option
from league.curriculum.remote import RemoteTeacher
from league.curriculum.server import TeacherServer
from league.curriculum.values import ValueTeller, value_statistics
from league.curriculum.wire import CurriculumError

__all__ = [
    "CurriculumError",
    "CurriculumWrapper",
    "RemoteTeacher",
    "TeacherServer",
    "ValueTeller",
    "as_option",
    "load",
    "save",
    "value_statistics",
]
