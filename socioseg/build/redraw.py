"""Redrawing: the same samples with maps in another style, resumable at any point."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from socioseg import __version__
from socioseg.build.assemble import assemble
from socioseg.build.executor import run_jobs
from socioseg.build.jobs import SHARD_WINDOWS, save_slice
from socioseg.build.map.draw import check_style
from socioseg.build.map.scene import MapOptions
from socioseg.build.origin import find_origin
from socioseg.build.output import found_build, open_output, remove_work
from socioseg.build.plan.file import PLAN
from socioseg.build.recipe import BuildRecipe
from socioseg.build.windowmaps import COLUMN, MapJob, Place, WindowMaps, draw_maps, drawn
from socioseg.dataset.check_row import window_of
from socioseg.dataset.load import find_dataset
from socioseg.dataset.report import REPORT
from socioseg.dataset.schema import ARROW_SCHEMA, SPLITS
from socioseg.dataset.store import split_paths
from socioseg.dataset.whole import whole_report
from socioseg.errors import DatasetError
from socioseg.features import FeatureIndex
from socioseg.files import atomic_write
from socioseg.progress import Progress, quiet
from socioseg.recipe import parse_recipe
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from socioseg.dataset.report import Report
    from socioseg.features import OsmData
    from socioseg.sample import Window

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RedrawRequest:
    """What `socioseg redraw` was asked for.

    `dataset` is a folder, or the name of a dataset built here; `osm` is where its OSM data lies,
    None where the report tells.
    """

    dataset: str
    style: str
    out: Path
    cache: Path
    osm: str | None = None
    workers: int = 1
    progress: Progress = quiet


@dataclass(frozen=True)
class _Source:
    """The dataset whose maps are drawn anew."""

    root: Path
    report: Report
    recipe: BuildRecipe

    def fingerprint(self, style: str) -> str:
        """What tells this dataset in `style` from any other; its own where the style is its own."""
        if style == self.recipe.map.style:
            return self.report.fingerprint
        parts = [self.report.fingerprint, __version__, "map.style", style]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    def rows(self) -> Iterator[tuple[Place, Window]]:
        """Every row, in the order of the files."""
        for level in Level:
            for split in SPLITS:
                for path in split_paths(self.root, level, split):
                    yield from self._rows_of(path)

    def _rows_of(self, path: Path) -> Iterator[tuple[Place, Window]]:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=["transform", "zoom"])
                for number, window in enumerate(self.windows(table)):
                    yield Place(path, group, number), window

    def windows(self, table: pa.Table) -> list[Window]:
        """The windows of the rows of `table`."""
        rows = table.select(["transform", "zoom"]).to_pylist()
        return [window_of(row, self.recipe.size) for row in rows]


def redraw(request: RedrawRequest) -> Report:
    """Make the dataset again with its maps in another style, or go on where an earlier run stopped.

    Ids, splits, queries, satellite images and masks stay byte by byte, in the same order. In the
    style that it has, the dataset comes out as it is.

    Raises
    ------
    UsageError
        If there is no such style.
    DatasetError
        If there is no such dataset, it is not whole, or its maps cannot be drawn as they are.
    OsmError, RegionError, ServiceError
        If its OSM data is not at hand, or other data than it was made from.
    OutputError
        If `out` holds something else, or cannot be written.
    """
    check_style(request.style)
    found_build(request.out)
    source = _source(request.dataset)
    with open_output(request.out, source.fingerprint(request.style)) as work:
        report = whole_report(request.out)
        if report:
            log.info("%s is complete already", request.out)
        else:
            report = _make(source, request, work)
        remove_work(request.out)
    return report


def _source(name: str) -> _Source:
    root = find_dataset(name)
    report = whole_report(root) if root else None
    if root is None or report is None:
        raise DatasetError(
            f"{name} is not a whole dataset made by `socioseg build`: give its folder, and see "
            "what `socioseg verify` says of it."
        )
    return _Source(root, report, parse_recipe(report.recipe, BuildRecipe, str(root / REPORT)))


def _make(source: _Source, request: RedrawRequest, work: Path) -> Report:
    data = find_origin(source.report, source.recipe, request.osm, request.cache)
    jobs = _jobs(source, request.style, work / "maps")
    _draw(jobs, data, request)
    maps = WindowMaps(jobs)
    atomic_write(request.out / PLAN, (source.root / PLAN).read_bytes())

    def tables(level: Level, split: str) -> Iterator[pa.Table]:
        for path in split_paths(source.root, level, split):
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group)
                    yield _with_maps(table, source.windows(table), maps, request.style)

    return assemble(request.out, tables, _summary(source, request.style))


def _jobs(source: _Source, style: str, folder: Path) -> list[MapJob]:
    """Windows in the order of the rows, so that neighbours share what is read."""
    places: dict[Window, Place] = {}
    for place, window in source.rows():
        places.setdefault(window, place)
    windows = tuple(places)
    own = MapOptions(**source.recipe.map.model_dump())
    jobs = []
    for number, start in enumerate(range(0, len(windows), SHARD_WINDOWS)):
        part = windows[start : start + SHARD_WINDOWS]
        osm, out = (folder / f"{number:05d}.{suffix}" for suffix in ("osm", "parquet"))
        wanted = own._replace(style=style)
        jobs.append(MapJob(osm, out, part, wanted, places[part[0]], own))
    return jobs


def _draw(jobs: list[MapJob], data: OsmData, request: RedrawRequest) -> None:
    todo = [job for job in jobs if not drawn(job)]
    index = FeatureIndex(data)
    for job in todo:
        save_slice(job.osm, index, job.windows)
    done = len(jobs) - len(todo)
    request.progress("shards", done, len(jobs))
    for _ in run_jobs(draw_maps, todo, request.workers):
        done += 1
        request.progress("shards", done, len(jobs))


def _with_maps(table: pa.Table, windows: list[Window], maps: WindowMaps, style: str) -> pa.Table:
    """`table` with the maps of its rows' `windows`, and their style."""
    paths = pc.struct_field(table[COLUMN], "path").to_pylist()
    images = [{"bytes": maps[w], "path": p} for w, p in zip(windows, paths, strict=True)]
    changed: dict[str, list[Any]] = {COLUMN: images, "map_style": [style] * len(windows)}
    for name, values in changed.items():
        field = ARROW_SCHEMA.field(name)
        table = table.set_column(
            table.schema.get_field_index(name), field, pa.array(values, field.type)
        )
    return table


def _summary(source: _Source, style: str) -> Report:
    """The source's report, with what is different now."""
    report, recipe = source.report, source.report.recipe
    own = source.recipe.map.style
    if style == own:
        return report
    note = (
        f"The maps were drawn anew in the style {style}; all else is that of the dataset "
        f"{report.fingerprint}, whose style is {own}."
    )
    changes = {
        "fingerprint": source.fingerprint(style),
        "socioseg": __version__,
        "recipe": {**recipe, "map": {**recipe["map"], "style": style}},
        "notes": [*report.notes, note],
    }
    return report.model_copy(update=changes)


def run(request: RedrawRequest) -> dict[str, Any]:
    """Redraw, and say in a few words what came of it."""
    report = redraw(request)
    return {
        "dataset": str(request.out),
        "samples": report.counts.ok,
        "map_style": request.style,
        "fingerprint": report.fingerprint,
    }
