"""Holding a reply to its constraint, token by token, with llguidance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from socioseg.models.chat.engine import Constraint

ANSWER_SHARE, ANSWER_ROOM = 0.5, 512
"""What is kept of a token budget for the answer: this share of it, and at most so many tokens."""
CLOSING_SHARE, CLOSING_ROOM = 0.25, 96
"""What is kept of it to close an open answer."""
THOUGHT_OUT = b"</think>"
SPACE = r"\n? {0,8}"
"""Between the parts of JSON: one line break, some indentation; no endless blanks."""


def grammar(constraint: Constraint) -> str:
    """`constraint` in llguidance's dialect of Lark.

    In the thinking part, "<" stands before nothing that could begin a tag of this grammar, so
    the first answer tags of a reply are those around its answer.
    """
    head = ""
    if constraint.thinking:
        head += r"<think>([^<]|<[^\/at<])*<\/think>\n?"
    if constraint.tags:
        head += "<answer>"
    schema = {**constraint.schema, "x-guidance": {"whitespace_pattern": SPACE}}
    parts = ["HEAD"] if head else []
    parts += ["answer"]
    parts += ['"</answer>"'] if constraint.tags else []
    lines = [f"start: {' '.join(parts)}", f"answer: %json {json.dumps(schema)}"]
    return "\n".join(lines + ([f"HEAD: /{head}/"] if head else []))


class Vocabulary:
    """The tokens as llguidance sees them, and which of them help to bring JSON to an end.

    Parameters
    ----------
    tokenizer
        A fast tokenizer of transformers.
    size
        Number of logits.
    ends
        Ids of the tokens that end a reply.

    Raises
    ------
    UsageError
        If llguidance is not installed, or cannot use the tokenizer.
    """

    def __init__(self, tokenizer: Any, size: int, ends: Sequence[int]) -> None:  # noqa: ANN401 - untyped
        try:
            import llguidance.hf  # noqa: PLC0415 - an extra

            self.tokens = llguidance.hf.from_tokenizer(tokenizer, n_vocab=size, eos_token=[*ends])
        except ImportError as error:
            raise UsageError(
                "Constrained replies need llguidance: pip install 'socioseg[models]'."
            ) from error
        except ValueError as error:
            raise UsageError(
                f"Constrained replies need a fast tokenizer; this model has none ({error})."
            ) from error
        self.size = size
        spelt = [bytes(self.tokens.decode_bytes([index])) for index in range(size)]
        self.closers = tuple(_which(rule, spelt) for rule in CLOSERS)
        rests = [THOUGHT_OUT[done:] for done in range(len(THOUGHT_OUT))]
        self.thought_out = tuple(_which(_begins(rest), spelt) for rest in rests)

    def matcher(self, constraint: Constraint) -> Any:  # noqa: ANN401 - llguidance's
        """A parser of one reply.

        Raises
        ------
        UsageError
            If the schema holds what llguidance does not know.
        """
        from llguidance import LLMatcher  # noqa: PLC0415 - an extra

        matcher = LLMatcher(self.tokens, grammar(constraint), log_level=0)
        if matcher.is_error():
            reason = matcher.get_error().splitlines()[0]
            raise UsageError(f"No reply can be held to this JSON schema: {reason}")
        return matcher


def _which(rule: Callable[[bytes], bool], spelt: Sequence[bytes]) -> NDArray[np.bool_]:
    return np.fromiter(map(rule, spelt), dtype=np.bool_, count=len(spelt))


def _ends_string(text: bytes) -> bool:
    """Whether `text` ends a string, perhaps what it stands in, and does nothing else."""
    return text.startswith(b'"') and _closes(text)


def _closes(text: bytes) -> bool:
    """Whether `text` ends strings, lists and objects and does nothing else."""
    return bool(text) and not text.strip(b']}"')


def _goes_on(text: bytes) -> bool:
    """Whether `text` ends a number or a key and does nothing else."""
    return text.rstrip() in {b",", b":"}


def _is_no_blank(text: bytes) -> bool:
    return bool(text.strip())


CLOSERS = (_ends_string, _closes, _goes_on, _is_no_blank)
"""Kinds of tokens that bring JSON to its end, the quickest first."""


def _begins(rest: bytes) -> Callable[[bytes], bool]:
    return lambda text: bool(text) and rest.startswith(text)


class Row:
    """One reply on its way: what may come next, and how much room is left.

    Parameters
    ----------
    vocabulary, constraint
        What it is made of, what it is held to.
    budget
        Tokens that the reply may have, its end token among them.
    """

    def __init__(self, vocabulary: Vocabulary, constraint: Constraint, budget: int) -> None:
        self._vocabulary, self._matcher = vocabulary, vocabulary.matcher(constraint)
        self._left = budget
        self._thinks = constraint.thinking
        self._tail = b""
        self._answer_room = min(ANSWER_ROOM, int(ANSWER_SHARE * budget))
        self._closing_room = min(CLOSING_ROOM, int(CLOSING_SHARE * budget))
        self.done = False

    def take(self, token: int) -> None:
        """Take note of the token that was written."""
        self._left -= 1
        self.done = self.done or self._matcher.is_stopped()
        if self.done:
            return
        self.done = not self._matcher.consume_token(token)
        if self._thinks:
            self._tail = (self._tail + self._vocabulary.tokens.decode_bytes([token]))[-64:]
            self._thinks = THOUGHT_OUT not in self._tail

    def allowed(self) -> NDArray[np.bool_]:
        """(vocabulary,) which tokens may come next: near the end of the room, what closes."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        mask = np.unpackbits(bits, bitorder="little")[: self._vocabulary.size].astype(np.bool_)
        for preferred in self._preferred():
            narrow = mask & preferred
            if narrow.any():
                return narrow
        return mask

    def _preferred(self) -> Sequence[NDArray[np.bool_]]:
        if self._thinks:
            hurry = self._left <= self._answer_room
            return (self._vocabulary.thought_out[self._begun()],) if hurry else ()
        return self._vocabulary.closers if self._left <= self._closing_room else ()

    def _begun(self) -> int:
        """How much of the closing tag stands at the end."""
        lengths = range(len(THOUGHT_OUT) - 1, 0, -1)
        return next((n for n in lengths if self._tail.endswith(THOUGHT_OUT[:n])), 0)


class Held:
    """A logits processor that leaves in each row the tokens that its constraint allows."""

    def __init__(self, rows: Sequence[Row | None], start: int) -> None:
        """Hold `rows`, None for a free one, after prompts of `start` tokens."""
        self.rows, self._start = rows, start
        self._masks: list[NDArray[np.bool_] | None] | None = None

    def foresee(self, last: Sequence[int] | None) -> None:
        """Work out what may come after the tokens `last`, None for the first ones.

        Whoever knows the tokens before the logits may call it, so that no time is lost; else it is
        done when the logits are there.
        """
        masks: list[NDArray[np.bool_] | None] = []
        for index, row in enumerate(self.rows):
            if row is not None and last is not None:
                row.take(last[index])
            masks.append(None if row is None or row.done else row.allowed())
        self._masks = masks

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The (rows, vocabulary) logits, -inf where a token is not allowed."""
        import torch  # noqa: PLC0415 - an extra

        if self._masks is None:
            written = input_ids[:, self._start :]
            self.foresee(written[:, -1].tolist() if written.shape[1] else None)
        free = np.ones(scores.shape[1], dtype=np.bool_)
        masks = [free if mask is None else mask for mask in self._masks or []]
        self._masks = None
        allowed = torch.from_numpy(np.stack(masks))
        if scores.is_cuda:  # from pinned memory nothing has to wait
            allowed = allowed.pin_memory().to(scores.device, non_blocking=True)
        return scores.masked_fill(~allowed, float("-inf"))
