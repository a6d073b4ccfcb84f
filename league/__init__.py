"""Who meets whom, on which task: matchmakers, teachers, the driver, records and training runs.

Start with `driver.py` (how matches are played), then `play.py` (any list of matchups), `training.py` (the training loop) and
`store.py` (one folder, one SQLite file). `matchmakers/` choose opponents, `teachers/` choose tasks. Nothing is imported here:
take what you need from its module, so that a tournament of scripts need not wait for torch.
"""
