"""The report's folder: whole when it appears, and never in the place of other things."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from socioseg.errors import OutputError
from socioseg.files import PART, output_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE, DATA, IMAGES = "index.html", "data.js", "images"
SCORES = "scores.json"
ASSETS = ("page.css", "theme.js", "draw.js", "filter.js", "detail.js", "gallery.js")
TABLES = {"md": "table.md", "latex": "table.tex", "csv": "table.csv"}
_OURS = {PAGE, DATA, IMAGES, SCORES, *ASSETS, *TABLES.values()}


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Yield a folder beside `out` to write to; it takes the place of `out` when the body ends.

    If the body raises, `out` stays as it was.

    Raises
    ------
    OutputError
        If `out` is a file or holds anything but a report, or cannot be written.
    """
    check_folder(out)
    target = out.resolve()
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    with output_errors(out):
        try:
            (part / IMAGES).mkdir(parents=True)
            yield part
            _replace(target, part)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def check_folder(out: Path) -> None:
    """Refuse a folder that holds anything but a report.

    Raises
    ------
    OutputError
        Naming what it holds.
    """
    with output_errors(out):
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file; choose another --out.")
        names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if names and (not {PAGE, DATA} <= names or names - _OURS):
        other = sorted(names - _OURS) or sorted(names)
        raise OutputError(f"{out} holds {other[0]}, which is no report's; choose another --out.")


def _replace(out: Path, part: Path) -> None:
    """Put `part` at `out`; what was there goes only when the new one is in its place."""
    old = part.with_name(f"{part.name}.old{PART}")
    if out.exists():
        out.replace(old)
    try:
        part.replace(out)
    except OSError:
        if old.exists():
            old.replace(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
