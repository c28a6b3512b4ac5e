"""Ask a model, whatever it does with the question."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from socioseg.errors import SampleError, SocioSegError
from socioseg.models.base import Prediction, check_prediction, failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.base import Model
    from socioseg.sample import Query

log = logging.getLogger(__name__)
TOTAL = "total"
"""Key of `Prediction.seconds` for the whole, an equal share of what the batch took."""
_DETAIL = 500


def ask(model: Model, batch: Sequence[Query]) -> list[Prediction]:
    """One checked prediction for each query of `batch`, in its order.

    Where the model raises, its batch is asked again one query at a time, and each query that it
    raises at becomes a failure `error`. Errors of this package are for the user, and pass
    through, except a `SampleError`, whose reason becomes the status.

    Raises
    ------
    SocioSegError
        What the model raises of that kind: no answer could be had from it with these settings.
    """
    start = time.perf_counter()
    try:
        found: Sequence[object] = list(model.predict(batch))
    except SampleError as error:
        return _retry(model, batch, error.reason, error)
    except SocioSegError:
        raise
    except Exception as error:  # noqa: BLE001 - the model may be anybody's, and raise anything
        return _retry(model, batch, "error", error)
    if len(found) != len(batch):
        wrong = ValueError(f"{len(found)} predictions for {len(batch)} samples")
        return _retry(model, batch, "wrong_count", wrong)
    share = (time.perf_counter() - start) / len(batch)
    return [_timed(check_prediction(*pair), share) for pair in zip(batch, found, strict=True)]


def _retry(model: Model, batch: Sequence[Query], status: str, error: Exception) -> list[Prediction]:
    """Ask for each of several queries alone; a single one has failed for good."""
    if len(batch) > 1:
        log.warning("a batch of %d failed (%s); asking one by one", len(batch), _text(error))
        return [ask(model, [query])[0] for query in batch]
    log.warning("%s failed: %s", batch[0].id, _text(error))
    return [failure(batch[0], status, _text(error))]


def _timed(prediction: Prediction, share: float) -> Prediction:
    return replace(prediction, seconds={**prediction.seconds, TOTAL: share})


def _text(error: Exception) -> str:
    name = "" if isinstance(error, SampleError) else f"{type(error).__name__}: "
    return f"{name}{' '.join(str(error).split())}"[:_DETAIL]
