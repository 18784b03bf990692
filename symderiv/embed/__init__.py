"""Derivations inside documents: markers found with exact spans, planned, and written in one go.

The room knows neither layers nor formats of derivations: what a directive asks for comes from a function.
"""
