"""Time of scoring masks, against the bare cost of decoding them and counting pixels.

The masks are 768 x 768, as COCO run-length codes: entities of random outline and size, and
predictions of them that are moved, ragged, sometimes missed, with specks and false instances. The
bare cost decodes prediction and truth with pycocotools and counts the pixels of each and of both.
Scoring makes all counts that any metric needs (pixels, boundaries, instances and their matching)
and all scores of the set, from the codes, and, for comparison, from the decoded masks. The
three run in turn on batches of 100 samples; the medians count.

    python benchmarks/speed/score.py [--samples 10000] [--json]

Target: scoring takes no more than 1.5 times the bare cost.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from pycocotools import mask as coco

from socioseg.metrics import SampleStats, aggregate, stats_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Pair = tuple[Any, Any]

TARGET = 1.5
SIDE, BATCH = 768, 100
COUNTS = (0.62, 0.16, 0.08, 0.05, 0.04, 0.03, 0.02)
"""Shares of samples with 1, 2, ... instances, between the paper's set and towns built from OSM."""


def entity(random: np.random.Generator, ragged: float) -> Callable[[float, float], NDArray[Any]]:
    """An outline of random size, drawn by shifting it."""
    radius = SIDE * np.exp(random.normal(-2.3, 0.7)).clip(0.02, 0.45)
    centre, turns = random.uniform(0.1, 0.9, 2) * SIDE, np.arange(2, 7)
    waves, phases = random.normal(0, 0.12, 5), random.uniform(0, 6.28, 5)
    ys, xs = np.mgrid[:SIDE, :SIDE]

    def draw(dy: float, dx: float) -> NDArray[Any]:
        y, x = ys - centre[0] - dy * radius, xs - centre[1] - dx * radius
        angle = np.arctan2(y, x)
        edge = 1 + sum(
            wave * np.sin(turn * angle + phase)
            for wave, turn, phase in zip(waves, turns, phases, strict=True)
        )
        edge += ragged * np.sin(40 * angle) * np.sin(17 * angle) * bool(dy)
        return np.asarray(np.hypot(y, x) < radius * edge)

    return draw


def sample(random: np.random.Generator) -> Pair:
    """Codes of a prediction and its truth."""
    truth, pred = np.zeros((2, SIDE, SIDE), dtype=bool)
    for _ in range(1 + int(random.choice(len(COUNTS), p=COUNTS))):
        draw = entity(random, ragged=0.03)
        truth |= draw(0, 0)
        if random.random() < 0.85:
            pred |= draw(*random.normal(0, 0.15, 2))
    if random.random() < 0.2:
        pred |= entity(random, ragged=0.03)(0.01, 0)
    if random.random() < 0.3:
        for y, x in random.integers(SIDE - 6, size=(10, 2)):
            pred[y : y + 1 + y % 5, x : x + 1 + x % 5] = True
    masks = (np.asfortranarray(mask, dtype=np.uint8) for mask in (pred, truth))
    first, second = (coco.encode(mask) for mask in masks)
    return first, second


def bare(pairs: Sequence[Pair]) -> list[tuple[int, ...]]:
    """Decode and count pixels."""
    counts = []
    for pair in pairs:
        pred, truth = (coco.decode(code).view(np.bool_) for code in pair)
        counts.append(tuple(int(np.count_nonzero(each)) for each in (pred, truth, pred & truth)))
    return counts


def score(pairs: Sequence[Pair]) -> list[SampleStats]:
    """Score from codes."""
    stats = [stats_of(pred, truth) for pred, truth in pairs]
    aggregate(stats)
    return stats


def decode_and_score(pairs: Sequence[Pair]) -> list[SampleStats]:
    """Score from decoded masks."""
    stats = []
    for pair in pairs:
        pred, truth = (coco.decode(code).view(np.bool_) for code in pair)
        stats.append(stats_of(pred, truth))
    aggregate(stats)
    return stats


def seconds(work: Callable[[Sequence[Pair]], object], pairs: Sequence[Pair]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    work(pairs)
    return time.perf_counter() - start


def measure(samples: int) -> dict[str, float]:
    """Median microseconds of a sample, and the ratios."""
    random = np.random.default_rng(0)
    pairs = [sample(random) for _ in range(BATCH)]
    works = (bare, score, decode_and_score)
    stats = score(pairs)
    if stats != decode_and_score(pairs) or bare(pairs) != [each[1:4] for each in stats]:
        sys.exit("Codes, masks and bare counts do not agree: the figures would mean nothing.")
    rounds = [[seconds(work, pairs) for work in works] for _ in range(max(7, samples // BATCH))]
    plain, codes, masks = (statistics.median(each) / BATCH for each in zip(*rounds, strict=True))
    return {
        "bare_us": 1e6 * plain,
        "codes_us": 1e6 * codes,
        "masks_us": 1e6 * masks,
        "ratio": codes / plain,
        "masks_ratio": masks / plain,
        "target": TARGET,
    }


def main() -> int:
    """Measure and print the figures; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.samples)
    if given.json:
        print(json.dumps(figures))
    else:
        print(
            f"one of {given.samples} samples of {SIDE} x {SIDE}: scoring {figures['codes_us']:.0f}"
            f" us, decoding and counting {figures['bare_us']:.0f} us, ratio {figures['ratio']:.2f}"
            f" (target {TARGET}); scoring decoded masks {figures['masks_us']:.0f} us,"
            f" ratio {figures['masks_ratio']:.2f}"
        )
    return int(figures["ratio"] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
