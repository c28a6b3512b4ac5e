"""The contract of a chat engine: a batch of prompts with images in, a batch of replies out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.answers import Item
    from socioseg.models.reason.look import Look

OK = "ok"
CUT = "cut_off"
"""Status of a reply that met the token budget before its end."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a reply is held to where the engine can: an answer that always parses.

    Attributes
    ----------
    schema
        JSON schema of the answer part.
    thinking
        Whether a free text in think tags stands before the answer.
    tags
        Whether the answer stands in answer tags; else the reply is the JSON alone.
    """

    schema: Mapping[str, Any]
    thinking: bool = True
    tags: bool = True


class About(NamedTuple):
    """What a prompt is about, for engines that are scripted; no model is told.

    `look` is the query in the model's frame (`socioseg.models.reason.look.Look`), `stage` counts
    from 1, `grammar` is that of the answer (`socioseg.models.answers`), and `first` what the first
    stage pointed at.
    """

    look: Look
    stage: int
    grammar: str
    first: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """One user turn: the images in their order, then the text.

    Attributes
    ----------
    text
        What is asked.
    images
        (H, W, 3) uint8 RGB each, already of the size in which the model gives coordinates.
    system
        System message; None leaves what the chat template puts there.
    constraint
        What the reply must look like; None leaves it free.
    seed
        For sampling: of this prompt alone, so that a draw depends on no batch.
    about
        For a scripted engine.
    """

    text: str
    images: tuple[NDArray[np.uint8], ...] = ()
    system: str | None = None
    constraint: Constraint | None = None
    seed: int = 0
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote, without special tokens.

    Attributes
    ----------
    text
        As it was written, think part and all; empty where `status` says why there is none.
    status
        "ok", "cut_off" where the token budget ended it, else why there is no text, in a word.
    detail
        The reason in more words.
    prompt_tokens, tokens
        How long the prompt, with its images, and the reply are.
    seconds
        What the reply took; for a batch, an equal share.
    cost
        What a server's owner asks for it, in the money of the prices that the recipe gives.
    """

    text: str
    status: str = OK
    detail: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    @property
    def written(self) -> bool:
        """Whether there is a text to read, even one cut off."""
        return self.status in {OK, CUT}


class ChatEngine(Protocol):
    """Answers prompts; `revision` names the weights that answer."""

    revision: str

    def ask(self, prompts: Sequence[Prompt], /) -> list[Reply]:
        """One reply for each of `prompts`, in their order; a failed one is a reply that says so.

        Raises
        ------
        SocioSegError
            Where no prompt can be answered with these settings: weights missing, server down.
        """
        ...
