"""The time that is written into a file: none of its own, so that two runs give the same bytes."""

from __future__ import annotations

import os


def given_time() -> int | None:
    """The seconds of SOURCE_DATE_EPOCH; None where it is not set, or is no number."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
