"""Agents in processes of their own, in any language: `process:./bot --flag`.

`docs/protocol.md` tells authors of bots what is said. Here, `Command` and `Limits` are what the URI holds, `Bot` is one
running process under `supervisor.py`, which holds it to its limits and lets nothing of it survive, `handshake`, `requests`
and `answers` are the lines, and `ProcessPolicy` puts it all behind the contract of every policy.
"""

from populations.agents.process.bot import BotFailed
from populations.agents.process.command import Command
from populations.agents.process.limits import Limits
from populations.agents.process.policy import ProcessPolicy, Usage

__all__ = ["BotFailed", "Command", "Limits", "ProcessPolicy", "Usage"]
