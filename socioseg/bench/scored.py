"""What a run got right, sample by sample: answers of the log beside the truth of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from socioseg.bench.log import read_log
from socioseg.bench.openset import open_samples
from socioseg.bench.runfile import read_run
from socioseg.bench.samples import MASK, Key
from socioseg.errors import DatasetError, OutputError, UsageError
from socioseg.metrics import (
    CONVENTIONS,
    Rle,
    SampleStats,
    count_group,
    ground_clusters,
    size_group,
    stats_of,
)
from socioseg.recipe import hint
from socioseg.sample import Bounds, Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.bench.log import Line
    from socioseg.metrics import Convention

_TRANSFORM = 6
"""Numbers of a transform, in GDAL's order."""
_FACTS = ("socio_class", "socio_function", "region", "transform")


class Answer(NamedTuple):
    """What a run said to one sample, and what is true.

    `row` holds the id, the level and, in a dataset built here, class, function, region and
    transform; `mask` is None where the model failed; `truth` is (H, W).
    """

    row: Mapping[str, Any]
    mask: Rle | None
    truth: NDArray[np.bool_]


class Scored(NamedTuple):
    """The counts of one sample, the groups it is in, and its ground where that is known.

    `bounds` are those of its window in EPSG:3857.
    """

    id: str
    level: Level
    stats: SampleStats
    groups: dict[str, str]
    bounds: Bounds | None


def find_convention(name: str) -> Convention:
    """The convention called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in CONVENTIONS:
        raise UsageError(f"There is no convention {name!r}{hint(name, CONVENTIONS)}")
    return CONVENTIONS[name]


def answers(run: Path, ids: Collection[str] | None = None) -> Iterator[Answer]:
    """The answers of a run, in the dataset's order.

    Parameters
    ----------
    ids
        Only to these samples; to all by default.

    Raises
    ------
    OutputError
        If `run` is no run, or has no answers.
    DatasetError
        If the dataset is not there, not the one that the run was made on, or a mask of it is
        broken or not of the size of its images.
    """
    info = read_run(run)
    samples = open_samples(info.path, info.key.split)
    if samples.fingerprint != info.key.dataset:
        raise DatasetError(f"{info.path} is not what {run} was made on: it has changed since.")
    lines = {line.id: line for line in read_log(run) if ids is None or line.id in ids}
    if not lines:
        raise OutputError(f"{run} holds no answers yet: run the model first.")
    facts = [name for name in _FACTS if name in samples.facts]
    keys = {Key(line.id, line.level) for line in lines.values()}
    for row in samples.rows(keys, ("id", "level", MASK, *facts)):
        truth = samples.decode(MASK, row[MASK]) > 0
        yield Answer(row, _mask(lines[row["id"]], truth.shape), truth)


def _mask(line: Line, shape: tuple[int, ...]) -> Rle | None:
    if not line.ok or line.mask is None:
        return None
    if line.mask.size != shape:
        raise DatasetError(
            f"{line.id}: its images are {line.mask.size} pixels and its mask {shape}; correct the"
            " dataset, and run the model again."
        )
    return Rle(size=line.mask.size, counts=line.mask.counts)


def score_samples(
    run: Path, convention: Convention, ids: Collection[str] | None = None
) -> Iterator[Scored]:
    """Count what the run got right, sample by sample, in the dataset's order.

    Raises
    ------
    OutputError, DatasetError
        As `answers`.
    """
    for answer in answers(run, ids):
        yield _scored(answer, convention)


def _scored(answer: Answer, convention: Convention) -> Scored:
    row, stats = answer.row, stats_of(answer.mask, answer.truth, convention)
    groups = {
        "all": "all",
        "level": row["level"],
        "class": row.get("socio_class", ""),
        "function": row.get("socio_function", ""),
        "region": row.get("region", ""),
        "count": count_group(stats),
        "size": size_group(stats),
    }
    known = {kind: name for kind, name in groups.items() if name}
    bounds = _bounds(row.get("transform"), answer.truth.shape)
    return Scored(row["id"], Level(row["level"]), stats, known, bounds)


def _bounds(transform: Sequence[float] | None, shape: tuple[int, ...]) -> Bounds | None:
    if transform is None or len(transform) != _TRANSFORM:
        return None  # of files of others
    west, width, _, north, _, height = transform
    return (west, north + shape[0] * height, west + shape[1] * width, north)


def clusters_of(scored: Sequence[Scored]) -> NDArray[np.int64]:
    """The cluster of each sample: shared ground where it is known, else the sample itself."""
    if not ground_known(scored):
        return np.arange(len(scored))
    bounds = np.array([sample.bounds for sample in scored])
    return np.asarray(ground_clusters(bounds), dtype=np.int64)


def ground_known(scored: Sequence[Scored]) -> bool:
    """Whether the dataset says where its samples lie, so that those of one place are known."""
    return bool(scored) and all(sample.bounds is not None for sample in scored)
