"""Time of reading AOIs, POIs and roads from an OSM file, against a bare osmium pass over it.

The bare pass is an `osmium.FileProcessor` with node locations and areas that goes over every
object of the file and does nothing with it. Both run in turn, in one process; the medians count.

Target: reading takes no more than 2.5 times the bare pass; exit code 1 where it takes more, 2 where
the file cannot be measured.

Example: python benchmarks/speed/osm.py bremen-latest.osm.pbf --rounds 15
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import osmium

from socioseg.build.osm.files import read_osm_file
from socioseg.errors import OsmError

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = 2.5
DEFAULT = Path(__file__).parents[2] / ".." / "shared" / "data" / "osm" / "baltimore.osm.pbf"
FEWEST_ROUNDS = 3


def bare_pass(path: Path) -> None:
    """Let osmium make every object, place and area of the file."""
    for _ in osmium.FileProcessor(path).with_locations().with_areas():
        pass


def seconds(work: Callable[[Path], object], path: Path) -> float:
    """Time of one call."""
    start = time.perf_counter()
    work(path)
    return time.perf_counter() - start


def measure(path: Path, rounds: int) -> dict[str, float]:
    """Median seconds of both, and their ratio."""
    bare_pass(path), read_osm_file(path)  # the first of each warms caches
    pairs = [(seconds(bare_pass, path), seconds(read_osm_file, path)) for _ in range(rounds)]
    bare, read = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {"bare_s": bare, "read_s": read, "ratio": read / bare, "target": TARGET}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        default=DEFAULT,
        help="OSM file with its ids in order (default: %(default)s)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=9,
        help=f"times that each of both runs, {FEWEST_ROUNDS} or more (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    if given.rounds < FEWEST_ROUNDS:
        parser.error(f"--rounds {given.rounds}: give {FEWEST_ROUNDS} or more.")
    return given


def main() -> int:
    """Measure one file and print the figures; 1 where the target is missed."""
    given = arguments()
    if not given.file.exists():
        print(f"{given.file}: there is no such file; pass an .osm.pbf file.", file=sys.stderr)
        return 2
    try:
        figures = measure(given.file.resolve(), given.rounds)
    except (OsmError, RuntimeError) as fault:  # what osmium raises in the bare pass
        print(
            f"{given.file}: cannot be measured ({str(fault).rstrip('.')}); give a whole file, its"
            " ids in order (`osmium sort`).",
            file=sys.stderr,
        )
        return 2
    if given.json:
        print(json.dumps(figures))
    else:
        print(
            f"{given.file.name}: reading {figures['read_s']:.3f} s, bare osmium pass"
            f" {figures['bare_s']:.3f} s, ratio {figures['ratio']:.2f} (target {TARGET})"
        )
    return int(figures["ratio"] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
