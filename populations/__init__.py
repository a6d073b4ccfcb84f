"""Who plays and how they learn: agents, policies, networks, learners, snapshots."""
