"""What is wrong with a user's own templates, told with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from symderiv.model import SymderivError


def refuse_no_templates(folder: Path, shipped: Path) -> None:
    """Refuse a folder none of whose files would be used.

    Raises:
        SymderivError: it has no file with the name of a shipped template.
    """
    if not any((folder / t.relative_to(shipped)).is_file() for t in shipped.rglob("*") if t.is_file()):
        raise SymderivError(
            f"--template-dir {folder}: it has none of the templates (such as base/setting.j2). "
            f"'symderiv templates --export DIR' writes them out."
        )


@contextmanager
def faults_named(folder: Path | None) -> Iterator[None]:
    """Turn a fault in a template of the user's folder into one line; any other is ours and stays.

    Raises:
        SymderivError: names the file and the line.
    """
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    try:
        yield
    except SymderivError:
        raise
    except TemplateSyntaxError as error:
        if folder is None or not _inside(error.filename, folder):
            raise
        raise _fault(error.filename, error.lineno, error.message) from error
    except Exception as error:
        place = _place(error.__traceback__, folder)
        if place is None:
            raise
        if isinstance(error, TemplateNotFound):
            raise _fault(*place, f"there is no template {error.name}") from error
        if isinstance(error, UnicodeDecodeError):
            raise _fault(*place, "a template that this line asks for is not in UTF-8") from error
        raise _fault(*place, f"{type(error).__name__}: {error}") from error


def _fault(file: str | None, line: int, what: str | None) -> SymderivError:
    first = (what or "not a template").splitlines()[0][:200].rstrip(".")
    return SymderivError(f"{file}:{line}: {first}. This template is yours (--template-dir).")


def _inside(file: str | None, folder: Path) -> bool:
    return file is not None and Path(file).resolve().is_relative_to(folder.resolve())


def _place(trace: TracebackType | None, folder: Path | None) -> tuple[str, int] | None:
    """File and line of the innermost template on the way to the fault, if it is the user's."""
    from traceback import walk_tb

    found = [(frame.f_code.co_filename, line) for frame, line in walk_tb(trace) if frame.f_code.co_filename.endswith(".j2")]
    if folder is None or not found or not _inside(found[-1][0], folder):
        return None
    return found[-1]
