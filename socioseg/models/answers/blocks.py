"""The think part and the answer parts of a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

THINK, THINK_END = "<think>", "</think>"
ANSWER, ANSWER_END = "<answer>", "</answer>"
_TAG = re.compile(r"</?(?:think|answer)>", re.IGNORECASE | re.ASCII)


class Block(NamedTuple):
    """A part of a text that may hold an answer.

    Attributes
    ----------
    text
        Without its tags.
    closed
        Whether something ended it on purpose: a tag, not the token budget.
    """

    text: str
    closed: bool


class Parts(NamedTuple):
    """The think part, and what may hold the answer; `tagged` says whether answer tags mark it."""

    thinking: str
    blocks: tuple[Block, ...]
    tagged: bool


def exact_parts(text: str, *, thinking: bool) -> tuple[str, str] | None:
    """The think part and the answer part of a text that is these two and nothing else.

    Parameters
    ----------
    thinking
        Whether there must be a think part; without one, the answer part alone will do.
    """
    rest, thought = text.strip(), ""
    if thinking or rest.startswith(THINK):
        end = rest.find(THINK_END)
        if not rest.startswith(THINK) or end < 0:
            return None
        thought, rest = rest[len(THINK) : end], rest[end + len(THINK_END) :].lstrip()
    inner = rest.removeprefix(ANSWER).removesuffix(ANSWER_END)
    if len(inner) != len(rest) - len(ANSWER) - len(ANSWER_END) or ANSWER in inner:
        return None
    return (thought, inner) if ANSWER_END not in inner else None


def first_block(text: str) -> str | None:
    """What stands in the first answer part that has both its tags; None where there is none."""
    _, tag, rest = text.partition(ANSWER)
    inner, end, _ = rest.partition(ANSWER_END)
    return inner if tag and end else None


def find_parts(text: str) -> Parts:
    """The parts of any text, tags in any case, half open or missing altogether."""
    tags = [_Tag(found[0].lower(), *found.span()) for found in _TAG.finditer(text)]
    ends = [tag for tag in tags if tag.name == THINK_END]
    answers = [tag for tag in tags if tag.name in {ANSWER, ANSWER_END}]
    if ends:  # what is answered while thinking counts only where nothing is answered after it
        later = [tag for tag in answers if tag.start >= ends[-1].end]
        answers = later if any(tag.name == ANSWER for tag in later) else answers
    opened = next((tag.start for tag in answers if tag.name == ANSWER), None)
    begun = next((tag.end for tag in tags if tag.name == THINK), None)
    if ends:
        thought = text[min(begun or 0, ends[-1].start) : ends[-1].start]
    else:
        thought = text[begun:opened] if begun is not None else ""
    if opened is None:
        rest = Block(text[ends[-1].end if ends else 0 :], closed=False)
        return Parts(thought, (rest,), tagged=False)
    return Parts(thought, tuple(_blocks(text, answers)), tagged=True)


class _Tag(NamedTuple):
    name: str
    start: int
    end: int


def _blocks(text: str, tags: list[_Tag]) -> Iterator[Block]:
    for i, tag in enumerate(tags):
        if tag.name == ANSWER:
            last = i + 1 == len(tags)
            yield Block(text[tag.end : None if last else tags[i + 1].start], closed=not last)
