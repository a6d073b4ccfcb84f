"""The front door: commands, configuration, reports.

Start with `cli.py`; `commands/` has one file a command, `config.py` the shape of a configuration, `build.py` makes a training
run of it, `standings.py` turns records into leaderboards, `report/` into pages.
"""
