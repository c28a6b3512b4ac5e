"""What an answer says, in plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
"""Whatever JSON can hold."""

FloatBox = tuple[float, float, float, float]
"""xyxy in the model's frame, continuous."""
Point = tuple[float, float]
"""x, y in the model's frame, continuous."""


class Item(NamedTuple):
    """One object of an answer.

    Attributes
    ----------
    box
        xyxy in the model's frame; None where the grammar does without.
    points
        (x, y) in the model's frame.
    labels
        One for each of `points`: 1 on the object, 0 beside it.
    id, action, confidence
        Of EVEREST: which instance, "keep", "adjust" or "drop", and "high", "medium" or "low".
    label
        What the model calls the object, where it says.
    """

    box: FloatBox | None = None
    points: tuple[Point, ...] = ()
    labels: tuple[int, ...] = ()
    id: int | None = None
    action: str = ""
    confidence: str = ""
    label: str = ""


class Answer(NamedTuple):
    """What was read out of a text.

    Attributes
    ----------
    items
        In the order of the text.
    problem
        Why there is no item, in a word; empty where there is one, or where the text says that
        there is nothing (a valid empty list). The words: "too_long", "no_answer" (no text that
        could be one), "bad_tags", "bad_json", "not_a_list", "not_an_object", "wrong_keys",
        "bad_value", "no_items" (every one was dropped), "cut_off" (before the first).
    dropped
        One short reason for each item or point left out, with its place.
    thinking
        What stands in the think part.
    facts
        What the answer says beside its items, such as EVEREST's `declared_count`.
    repairs
        What was mended to read it, in words, each once.
    """

    items: tuple[Item, ...] = ()
    problem: str = ""
    dropped: tuple[str, ...] = ()
    thinking: str = ""
    facts: Mapping[str, int | str] = {}
    repairs: tuple[str, ...] = ()
