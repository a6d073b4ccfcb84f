"""The latent part of meta-representation agents, which every learner of theirs shares, whatever optimises their returns.

A network with a `RelationSpec` (`populations.networks`) knows K relation graphs. `policy.py` draws one per agent and match and
plays by it; `information.py` measures how much actions depend on it; `objective.py` moves the graphs apart and ties them to
games. `settings.py` holds the options and is all that is imported here: configuration must not wait for torch.

Zhang, Shen, Han and Shen, "Learning Meta Representations for Agents in Multi-Agent Reinforcement Learning", arXiv 2108.12988.
"""

from populations.mra.settings import Critic, Diversity

__all__ = ["Critic", "Diversity"]
