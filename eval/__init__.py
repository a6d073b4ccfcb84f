"""How good: pure measures over outcomes. Takes arrays and gives numbers with their uncertainty; knows no game, agent or file."""
