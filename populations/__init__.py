"""Who plays and how they learn: agents, policies, networks, learners, snapshots.

Start with `policy.py` (the contract of everything that acts) and `agents/uri.py` (agents by name); `learners/` learn,
`networks/` are what they learn with, `snapshots.py` keeps them. Nothing is imported here: take what you need from its
module, so that those who need no torch do not wait for it.
"""
