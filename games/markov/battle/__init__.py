"""Adversarial battle: two symmetric teams, who kill only together. EPC's competitive game."""

from games.markov.battle.game import BattleGame

__all__ = ["BattleGame"]
