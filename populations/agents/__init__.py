"""Agents by name: `load_agent` understands the URIs that name them everywhere, `list_agents` says which there are."""

from populations.agents.uri import list_agents, load_agent

__all__ = ["list_agents", "load_agent"]
