"""Memory that is too small for a training: what did not fit, in numbers, and what to lower."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from socioseg.errors import UsageError
from socioseg.models.memory import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

FOR_PASSES = (
    "lower policy.tokens or max_tokens, set policy.checkpointing=true or"
    " policy.optimizer=adamw8bit, or train adapters with policy.lora.rank=16"
)
FOR_WEIGHTS = (
    "set kl=0 or policy.optimizer=adamw8bit, train adapters with policy.lora.rank=16, or divide"
    " the weights among several GPUs by FSDP"
)
FOR_SEGMENTER = "lower batch_size and targets of the segmenter in the model's recipe"


@contextmanager
def room(what: str, remedy: str) -> Iterator[None]:
    """Say in one sentence that what runs inside needs more memory than there is.

    Parameters
    ----------
    what
        What needs it, as the subject of the sentence.
    remedy
        What to do about it.

    Raises
    ------
    UsageError
        If it does not fit. Any other error passes.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not (place := lacking(error)):
            raise
        sizes = _sizes() if place == "GPU" else ""
        raise UsageError(
            f"{what} does not fit into the {place}'s memory{sizes}: {remedy}."
        ) from error


def room_to_resume() -> AbstractContextManager[None]:
    """For taking up what a training goes on from."""
    remedy = "end what else runs there, or go on by the same command where there is more"
    return room("The checkpoint to go on from", remedy)


def _sizes() -> str:
    if not torch.cuda.is_available():
        return ""
    try:
        free, whole = torch.cuda.mem_get_info()
    except RuntimeError:  # so full that it cannot even be asked
        return ""
    used = torch.cuda.max_memory_allocated()
    return (
        f" ({whole / 1e9:.0f} GB, {used / 1e9:.0f} GB used at most, {free / 1e9:.0f} GB free now)"
    )
