"""OSM files (.osm.pbf, .osm, .osm.gz, .osm.bz2, .o5m) read with osmium."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import osmium

from socioseg.build.osm.reader import OsmReader
from socioseg.build.osm.sort import sorted_copy
from socioseg.errors import OsmError, SocioSegError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from socioseg.features import OsmData
    from socioseg.sample import Bounds

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".o5m")

_FAULTS = (RuntimeError, ValueError, OSError, osmium.InvalidLocationError)


def read_osm_file(path: Path, bounds: Bounds | None = None) -> OsmData:
    """Areas, lines and points of use in an OSM file.

    Parameters
    ----------
    path : Path
        A file with one of `SUFFIXES`.
    bounds : Bounds, optional
        Degrees (west, south, east, north): features that meet it are kept, whole.

    Returns
    -------
    OsmData
        `bounds` is the header's box, else the extent of the areas of use in the file;
        `timestamp` the header's, else that of the latest feature. `counts` may hold
        `incomplete_relations` and `incomplete_ways` (left out: a member or node is not in the
        file), `unclear_relations` (left out: without tags, and those of the outer ways differ),
        `clipped_lines` (drawn as far as their nodes are known), `repaired_geometry` and
        `bad_geometry` (left out).

    Raises
    ------
    OsmError
        If the file cannot be read, is no OSM file, is cut short, or holds no feature of use.
    """
    _check_readable(path)
    with _sentences(path):
        reader = _read_in_order(path, bounds)
        box, timestamp = _header(path)
    data = reader.into.data(bounds=box, timestamp=timestamp or reader.timestamp)
    if reader.into.extent is None:
        raise OsmError(f"{path}: holds no OSM feature of use; check that it is the right extract.")
    return data


def osm_extent(path: Path) -> Bounds:
    """Box in the header of an OSM file, in degrees; where it has none, the extent of its areas.

    Raises
    ------
    OsmError
        As `read_osm_file`.
    """
    _check_readable(path)
    with _sentences(path):
        box, _ = _header(path)
    bounds = box or read_osm_file(path).bounds
    if bounds is None:  # read_osm_file would have raised
        raise OsmError(f"{path}: its extent is not known; give west,south,east,north.")
    return bounds


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Turn what osmium raises into one sentence."""
    try:
        yield
    except SocioSegError:
        raise
    except _FAULTS as fault:
        reason = str(fault).strip().rstrip(".") or type(fault).__name__
        raise OsmError(
            f"{path}: cannot be read as OSM data ({reason}); check that it is complete."
        ) from fault


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as fault:
        raise OsmError(
            f"{path}: cannot be opened ({fault.strerror}); check the path and its permissions."
        ) from fault


def _header(path: Path) -> tuple[Bounds | None, str]:
    """Box in degrees and timestamp that stand in the header; None and "" where they do not."""
    header = osmium.FileProcessor(path).header
    box = header.box()
    bounds = None
    if box.valid():
        low, high = box.bottom_left, box.top_right
        bounds = (low.lon, low.lat, high.lon, high.lat)
    return bounds, header.get("osmosis_replication_timestamp", "")


def _read_in_order(path: Path, bounds: Bounds | None) -> OsmReader:
    """Read the file; if its order is not what osmium needs, read a sorted copy and say so."""
    reader = OsmReader(bounds)
    try:
        reader.read(path)
        if not reader.order_lost_nodes():
            return reader
    except RuntimeError as fault:
        if "out of order" not in str(fault) and "twice" not in str(fault):
            raise
    reader = OsmReader(bounds)
    reader.into.notes.append(f"{path.name} is not in the usual order of ids; it was sorted first.")
    with sorted_copy(path) as copy:
        reader.read(copy)
    return reader
