"""Builds of the real data: Banepa's imagery and tiles, and every OSM extract."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from servers import Answer

from socioseg.build.pipeline import BuildRequest, build
from socioseg.build.plan.planning import plan_build
from socioseg.dataset.store import read_rows
from socioseg.dataset.verify import verify
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Serve
    from servers import Request

    from socioseg.dataset.report import Report

SPLITS = ("train", "validation", "test")
BANEPA: dict[str, Any] = {"zoom": 19, "split.method": "random"}
OSM_FILES = (
    *("addis_meskel_am.osm", "baltimore.osm.pbf", "beijing_bupt_zh.osm", "beijing_cau_zh.osm"),
    *("berlin_neukoelln_de.osm", "campo_grande_pt.osm.gz", "columbus-oh.osm.pbf"),
    *("helsinki-centre-2019.osm.pbf", "liechtenstein-2015.osm.pbf", "london_moorgate.osm.pbf"),
    *("moscow_ru.osm.gz", "shanghai_shu_zh.osm", "shibuya_crossing_ja.osm"),
    *("singapore_bayfront.osm.pbf", "taipei_zh.osm"),
)


def _build(region: Path, out: Path, **overrides: object) -> Report:
    request = BuildRequest(str(region), out, out.parent / "cache", overrides)
    report = build(request)
    assert verify(out) == []
    return report


def _levels(root: Path) -> Counter[Level]:
    rows = ((level, row) for level in Level for s in SPLITS for row in read_rows(root, level, s))
    return Counter(level for level, _ in rows)


@pytest.mark.slow
def test_banepa_from_its_raster(shared_data: Path, tmp_path: Path) -> None:
    banepa = shared_data / "banepa"
    osm, imagery = banepa / "osm.geojson", str(banepa / "imagery.tif")
    report = _build(osm, tmp_path / "set", osm=str(osm), imagery=imagery, **BANEPA)
    assert report.counts.ok >= 25
    assert min(_levels(tmp_path / "set").values()) >= 5


@pytest.mark.slow
def test_banepa_from_its_tiles(shared_data: Path, tmp_path: Path, serve: Serve) -> None:
    banepa = shared_data / "banepa"

    def respond(request: Request) -> Answer:
        z, x, y = re.findall(r"\d+", request.path)
        tile = banepa / "tiles" / f"OAM-{x}-{y}-{z}.tif"
        return Answer(tile.read_bytes()) if tile.exists() else Answer(status=404)

    url = f"{serve(respond).url}/{{z}}/{{x}}/{{y}}.jpg"
    rights = {"rights.license": "CC-BY-4.0", "rights.attribution": "HOTOSM"}
    report = _build(banepa / "osm.geojson", tmp_path / "set", imagery=url, **rights, **BANEPA)
    assert report.imagery[0].license == "CC-BY-4.0"
    assert report.counts.ok + len(report.failed) == report.counts.planned
    assert set(report.counts.by_reason) <= {"http_404"}
    assert report.counts.ok >= 25


@pytest.mark.slow
@pytest.mark.parametrize("name", OSM_FILES)
def test_every_extract_builds_with_synthetic_imagery(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    few = {"limits.max_samples": 9, "size": 256}
    report = _build(shared_data / "osm" / name, tmp_path / "set", imagery="synthetic", **few)
    assert report.counts.ok >= 1


@pytest.mark.slow
def test_baltimore_is_rich(shared_data: Path, tmp_path: Path) -> None:
    region = str(shared_data / "osm" / "baltimore.osm.pbf")
    planning = plan_build(region, {"imagery": "synthetic"}, tmp_path)
    kept = [
        sample
        for sample, split in zip(planning.plan.samples, planning.splitting.splits, strict=True)
        if split
    ]
    assert planning.splitting.method == "blocks"
    assert planning.splitting.given_up < 0.2
    assert len(kept) >= 400
    assert len({sample.socio_class for sample in kept}) >= 25
