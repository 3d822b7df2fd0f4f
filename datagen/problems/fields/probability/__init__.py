"""Probability: dice, cards, urns, conditions, expectations, distributions."""
