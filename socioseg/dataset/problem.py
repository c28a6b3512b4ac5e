"""What `verify` finds."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """A broken promise: in which file, at which row (its id, "" for the file), and what."""

    file: str
    row: str
    what: str

    def __str__(self) -> str:
        """One line for people."""
        where = f"{self.file}, {self.row}" if self.row else self.file
        return f"{where}: {self.what}"
