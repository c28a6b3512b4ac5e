"""Answers: a language model's text in, boxes and points out, and why some were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.errors import UsageError
from socioseg.models.answers.everest import EVEREST
from socioseg.models.answers.plain import PLAIN
from socioseg.models.answers.remotereasoner import REMOTEREASONER
from socioseg.models.answers.samr1 import SAMR1
from socioseg.models.answers.segr1 import SEGR1
from socioseg.models.answers.segzero import SEGZERO
from socioseg.models.answers.socioreasoner import SOCIOREASONER
from socioseg.models.answers.values import Answer, Item
from socioseg.models.answers.visionreasoner import VISIONREASONER
from socioseg.recipe import hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.grammar import Grammar, Mode

__all__ = ["GRAMMARS", "MAX_TEXT", "Answer", "Item", "parse", "schema_of", "write"]

MAX_TEXT = 2**18
"""Characters; a longer text is no answer of a model that has a token budget."""

GRAMMARS: dict[str, Grammar] = {
    "socioreasoner": SOCIOREASONER,
    "visionreasoner": VISIONREASONER,
    "segzero": SEGZERO,
    "segr1": SEGR1,
    "samr1": SAMR1,
    "remotereasoner": REMOTEREASONER,
    "everest": EVEREST,
    "plain": PLAIN,
}


def parse(text: str, grammar: str, mode: Mode = "lenient", *, thinking: bool = True) -> Answer:
    """Read what a model wrote; no text makes it raise.

    Parameters
    ----------
    text
        As the model wrote it, think part and all, without special tokens.
    grammar
        One of `GRAMMARS`.
    mode
        "strict": the published format and nothing else. "lenient": whatever was meant, with each
        repair noted. "released": as the code does that the grammar's authors released.
    thinking
        For "strict": whether there must be a think part.

    Raises
    ------
    UsageError
        If there is no such grammar or mode.
    """
    found = _grammar(grammar)
    if mode not in {"lenient", "strict", "released"}:
        raise UsageError(f"Answers are read lenient, strict or released, not {mode!r}.")
    if len(text) > MAX_TEXT:
        return Answer(problem="too_long")
    if mode == "strict":
        return found.strict(text, thinking)
    return found.lenient(text) if mode == "lenient" else found.released(text)


def write(items: Sequence[Item], grammar: str, stage: int = 1, thinking: str | None = None) -> str:
    """The text that says `items` in the published format.

    Parameters
    ----------
    stage
        1 or 2, for a grammar of two stages.
    thinking
        What stands in the think part; None for no such part.

    Raises
    ------
    UsageError
        If there is no such grammar.
    """
    found = _grammar(grammar)
    answer = found.write(items, stage)
    thought = "" if thinking is None else f"<think>{thinking}</think>"
    return f"{thought}<answer>{answer}</answer>" if found.tags else f"{thought}{answer}"


def schema_of(grammar: str, stage: int = 1, limit: int = 4096) -> dict[str, Any]:
    """The JSON schema of the answer part: what is valid under it is read in every mode.

    Parameters
    ----------
    stage
        1 or 2, for a grammar of two stages.
    limit
        The greatest coordinate: the longer side of the model's frame.

    Raises
    ------
    UsageError
        If there is no such grammar, or its answers are not JSON.
    """
    make = _grammar(grammar).schema
    if make is None:
        raise UsageError(f"Answers of {grammar} are not JSON; they cannot be held to a schema.")
    return make(stage, limit)


def _grammar(name: str) -> Grammar:
    if name not in GRAMMARS:
        raise UsageError(f"There is no grammar of answers {name!r}{hint(name, GRAMMARS)}")
    return GRAMMARS[name]
