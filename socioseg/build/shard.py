"""Shards: the part of a build that one worker makes, a pure function of its job."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from PIL import Image

from socioseg import features
from socioseg.build.encode import jpeg, png
from socioseg.build.imagery.spec import ImagerySpec, open_imagery
from socioseg.build.map.draw import MapDrawer
from socioseg.build.masks import draw_mask
from socioseg.dataset.schema import rows_to_table
from socioseg.errors import SampleError
from socioseg.files import Receipt, atomic_path, write_json
from socioseg.instances import instance_boxes
from socioseg.sample import CRS, Level, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.build.imagery.source import Imagery, ImagerySource
    from socioseg.build.map.scene import MapOptions
    from socioseg.build.plan.samples import Planned
    from socioseg.build.recipe import Images


@dataclass(frozen=True)
class ShardOptions:
    """What all shards of a build have in common."""

    imagery: ImagerySpec
    map: MapOptions
    images: Images
    region: str
    osm_timestamp: str


@dataclass(frozen=True)
class ShardJob:
    """Files to read, samples to make, file to write: all that a worker is told.

    The `aois` of its samples are positions in its own file of AOIs.
    """

    osm: Path
    aois: Path
    out: Path
    samples: tuple[Planned, ...]
    options: ShardOptions


Failures = dict[str, tuple[str, str]]
"""Reason and detail by sample id."""


def make_shard(job: ShardJob) -> Failures:
    """Make the samples of `job`: write its Parquet file, its failures, and last its receipt."""
    data = features.load(job.osm)
    polygons = [area.geometry for area in features.load(job.aois).areas]
    imagery = open_imagery(job.options.imagery, data)
    drawer = MapDrawer(data, job.options.map)
    rows: list[dict[str, Any]] = []
    failures: Failures = {}
    for window, group in itertools.groupby(job.samples, key=attrgetter("window")):
        samples = list(group)
        try:
            images = _images(window, imagery, drawer, job.options.images)
        except SampleError as error:
            failures.update({s.id: (error.reason, error.detail) for s in samples})
            continue
        for sample in samples:
            mask = draw_mask([polygons[i] for i in sample.aois], window)
            row = sample_row(sample, mask, images, imagery.source, job.options)
            if sample.aois and not row["boxes"]:
                failures[sample.id] = ("too_small", "no part of the mask has more than 10 pixels")
            else:
                rows.append(row)
    rows.sort(key=lambda row: str(row["level"]))
    _write(job.out, rows, failures)
    return failures


def _images(
    window: Window, imagery: Imagery, drawer: MapDrawer, options: Images
) -> Mapping[str, bytes]:
    sat = Image.fromarray(imagery.read(window))
    return {
        "sat_image": jpeg(sat, options.quality) if options.sat == "jpeg" else png(sat),
        "map_image": png(Image.fromarray(drawer.draw(window))),
    }


def sample_row(
    sample: Planned,
    mask: NDArray[np.bool_],
    images: Mapping[str, bytes],
    source: ImagerySource,
    options: ShardOptions,
) -> dict[str, Any]:
    """The row of `sample`: mask (size, size), encoded images, and where they come from."""
    boxes = instance_boxes(mask)
    window = sample.window
    return {
        "id": sample.id,
        "problem": sample.problem,
        **images,
        "mask_label": png(Image.fromarray(mask.astype("uint8") * 255)),
        "level": sample.level.value,
        "socio_name": sample.socio_name,
        "socio_class": sample.socio_class,
        "socio_function": sample.socio_function,
        "boxes": boxes,
        "instances": len(boxes),
        "region": options.region,
        "crs": CRS,
        "transform": window.transform,
        "zoom": window.zoom,
        "gsd": window.gsd,
        "osm_ids": sample.osm_ids,
        "osm_timestamp": options.osm_timestamp,
        "image_source": source.id,
        "image_license": source.license,
        "image_attribution": source.attribution,
        "map_style": options.map.style,
    }


def _failures_path(out: Path) -> Path:
    return out.with_suffix(".failures.json")


def _write(out: Path, rows: Sequence[Mapping[str, Any]], failures: Failures) -> None:
    table = rows_to_table(rows)
    with (
        atomic_path(out) as part,
        pq.ParquetWriter(
            part, table.schema, compression="none", use_dictionary=False, write_statistics=["level"]
        ) as writer,
    ):
        # One row group a level, so that assembly reads only the level it writes.
        for _, group in itertools.groupby(range(len(rows)), key=lambda i: rows[i]["level"]):
            members = list(group)
            writer.write_table(table.slice(members[0], len(members)))
    write_json(_failures_path(out), failures)
    Receipt.of(out, len(rows)).write(out)


def finished(out: Path) -> Failures | None:
    """Failures of the shard `out`; None where it is not there whole, with its receipt."""
    receipt = Receipt.read(out)
    if receipt is None or not receipt.matches(out):
        return None
    try:
        found = json.loads(_failures_path(out).read_bytes())
    except (OSError, ValueError):
        return None
    return {sample: (reason, detail) for sample, (reason, detail) in found.items()}


def shard_tables(outs: Sequence[Path], level: Level) -> Iterator[Any]:
    """The rows of `level` in the shards `outs`, as Arrow tables, shard by shard."""
    for out in outs:
        yield pq.read_table(out, filters=[("level", "==", level.value)])
