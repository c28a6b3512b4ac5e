"""Presets of other repositories: the table of what differs, and EVEREST's golden values."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plainloops import read, square

from socioseg.metrics import CONVENTIONS, SampleStats, aggregate, stats_of
from socioseg.metrics.boxes import complete_iou

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "mask_metrics.jsonl"
EMPTY = np.zeros((64, 64), dtype=bool)
NAN = math.nan


def golden() -> list[dict[str, Any]]:
    if not GOLDEN.is_file():
        pytest.skip(f"the golden values are not at {GOLDEN}")
    return [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def scores(name: str, *stats: SampleStats) -> dict[str, float]:
    return aggregate(stats, CONVENTIONS[name])


def test_everest_gives_the_golden_values() -> None:
    for row in golden():
        found = scores("everest", stats_of(read(row["pred"]), read(row["truth"])))
        expected = [row[key] for key in ("generalised_iou", "complete_iou", "pixel_f1", "iou")]
        assert [found[key] for key in ("giou", "ciou", "f1", "iou")] == pytest.approx(
            expected, abs=1e-12
        )


def test_everest_gives_means_of_the_golden_values() -> None:
    rows = golden()
    found = scores("everest", *(stats_of(read(row["pred"]), read(row["truth"])) for row in rows))
    assert found["giou"] == pytest.approx(np.mean([row["generalised_iou"] for row in rows]))
    assert found["f1"] == pytest.approx(np.mean([row["pixel_f1"] for row in rows]))


def test_socioseg_gives_the_golden_iou() -> None:
    for row in golden():
        stats = stats_of(read(row["pred"]), read(row["truth"]))
        assert scores("socioseg", stats)["giou"] == pytest.approx(row["iou"], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "empty", "with_half"),
    [
        ("socioseg", 1, 0.75),
        ("socioreasoner", 1, 0.75),
        ("socioreasoner_reward", 0, 0.25),
        ("lisa", 1, (1 + 600 / (1200 + 1e-5)) / 2),
        ("visionreasoner", 0, 0.25),
        ("seg_zero", NAN, 0.5),
        ("seg_r1", 0, 0.25),
        ("segearth_r1", 1, 0.75),
        ("rsrefseg", NAN, NAN),
        ("everest", 1, (1 + 0.5) / 2),
    ],
)
def test_a_sample_with_both_masks_empty(name: str, empty: float, with_half: float) -> None:
    convention = CONVENTIONS[name]
    nothing = stats_of(EMPTY, EMPTY, convention)
    half = stats_of(square(0, 0, 30), square(0, 10, 30), convention)
    assert scores(name, nothing)["giou"] == pytest.approx(empty, nan_ok=True)
    # Resizing moves the edges of the squares by up to a pixel in 64.
    exact = 1e-9 if convention.frame is None else 0.01
    assert scores(name, nothing, half)["giou"] == pytest.approx(with_half, abs=exact, nan_ok=True)


def test_both_empty_never_changes_a_pooled_iou() -> None:
    half = stats_of(square(0, 0, 30), square(0, 10, 30))
    nothing = stats_of(EMPTY, EMPTY)
    for name, convention in CONVENTIONS.items():
        if convention.metrics.get("ciou") == "ciou":
            assert scores(name, half, nothing)["ciou"] == pytest.approx(0.5)


def test_epsilons_are_added_to_the_union() -> None:
    pixel = stats_of(square(0, 0, 1), square(0, 0, 1))
    assert scores("lisa", pixel)["giou"] == 1 / (1 + 1e-5)
    assert scores("lisa", pixel)["ciou"] == 1 / (1 + 1e-10)
    assert scores("seg_r1", pixel)["giou"] == 1 / (1 + 1e-10)


def test_seg_zero_leaves_out_empty_samples_but_not_failures() -> None:
    half = stats_of(square(0, 0, 30), square(0, 10, 30))
    assert scores("seg_zero", half, stats_of(None, EMPTY))["giou"] == 0.25


def test_a_failure_adds_its_truth_to_the_summed_union() -> None:
    half, failed = stats_of(square(0, 0, 30), square(0, 10, 30)), stats_of(None, square(0, 0, 30))
    assert scores("visionreasoner", half, failed)["ciou"] == pytest.approx(600 / 2100)


def test_samples_above_limits_are_strictly_above() -> None:
    half = stats_of(square(0, 0, 48), square(0, 16, 48), CONVENTIONS["rsrefseg"])
    more = stats_of(square(0, 0, 20), square(0, 0, 19), CONVENTIONS["rsrefseg"])
    found = scores("rsrefseg", half, more)
    assert half.iou == 0.5
    assert [found[f"pr@{limit}"] for limit in (0.5, 0.8, 0.9)] == [0.5, 0.5, 0.5]


def test_class_mean_iou_takes_the_background_for_a_class() -> None:
    half = stats_of(square(0, 0, 30), square(0, 10, 30))
    background = (64 * 64 - 1200) / (64 * 64 - 600)
    assert scores("segearth_ov", half)["miou"] == pytest.approx((0.5 + background) / 2)


def test_complete_iou_of_equal_boxes_is_one_and_falls_with_distance() -> None:
    box, others = np.array([[0, 0, 10, 20]]), np.array([[0, 0, 10, 20], [5, 0, 15, 20]])
    same, moved = complete_iou(np.repeat(box, 2, axis=0), others)
    assert same == 1
    assert moved == pytest.approx(1 / 3 - 25 / (15**2 + 20**2))


def test_the_default_is_first_and_all_say_where_they_come_from() -> None:
    assert next(iter(CONVENTIONS)) == "socioseg"
    assert all(each.source and each.differs for each in CONVENTIONS.values())


def test_torchmetrics_gives_the_same_pooled_iou_and_dice() -> None:
    functional = pytest.importorskip(
        "torchmetrics.functional", reason="torchmetrics is not installed"
    )
    import torch

    pred, truth = square(0, 0, 30), square(0, 10, 30)
    tensors = torch.from_numpy(pred).int(), torch.from_numpy(truth).int()
    found = scores("socioseg", stats_of(pred, truth))
    assert found["ciou"] == pytest.approx(float(functional.jaccard_index(*tensors, "binary")))
    assert found["dice"] == pytest.approx(float(functional.f1_score(*tensors, "binary")))
