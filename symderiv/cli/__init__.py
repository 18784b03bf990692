"""The command line. Heavy libraries are imported where they are used, so that --help is instant."""

from symderiv.cli.main import main

__all__ = ["main"]
