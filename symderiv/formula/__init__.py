"""Formulas over index notation: nodes, what is legal, evaluation, the one-line notation."""
