"""Time that the runner adds to reading and decoding the images, with a model that does nothing.

Both go over the test split of a dataset in turn, in one process; the medians count, and of what is
added the median of the differences, because a busy machine slows down both of a pair.

Target: the runner adds no more than 5 ms a sample; exit code 1 where it adds more.

Example: python benchmarks/speed/bench.py out/demo/socioseg --rounds 9
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from socioseg.bench.openset import open_samples
from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.samples import IMAGES

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET_MS = 5.0


def decode(dataset: str) -> int:
    """Read and decode both images of every test sample; returns how many there are."""
    samples = open_samples(dataset, "test")
    keys = samples.index()
    for row in samples.rows(keys, ("id", "level", *IMAGES)):
        # Both at once, as the runner has them: each alone, the system maps and clears memory anew.
        images = [samples.decode(column, row[column]) for column in IMAGES]
        if images[0].shape != images[1].shape:
            sys.exit(f"{row['id']}: the images differ in size; see `socioseg verify`.")
    return len(keys)


def run(dataset: str) -> int:
    """Run the model that answers with empty masks; returns how many samples there are."""
    with tempfile.TemporaryDirectory() as folder:
        return int(bench(BenchRequest("empty", dataset, Path(folder) / "run"))["samples"])


def milliseconds(work: Callable[[str], int], dataset: str) -> float:
    """Time of one call, by sample."""
    start = time.perf_counter()
    count = work(dataset)
    return 1000 * (time.perf_counter() - start) / count


def measure(dataset: str, rounds: int) -> dict[str, float]:
    """Median milliseconds a sample of both, and their difference."""
    decode(dataset), run(dataset)  # the first of each warms caches
    pairs = [(milliseconds(decode, dataset), milliseconds(run, dataset)) for _ in range(rounds)]
    bare, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    added = statistics.median(one - other for other, one in pairs)
    return {"decode_ms": bare, "run_ms": whole, "added_ms": added, "target_ms": TARGET_MS}


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", help="dataset folder, such as out/demo/socioseg")
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    found = measure(given.dataset, given.rounds)
    text = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    print(json.dumps(found) if given.json else text)
    return int(found["added_ms"] > TARGET_MS)


if __name__ == "__main__":
    sys.exit(main())
