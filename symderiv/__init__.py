"""symderiv: the backward pass of a layer, derived step by step, verified, written like good notes.

    from symderiv import conv2d, derive
    d = derive(conv2d(input=(3, 3), kernel=(2, 2)))
    d.gradient("I")[1, 2]
    print(d.to_markdown())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symderiv.api import derive
    from symderiv.derived import Derived, GradientView
    from symderiv.explicit.reader import read_expr
    from symderiv.layers import (
        avg_pool1d,
        avg_pool2d,
        avg_pool3d,
        conv1d,
        conv2d,
        conv3d,
        max_pool1d,
        max_pool2d,
        max_pool3d,
        own,
    )
    from symderiv.model import Layer, SymderivError

__version__ = "0.1.0"
__all__ = [
    "Derived", "GradientView", "Layer", "SymderivError", "avg_pool1d", "avg_pool2d", "avg_pool3d", "conv1d", "conv2d",
    "conv3d", "derive", "max_pool1d", "max_pool2d", "max_pool3d", "own",
    "read_expr",
]
_HOME = {
    "derive": "symderiv.api", "Derived": "symderiv.derived", "GradientView": "symderiv.derived",
    "Layer": "symderiv.model", "SymderivError": "symderiv.model",
    "read_expr": "symderiv.explicit.reader",
}


def __getattr__(name: str) -> Any:
    """Whatever ``__all__`` names, imported when it is first used, so that ``import symderiv`` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'symderiv' has no attribute {name!r}")
    found = getattr(import_module(_HOME.get(name, "symderiv.layers")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
