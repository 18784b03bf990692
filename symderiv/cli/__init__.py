"""The command line. Heavy libraries are imported where they are used, so that --help is instant."""

import atexit
import gc

# A run is short and makes next to no cycles: collecting a tenth as often saves a tenth of a small run.
gc.set_threshold(20_000, 20, 50)
# The system takes the memory back at the end: looking through all of it for cycles before takes a third of SymPy's import.
atexit.register(gc.freeze)

from symderiv.cli.main import main  # noqa: E402

__all__ = ["main"]
