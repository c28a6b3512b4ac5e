"""OSM files that cannot be read: one sentence each, soon."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import osmium
import pytest
from osmxml import node, ring, square, way, write

from socioseg.build.osm.files import read_osm_file
from socioseg.errors import OsmError

if TYPE_CHECKING:
    from pathlib import Path

BOMB = "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'  # each ten times the one before
    for i in range(9)
)
BAD = {
    "page.osm": b"<html><body>busy</body></html>",
    "text.osm.pbf": b"this is no OSM file",
    "nothing.osm": b"",
    "nothing.osm.pbf": b"",
    "place.osm": b'<osm version="0.6"><node id="1" lat="1" lon="far"/></osm>',
    "number.osm": b'<osm version="0.6"><node id="9999999999999999999999" lat="1" lon="1"/></osm>',
    "bomb.osm": (
        f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa">{BOMB}]>'
        '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="shop" v="&j;"/></node></osm>'
    ).encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_osm_file_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(OsmError, match=rf"{name}: cannot be read as OSM data \(.+\); check"):
        read_osm_file(path)


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz", "town.osm.pbf"])
def test_a_truncated_file_is_said(tmp_path: Path, name: str) -> None:
    whole = write(tmp_path, *(node(n, 10, 50, shop=f"kind {n}") for n in range(1, 500)))
    path = tmp_path / f"cut-{name}"
    if name.endswith("pbf"):
        with osmium.SimpleWriter(path) as writer:
            for item in osmium.FileProcessor(whole):
                writer.add(item)
        data = path.read_bytes()
    else:
        data = whole.read_bytes() if name == "town.osm" else gzip.compress(whole.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(OsmError, match="check that it is complete"):
        read_osm_file(path)


@pytest.mark.parametrize("name", ["missing.osm.pbf", "."])
def test_what_cannot_be_opened_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(OsmError, match="cannot be opened"):
        read_osm_file(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, node(1, 10, 50, shop="books"))
    path.chmod(0)
    with pytest.raises(OsmError, match="Permission denied"):
        read_osm_file(path)


def test_a_file_without_features_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, *square(1, 10, 50, 0.01), way(1, ring(1)))
    with pytest.raises(OsmError, match="holds no OSM feature of use"):
        read_osm_file(path)


def test_a_node_without_a_place_is_counted(tmp_path: Path) -> None:
    lost = '<node id="2" version="1"><tag k="shop" v="books"/></node>'
    data = read_osm_file(write(tmp_path, node(1, 10, 50, shop="books"), lost))
    assert [point.osm_id for point in data.points] == ["node/1"]
    assert data.counts == {"bad_geometry": 1}
