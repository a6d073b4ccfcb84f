"""How agents learn: the contract, what is learned from, and the algorithms.

An algorithm's code (`populations.learners.ppo`) is imported by those who train; here are its settings, which configuration
checks without waiting for torch.
"""

from populations.learners.learner import Learner
from populations.learners.ppo_settings import Magnet, PPOSettings
from populations.learners.schedule import Schedule
from populations.learners.trajectories import CUT, ENDED, PENDING, Ahead, Trajectories

__all__ = ["CUT", "ENDED", "PENDING", "Ahead", "Learner", "Magnet", "PPOSettings", "Schedule", "Trajectories"]
