"""What a grammar of answers is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socioseg.models.answers.values import Answer, Item, Json

Mode = Literal["lenient", "strict", "released"]


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one family of models writes its answers.

    Attributes
    ----------
    strict
        Reads the published format and nothing else; whether there must be a think part.
    lenient
        Reads whatever was meant.
    released
        Reads as the code does that the family's authors released.
    write
        The answer part that says `items` in a stage, as text.
    schema
        JSON schema of the answer part in a stage, whose coordinates go up to a limit; None where
        it is not JSON.
    tags
        Whether think and answer tags mark the parts.
    """

    strict: Callable[[str, bool], Answer]
    lenient: Callable[[str], Answer]
    released: Callable[[str], Answer]
    write: Callable[[Sequence[Item], int], str]
    schema: Callable[[int, int], dict[str, Json]] | None
    tags: bool = True
