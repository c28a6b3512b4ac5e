"""A loss that has left the range of numbers, at which a training ends."""

from __future__ import annotations

import math

from socioseg.errors import UsageError


def require_numbers(step: int, loss: float) -> None:
    """Refuse to go on where the loss is infinite or no number.

    Raises
    ------
    UsageError
        With the step, and what to do.
    """
    if not math.isfinite(loss):
        raise UsageError(f"The loss is no number at step {step}: lower learning_rate.")
