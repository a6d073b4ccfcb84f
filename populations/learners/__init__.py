"""How agents learn: the contract, what is learned from, and the algorithms.

An algorithm's code (`populations.learners.ppo`) is imported by those who train; here are its settings, which configuration
checks without waiting for torch.
"""

from populations.learners.learner import Learner
from populations.learners.off_policy_settings import Critic, MADDPGSettings, Replay, SACSettings
from populations.learners.ppo_settings import Magnet, PPOSettings
from populations.learners.schedule import Schedule
from populations.learners.trajectories import CUT, ENDED, PENDING, Ahead, Trajectories

__all__ = [
    "Ahead",
    "CUT",
    "Critic",
    "ENDED",
    "Learner",
    "MADDPGSettings",
    "Magnet",
    "PENDING",
    "PPOSettings",
    "Replay",
    "SACSettings",
    "Schedule",
    "Trajectories",
]
