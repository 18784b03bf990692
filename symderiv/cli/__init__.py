"""The command line. Heavy libraries are imported where they are used, so that --help is instant."""

import gc

# A run is short and makes next to no cycles: collecting a tenth as often saves a tenth of a small run.
gc.set_threshold(20_000, 20, 50)

from symderiv.cli.main import main  # noqa: E402

__all__ = ["main"]
