"""The front door: commands, configuration, reports."""
