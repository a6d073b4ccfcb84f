"""Peers in a process of their own, perhaps with another Python (`ARENA_PEER_PYTHON`): their pins differ from ours."""
