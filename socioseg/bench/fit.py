"""Let a model that learns from masks learn once for each run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from socioseg.bench.samples import true_masks
from socioseg.errors import OutputError
from socioseg.files import write_json
from socioseg.models.base import Learner

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.bench.samples import Samples
    from socioseg.models.base import Model

LEARNT = "learnt.json"


def fit(model: Model, samples: Samples, run: Path) -> None:
    """Fit `model` to the masks of the train split, or give back what this run learnt before.

    A model that is no `Learner` is left as it is.

    Raises
    ------
    DatasetError
        If a mask is broken.
    OutputError
        If what was learnt cannot be read or written.
    """
    if not isinstance(model, Learner):
        return
    path = run / LEARNT
    try:
        model.restore(json.loads(path.read_bytes()))
    except FileNotFoundError:
        train = samples.other("train")
        write_json(path, model.fit(true_masks(train, train.index())))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path} is damaged ({error!r}); delete it and run again.") from error
