"""Who meets whom, on which task: matchmakers, teachers, the driver, records and training runs."""
