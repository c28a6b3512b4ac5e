"""What happened on the way from a text to its items."""

from __future__ import annotations

MAX_NOTES = 100
"""More things left out than this are counted, not told: notes end up in a log."""


class Notes:
    """Collects what was left out and what was mended."""

    def __init__(self) -> None:
        self._dropped: list[str] = []
        self._more = 0
        self._repairs: dict[str, None] = {}

    def drop(self, place: str, why: str) -> None:
        """Say that what stood at `place` is left out."""
        if len(self._dropped) < MAX_NOTES:
            self._dropped.append(f"{place}: {why}")
        else:
            self._more += 1

    def repair(self, words: str) -> None:
        """Say what was mended; once is enough."""
        self._repairs[words] = None

    @property
    def dropped(self) -> tuple[str, ...]:
        """All that was left out."""
        return (*self._dropped, *([f"and {self._more} more"] if self._more else []))

    @property
    def repairs(self) -> tuple[str, ...]:
        """All that was mended, in the order in which it first happened."""
        return tuple(self._repairs)


def shown(value: object) -> str:
    """The beginning of `value`, for a reason; short whatever it is."""
    if isinstance(value, list | dict | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    text = ascii(value[:20] if isinstance(value, str) else value) if _small(value) else "a number"
    return text if len(text) <= 24 else f"{text[:24]}..."


def _small(value: object) -> bool:
    """Whether it is cheap to write out; an int of thousands of digits is not, and may raise."""
    return not isinstance(value, int) or value.bit_length() <= 64
