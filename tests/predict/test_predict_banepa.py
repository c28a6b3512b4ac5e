"""Named places of a real town: polygons on their buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas
import numpy as np
import pytest
from commands import say
from reds import found_in

if TYPE_CHECKING:
    from pathlib import Path


def test_named_places_of_banepa(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    sat, osm = shared_data / "banepa/imagery.tif", shared_data / "banepa/osm.geojson"
    result = found_in(
        sat,
        tmp_path / "places.gpkg",
        model="footprints:Footprints",
        options={"osm": str(osm), "sat": str(sat)},
        queries=str(osm),
        osm=str(osm),
        window=768,
        overlay=tmp_path / "places.png",
    )
    assert (result["queries"], result["failed"], result["outside"]) == (30, {}, [])
    found = geopandas.read_file(tmp_path / "places.gpkg").to_crs("EPSG:32645")
    truth = geopandas.read_file(osm).to_crs("EPSG:32645")
    truth.index = "way/" + truth["osm_id"].astype(str)
    assert set(found["attribution"]) == {"© OpenStreetMap contributors, ODbL 1.0"}
    scores = {
        place: _iou(shapes.union_all(), truth.geometry[place])
        for place, shapes in found.dissolve("place").geometry.groupby(level=0)
    }
    assert len(scores) >= 28
    assert np.median(list(scores.values())) > 0.6


def test_named_places_of_banepa_through_both_stages(
    shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cv2")
    sat, osm = shared_data / "banepa/imagery.tif", shared_data / "banepa/osm.geojson"
    out = tmp_path / "places.geojson"
    said = say(
        capfd, "predict", "--model", "socioreasoner", "--engine", "footprints:FootprintChat",
        "--segmenter", "grabcut", "--prompts", "socioreasoner",
        "--set", f"chat.osm={osm}", "--set", f"chat.sat={sat}",
        "--sat", str(sat), "--osm", str(osm), "--queries", str(osm), "--out", str(out),
    )  # fmt: skip
    assert said.code == 0, said.err
    found = geopandas.read_file(out).to_crs("EPSG:32645")
    truth = geopandas.read_file(osm).to_crs("EPSG:32645")
    truth.index = "way/" + truth["osm_id"].astype(str)
    scores = {
        place: _iou(shapes.union_all(), truth.geometry[place])
        for place, shapes in found.dissolve("place").geometry.groupby(level=0)
    }
    assert len(scores) >= 28
    assert np.median(list(scores.values())) > 0.6
    assert found["confidence"].between(0, 1).all()


def _iou(one: object, other: object) -> float:
    return one.intersection(other).area / one.union(other).area
