"""A tiny dataset to run models on, and models that behave well and badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dataset.tiny import make_dataset, make_row

from socioseg.bench.log import read_log
from socioseg.bench.run import BenchRequest, bench
from socioseg.models.base import Prediction
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.sample import Query

PER_LEVEL = 5


def make_benchset(root: Path) -> None:
    """Five test samples of each level, one of them empty, and two for training."""
    rows = [
        (split, make_row(level, split, number, _mask(split, number)))
        for level in Level
        for split, count in (("train", 2), ("validation", 1), ("test", PER_LEVEL))
        for number in range(count)
    ]
    make_dataset(root, rows)


def _mask(split: str, number: int) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    empty = split == "test" and number == PER_LEVEL - 1
    return np.zeros((64, 64), dtype=np.uint8) if empty else None


def run(
    data: Path,
    out: Path,
    model: str = "bench.benchset:Bright",
    **changes: Any,  # noqa: ANN401 - as the fields of BenchRequest
) -> dict[str, Any]:
    """Bench `model` on the tests of `data`."""
    return bench(BenchRequest(model, str(data), out, **changes))


def outcome(out: Path) -> dict[str, tuple[str, str]]:
    """Status and mask of every sample of a run; each must stand there once."""
    lines = list(read_log(out))
    found = {line.id: (line.status, line.mask.counts if line.mask else "") for line in lines}
    assert len(found) == len(lines)
    return found


class Bright:
    """Marks what is brighter than the query's seed says, so that masks differ by image and seed."""

    name = "bright"

    def __init__(self, shift: int = 0) -> None:
        self.shift = shift

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Masks."""
        return [Prediction(s.id, s.sat[..., 0] > (s.seed + self.shift) % 256) for s in samples]


class Picky(Bright):
    """Raises at every function-level query, whatever else is in the batch."""

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Masks, or trouble."""
        if any(query.level is Level.FUNCTION for query in samples):
            raise RuntimeError("no functions\nhere")
        return super().predict(samples)


class Sloppy(Bright):
    """Returns a mask that is transposed or of numbers, or one too few."""

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Masks of a kind."""
        if len(samples) > 1:
            return super().predict(samples)[1:]
        prediction = super().predict(samples)[0]
        assert prediction.mask is not None
        if samples[0].level is Level.NAME:
            return [Prediction(prediction.id, prediction.mask[:-1])]
        return [Prediction(prediction.id, prediction.mask * np.nan)]  # type: ignore[arg-type]


class Asking(Bright):
    """Says that it cannot go on."""

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Nothing."""
        from socioseg.errors import ServiceError

        raise ServiceError("the server is down; start it.")


class Knowing:
    """Needs the truth, and repeats it."""

    name = "knowing"
    needs_truth = True

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """The true masks."""
        return [Prediction(s.id, s.truth.mask, boxes=s.truth.boxes) for s in samples if s.truth]
