"""The form of a completion: its tags, its JSON, its sentences. No text raises."""

from __future__ import annotations

import json
import re
from typing import Any

_THINK, _END = "<think>", "</answer>"
_SEAM = re.compile(r"</think>\s*<answer>")
_ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
_THOUGHT = re.compile(r"<think>(.*?)</think>", re.DOTALL)


class NoValue:
    """Stands for the value of a text that has none; JSON's null is a value."""


def has_tags(text: str) -> bool:
    """Whether `text` is a think part, white space, an answer part, and nothing else.

    The parts may hold anything, even tags: so the released rewards of SocioReasoner,
    VisionReasoner and Seg-Zero have it.
    """
    inside = (len(_THINK), len(text) - len(_END))
    whole = text.startswith(_THINK) and text.endswith(_END)
    return whole and _SEAM.search(text, *inside) is not None


def answer_value(text: str, *, mend_quotes: bool = False) -> Any:  # noqa: ANN401 - JSON
    """The JSON value of the first closed answer part; `NoValue` where there is none.

    Parameters
    ----------
    mend_quotes
        Whether single quotes count as double ones where it is no JSON otherwise.
    """
    found = _ANSWER.search(text)
    if found is None:
        return NoValue
    value = _load(found[1])
    return _load(found[1].replace("'", '"')) if value is NoValue and mend_quotes else value


def thinking(text: str) -> str:
    """The first closed think part; empty where there is none."""
    found = _THOUGHT.search(text)
    return found[1] if found else ""


def repeated_sentences(text: str) -> int:
    """How many sentences of `text` stood there before; a full stop ends a sentence."""
    sentences = [sentence.strip() for sentence in text.split(".") if sentence.strip()]
    return len(sentences) - len(set(sentences))


def _load(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # RecursionError: brackets within brackets
        return NoValue
