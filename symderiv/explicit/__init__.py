"""The SymPy route: symbolic matrices I, W, b, O and derivatives of what contains an entry."""
