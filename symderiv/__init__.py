"""symderiv: the backward pass of a layer, derived step by step, verified, written like good notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symderiv.api import Derived, derive
    from symderiv.layers import own

__version__ = "0.1.0"
__all__ = ["Derived", "derive", "own"]


def __getattr__(name: str) -> Any:
    """``derive``, ``own`` and the layers, imported when first used."""
    if name in ("derive", "Derived"):
        from symderiv.api import Derived, derive

        return {"derive": derive, "Derived": Derived}[name]
    from symderiv.layers import LAYERS, own

    if name in LAYERS:
        return LAYERS[name]
    if name == "own":
        return own
    raise AttributeError(f"module 'symderiv' has no attribute {name!r}")
