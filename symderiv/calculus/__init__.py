"""The general route: differentiating index formulas, every application a recorded step."""
