"""Numbers that have left their range, at which a training ends."""

from __future__ import annotations

import math

from socioseg.errors import UsageError


def require_numbers(step: int, *values: float) -> None:
    """Refuse to go on where the loss, or what comes of it, is infinite or no number.

    Raises
    ------
    UsageError
        With the step, and what to do.
    """
    if not all(map(math.isfinite, values)):
        raise UsageError(f"The loss is no number at step {step}: lower learning_rate.")
