"""What a person chooses about the look of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FORMATS: Mapping[str, str] = {
    "text": "text", "json": "json_report", "markdown": "markdown", "html": "html", "sarif": "sarif",
    "github": "github", "csv": "csv_rows",
}
"""Each format and the module of this room that prints it."""


@dataclass(frozen=True)
class ReportOptions:
    """The options of a report; the defaults are those of the command line."""

    format: str = "text"
    lang: Literal["en", "zh"] = "en"
    colour: bool = False
    width: int = 100
    """Columns of a line of the terminal; source lines are cut to it so that carets stay in place."""
    several: bool = False
    """Folders or several files were asked for: a table over the files, and a list in JSON."""
    version: str = "0"
    """Of the program, where a format names it."""
