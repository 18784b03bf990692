"""Pictures of a layer's forward and backward pass as data; verify/ judges them, render/ draws them."""

from symderiv.picture.draw import draw

__all__ = ["draw"]
