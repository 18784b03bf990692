"""Oracles that share nothing with the two routes they judge."""
