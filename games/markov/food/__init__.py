"""Food collection: agents spread over as many foods. EPC's cooperative game."""

from games.markov.food.game import FoodGame

__all__ = ["FoodGame"]
