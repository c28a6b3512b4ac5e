"""A reader of JSON as language models write it: never raises, one pass, mends what it can."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socioseg.models.answers.notes import Notes
    from socioseg.models.answers.values import Json

MAX_DEPTH = 32
"""Brackets within brackets; what lies deeper is passed over."""
_MAX_INT = 18
"""Digits; a longer whole number is read as a float."""

# Every alternative either matches what it has begun or fails at once (possessive quantifiers), so
# that the time is linear in the text.
_TOKEN = re.compile(
    r"""(?P<space>\s++)
    |(?P<open>[\[{(])
    |(?P<close>[\]})])
    |(?P<comma>[,;])
    |(?P<colon>:)
    |(?P<string>"(?:[^"\\]|\\.)*+"? | '(?:[^'\\]|\\.)*+'? | “[^”]*+”?)
    |(?P<number>[-+]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+(?![\w.]))
    |(?P<comment>//[^\n]*+)
    |(?P<word>[^\s\[\]{}(),;:"“]++)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_OPENER = re.compile(r"[\[{]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WORDS: dict[str, Json] = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
    "nan": math.nan,
    "infinity": math.inf,
    "-infinity": -math.inf,
    "inf": math.inf,
    "-inf": -math.inf,
}
_JSON_WORDS = {"true", "false", "null"}
_NOTHING = object()


class _Open(NamedTuple):
    """A list or an object that is not closed yet."""

    value: list[Json] | dict[str, Json]

    @property
    def is_dict(self) -> bool:
        return isinstance(self.value, dict)


def read_values(text: str, notes: Notes, *, closed: bool) -> list[Json]:
    """All lists and objects that stand in `text`, with whatever prose around them.

    Parameters
    ----------
    notes
        Is told what was mended.
    closed
        Whether the text ends where its writer meant it to; else a number, a word or a string that
        touches its end may be the first half of itself, and is left out.
    """
    reader = _Reader(notes)
    at = 0
    while opener := _OPENER.search(text, at):
        if "```" in text[at : opener.start()]:
            notes.repair("code fence")
        at = reader.read(text, opener.start(), closed=closed)
    return reader.values


def read_whole(text: str, notes: Notes) -> Json:
    """The one list or object that `text` is, tuples included; None where it is something else."""
    reader = _Reader(notes)
    if not text.startswith(("[", "(", "{")) or reader.read(text, 0, closed=True) < len(text):
        return None
    return reader.values[0]


class _Reader:
    def __init__(self, notes: Notes) -> None:
        self.values: list[Json] = []
        self._notes = notes
        self._stack: list[_Open] = []
        self._key: Json = _NOTHING  # of the innermost object, until its value comes
        self._colon = False
        self._comma = True  # whether a value may come next

    def read(self, text: str, at: int, *, closed: bool) -> int:
        """Read one list or object from `at`; returns where it ends."""
        for kind, token, end in _tokens(text, at):
            whole = end < len(text) or closed
            self._take(kind, token, whole=whole)
            if not self._stack:
                return end
        self._notes.repair("cut off")
        self._stack.clear()
        self._key, self._colon = _NOTHING, False
        return len(text)

    def _take(self, kind: str, token: str, *, whole: bool) -> None:
        if kind == "open":
            self._begin(token)
        elif kind == "close":
            self._end(token)
        elif kind == "comma":
            self._separate(token)
        elif kind == "colon":
            self._name()
        elif kind in {"string", "number", "word"} and (whole or _quoted(token)):
            self._put(self._scalar(kind, token))

    # -- containers

    def _begin(self, token: str) -> None:
        if token == "(":  # noqa: S105 - a bracket
            self._notes.repair("tuple")
        if len(self._stack) >= MAX_DEPTH:
            self._notes.repair("nested too deeply")
            return
        value: list[Json] | dict[str, Json] = {} if token == "{" else []  # noqa: S105
        if not self._stack:
            self.values.append(value)
        elif not self._put(value):
            return
        self._stack.append(_Open(value))
        self._key, self._colon, self._comma = _NOTHING, False, True

    def _end(self, token: str) -> None:
        is_dict = token == "}"  # noqa: S105
        depth = next(
            (i for i, open_ in enumerate(reversed(self._stack)) if open_.is_dict == is_dict), None
        )
        if depth is None:
            self._notes.repair("stray bracket")
            return
        if depth:
            self._notes.repair("missing bracket")
        if self._comma and self._stack[-1].value:
            self._notes.repair("trailing comma")
        self._close(depth + 1)

    def _close(self, count: int) -> None:
        if self._key is not _NOTHING:
            self._notes.repair("key without a value")
        del self._stack[-count:]
        self._key, self._colon, self._comma = _NOTHING, False, False

    # -- values

    def _put(self, value: Json) -> bool:
        """Give `value` to the innermost list or object; whether it was taken."""
        top = self._stack[-1].value
        if isinstance(top, dict) and self._key is _NOTHING:
            return self._key_or_stray(value)
        if not self._comma:
            self._notes.repair("missing comma")
        self._comma = False
        if isinstance(top, list):
            top.append(value)
            return True
        if not self._colon:
            self._notes.repair("missing colon")
        top[self._key] = value
        self._key, self._colon = _NOTHING, False
        return True

    def _key_or_stray(self, value: Json) -> bool:
        if isinstance(value, str):
            self._key = value
            if not self._comma:
                self._notes.repair("missing comma")
            self._comma = True
            return True
        if isinstance(value, dict) and self._stack[-1].value and len(self._stack) > 1:
            self._notes.repair("missing bracket")  # [{"a": 1, {"a": 2}]: the first was not closed
            self._close(1)
            self._comma = True
            return self._put(value)
        self._notes.repair("stray value")
        return False

    def _separate(self, token: str) -> None:
        if self._key is not _NOTHING:
            self._notes.repair("key without a value")
            self._key, self._colon = _NOTHING, False
        elif self._comma:
            self._notes.repair("extra comma")
        if token != ",":  # noqa: S105
            self._notes.repair("semicolon")
        self._comma = True

    def _name(self) -> None:
        """A colon: the text before it is a key, even where a list around it was not closed."""
        top = self._stack[-1].value
        if self._key is not _NOTHING:
            self._colon = True
            return
        depth = next((i for i, open_ in enumerate(reversed(self._stack)) if open_.is_dict), None)
        if depth and isinstance(top, list) and top and isinstance(top[-1], str):
            key = top.pop()
            self._notes.repair("missing bracket")
            self._close(depth)
            self._key, self._colon, self._comma = key, True, True
        else:
            self._notes.repair("stray colon")

    def _scalar(self, kind: str, token: str) -> Json:
        if kind == "number":
            return _number(token)
        if kind == "string":
            if not token.startswith('"'):
                self._notes.repair("single quotes" if token.startswith("'") else "curly quotes")
            return _text(token)
        if token not in _JSON_WORDS:
            self._notes.repair("bare word")
        return _WORDS.get(token.lower(), token)


def _tokens(text: str, at: int) -> Iterator[tuple[str, str, int]]:
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:  # a quote that no alternative takes
            at += 1
            continue
        at = found.end()
        if found.lastgroup not in {"space", "comment", None}:
            yield str(found.lastgroup), found[0], at


def _quoted(token: str) -> bool:
    """Whether the token is a string with both its quotes."""
    pairs = {'"': '"', "'": "'", "“": "”"}
    return len(token) > 1 and pairs.get(token[0]) == token[-1]


def _text(token: str) -> str:
    """What a string says: as JSON means it where it can be that, else without its quotes."""
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return _ESCAPE.sub(r"\1", token[1:-1] if _quoted(token) else token[1:])


def _number(token: str) -> float:
    if len(token) <= _MAX_INT and token.lstrip("+-").isdigit():
        return int(token)
    return float(token)
