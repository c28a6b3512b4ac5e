"""What was found against what is true, counted as `socioseg bench` counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.bench.rle import encode_mask
from socioseg.metrics import stats_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from socioseg.metrics import Rle, SampleStats
    from socioseg.models.reason.found import Found


def code_of(mask: NDArray[np.bool_]) -> Rle:
    """`mask`, (H, W), as the metrics take a true one."""
    code = encode_mask(mask)
    return {"size": code.size, "counts": code.counts}


def stats_of_found(found: Found) -> SampleStats:
    """The counts of one stage's mask; of none where the answer could not be read.

    Raises
    ------
    ValueError
        If the query does not hold its truth.
    """
    query = found.look.query
    if query.truth is None:
        raise ValueError(f"the sample {query.id} does not hold its truth")
    return stats_of(found.mask if found.ok else None, code_of(query.truth.mask))
