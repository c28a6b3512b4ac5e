"""How far long work is, for whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a word for the part, how much of it is done, and of how much."""


def quiet(part: str, done: int, total: int) -> None:
    """Show no progress."""
