"""The output folder of a build: one build at a time, one recipe, resumable."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from socioseg.dataset.report import REPORT
from socioseg.errors import OutputError
from socioseg.files import WORK, is_there, output_errors, remove_parts, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "build.json"


def slug(text: str) -> str:
    """`text` as the name of a folder."""
    stem = Path(text).name.split(".")[0] if is_there(text) else text
    return re.sub(r"[^\w.-]+", "-", stem)[:100].strip("-.").lower() or "region"


@contextmanager
def open_output(root: Path, fingerprint: str) -> Iterator[Path]:
    """Lock `root` for the build that `fingerprint` names; yields its work folder.

    Raises
    ------
    OutputError
        If it cannot be written, holds something else, or another process builds there.
    """
    work = root / WORK
    if found_build(root) not in {None, fingerprint}:
        raise OutputError(
            f"{root} was made with another recipe or other inputs; choose another --out or "
            "delete that folder."
        )
    with output_errors(root):
        work.mkdir(parents=True, exist_ok=True)
        lock = (work / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{root}: another build is writing there; wait for it.") from error
        remove_parts(root)
        write_json(work / _MARK, {"fingerprint": fingerprint})
        yield work


def remove_work(root: Path) -> None:
    """Delete the work folder of a finished build."""
    with output_errors(root):
        shutil.rmtree(root / WORK)


def found_build(root: Path) -> str | None:
    """Fingerprint of the build that was begun in `root`; None where none was.

    Raises
    ------
    OutputError
        If `root` is a file, holds something else, or can be seen not to be writable.
    """
    with output_errors(root):
        if root.exists() and not root.is_dir():
            raise OutputError(f"{root} is a file; choose a folder with --out.")
        _check_writable(root)
        names = {path.name for path in root.iterdir()} if root.exists() else set()
    found = _fingerprint(root / WORK / _MARK) or _fingerprint(root / REPORT)
    if found is None and not names <= {WORK}:  # else new, or killed before it was marked
        raise OutputError(f"{root} holds files that are not a build's; choose another --out.")
    return found


def _check_writable(root: Path) -> None:
    """Raise what the system will say when `root` is written."""
    there = next(path for path in (root, *root.absolute().parents) if path.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _fingerprint(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_bytes())["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
