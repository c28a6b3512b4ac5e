"""Checks of all rows together: ids, classes, counts, and splits that share nothing."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from socioseg.dataset.check_row import window_of
from socioseg.dataset.images import image_side
from socioseg.dataset.problem import Problem
from socioseg.dataset.report import REPORT
from socioseg.dataset.schema import SPLITS
from socioseg.sample import Level, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from socioseg.dataset.report import Report


SHARE_TOLERANCE = 0.001


class Kept(NamedTuple):
    """What is kept of a sound row while the files stream by."""

    file: str
    id: str
    level: Level
    split: str
    problem: str
    socio_class: str
    socio_function: str
    osm_ids: tuple[str, ...]
    window: Window

    @classmethod
    def of(cls, row: dict[str, Any], file: str, split: str) -> Kept:
        """Take the fields from a row that `check_row` found sound."""
        return cls(
            file,
            row["id"],
            Level(row["level"]),
            split,
            row["problem"],
            row["socio_class"],
            row["socio_function"],
            tuple(row["osm_ids"]),
            window_of(row, image_side(row["mask_label"])),
        )

    def wrong(self, what: str) -> Problem:
        """Return a problem of this row."""
        return Problem(self.file, self.id, what)


def check_whole(rows: Sequence[Kept], report: Report) -> Iterator[Problem]:
    """Yield what is wrong between rows, all of which are sound by themselves."""
    yield from _functions(rows)
    if report.splits.method == "blocks":
        yield from _shared(rows)
        yield from _ground(rows)


def check_ids(places: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Yield ids that stand more than once among (file, id)."""
    first: dict[str, str] = {}
    for file, sample_id in places:
        if sample_id in first:
            yield Problem(file, sample_id, f"id stands in {first[sample_id]} already")
        first.setdefault(sample_id, file)


def _functions(rows: Sequence[Kept]) -> Iterator[Problem]:
    """Every class belongs to one function."""
    functions: dict[str, str] = {}
    for row in rows:
        known = functions.setdefault(row.socio_class, row.socio_function)
        if row.socio_class and known != row.socio_function:
            yield row.wrong(
                f"{row.socio_class!r} has the function {row.socio_function!r}, elsewhere {known!r}"
            )


def check_counts(rows: Sequence[Kept], report: Report) -> Iterator[Problem]:
    """Yield counts of the report that are not those of `rows`, which are all of them."""
    counts = report.counts
    reasons = dict(Counter(failure.reason for failure in report.failed.values()))
    stated = {
        "ok": (counts.ok, len(rows)),
        "negatives": (counts.negatives, sum(not row.osm_ids for row in rows)),
        "planned": (counts.planned, len(rows) + len(report.failed)),
        "by_reason": (counts.by_reason, reasons),
    }
    for name, (said, found) in stated.items():
        if said != found:
            yield Problem(REPORT, "", f"counts.{name} is {said}; the data gives {found}")
    made = Counter(row.split for row in rows)
    for split in SPLITS:
        said, found = report.splits.shares.get(split, 0.0), made[split] / max(1, len(rows))
        if abs(said - found) > SHARE_TOLERANCE:
            yield Problem(REPORT, "", f"splits.shares.{split} is {said:.3f}; it is {found:.3f}")


def _shared(rows: Sequence[Kept]) -> Iterator[Problem]:
    """No OSM object and no name that is asked for stands in two splits."""
    split_of: dict[str, str] = {}
    for row in rows:
        names = [f"name {row.problem!r}"] if row.level is Level.NAME else []
        for thing in (*row.osm_ids, *names):
            first = split_of.setdefault(thing, row.split)
            if first != row.split:
                yield row.wrong(f"{thing} stands in the splits {first} and {row.split}")


def _ground(rows: Sequence[Kept]) -> Iterator[Problem]:
    """No window of one split overlaps a window of another."""
    finest = max((row.window.zoom for row in rows), default=0)
    by_split = {split: [row for row in rows if row.split == split] for split in SPLITS}
    for one, other in combinations(SPLITS, 2):
        tree = shapely.STRtree(_squares(by_split[one], finest))
        pairs = tree.query(_squares(by_split[other], finest), predicate="intersects")
        for at, hit in pairs.T:
            row, found = by_split[other][at], by_split[one][hit]
            yield row.wrong(f"window of {other} overlaps that of {found.id} in {one}")


def _squares(rows: Sequence[Kept], zoom: int) -> NDArray[np.object_]:
    """Windows in pixels of `zoom`, a quarter pixel smaller so that touching is no overlap."""
    edges = np.array(
        [[w.x, w.y, w.x + w.size, w.y + w.size] for w in (row.window for row in rows)],
        dtype=np.float64,
    ).reshape(-1, 4)
    scale = np.array([2.0 ** (zoom - row.window.zoom) for row in rows])
    west, north, east, south = edges.T * scale
    squares: NDArray[np.object_] = shapely.box(west + 0.25, north + 0.25, east - 0.25, south - 0.25)
    return squares
