"""Scores of a run, from its log and the dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bench.benchset import run

from socioseg.bench.log import LOG, read_log
from socioseg.bench.openset import open_samples
from socioseg.bench.samples import true_masks
from socioseg.bench.score import SCORES, score, score_rows
from socioseg.errors import DatasetError, OutputError, UsageError
from socioseg.metrics import CONVENTIONS
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


def _plain(run_: Path, data: Path) -> dict[str, float]:
    """gIoU and cIoU by their definitions, on decoded masks."""
    samples = open_samples(str(data), "test")
    lines = {line.id: line for line in read_log(run_)}
    keys = [key for key in samples.index() if key.id in lines]
    truths = [mask for _, mask in true_masks(samples, keys)]
    pairs = [
        (lines[key.id].mask_array(truth.shape), truth)
        for key, truth in zip(keys, truths, strict=True)
    ]
    common = np.array([np.sum(a & b) for a, b in pairs])
    either = np.array([np.sum(a | b) for a, b in pairs])
    ious = [1.0 if not e else c / e for c, e in zip(common, either, strict=True)]
    return {"giou": float(np.mean(ious)), "ciou": common.sum() / either.sum()}


@pytest.mark.parametrize("model", ["bench.benchset:Bright", "full", "empty", "oracle-fill"])
def test_scores_are_those_of_the_masks(data: Path, tmp_path: Path, model: str) -> None:
    run(data, tmp_path / "run", model)
    found = score(tmp_path / "run")["groups"]["all"]["all"]
    expected = _plain(tmp_path / "run", data)
    assert {name: found[name]["value"] for name in expected} == pytest.approx(expected)


def test_scores_lie_in_the_run_and_hold_every_level(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full")
    result = score(tmp_path / "run")
    assert json.loads((tmp_path / "run" / SCORES).read_bytes()) == result
    assert set(result["groups"]["level"]) <= set(Level)
    assert {"all", "level", "class", "function", "count", "size"} <= set(result["groups"])
    assert result["samples"] == len(list(read_log(tmp_path / "run")))


def test_every_group_says_how_many_samples_it_holds(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "bench.benchset:Picky", limit=14)
    result = score(tmp_path / "run")
    counts, samples = result["counts"], result["samples"]
    assert {kind: set(names) for kind, names in counts.items()} == {
        kind: set(names) for kind, names in result["groups"].items()
    }
    for kind in ("all", "level", "function", "region", "count", "size"):
        assert sum(each["samples"] for each in counts[kind].values()) == samples == 14
    assert sum(each["samples"] for each in counts["class"].values()) == 10  # functions have none
    assert counts["level"]["function"] == {"samples": 4, "clusters": 4, "empty": 4, "failed": 4}
    assert counts["all"]["all"]["failed"] == 4


def test_all_is_over_samples_for_giou_and_pooled_for_the_others(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", limit=12)
    result = score(tmp_path / "run")
    levels, counts = result["groups"]["level"], result["counts"]["level"]
    weighted = {
        metric: sum(levels[name][metric]["value"] * counts[name]["samples"] for name in levels) / 12
        for metric in ("giou", "ciou", "dice")
    }
    whole = result["groups"]["all"]["all"]
    assert whole["giou"]["value"] == pytest.approx(weighted["giou"])
    assert whole["ciou"]["value"] == pytest.approx(_plain(tmp_path / "run", data)["ciou"])
    assert whole["ciou"]["value"] != pytest.approx(weighted["ciou"], abs=1e-6)


def test_scoring_twice_gives_the_same_bytes(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "bench.benchset:Bright")
    score(tmp_path / "run")
    first = (tmp_path / "run" / SCORES).read_bytes()
    score(tmp_path / "run")
    assert (tmp_path / "run" / SCORES).read_bytes() == first


def test_a_failure_is_scored_as_an_empty_mask_and_counted(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full")
    lines = [
        line.model_copy(update={"mask": None, "status": "error", "detail": "x"})
        for line in read_log(tmp_path / "run")
    ]
    (tmp_path / "run" / LOG).write_bytes(b"".join(line.to_bytes() for line in lines))
    failed = score(tmp_path / "run")["groups"]["all"]["all"]
    run(data, tmp_path / "nothing", "empty")
    empty = score(tmp_path / "nothing")["groups"]["all"]["all"]
    assert failed["giou"] == empty["giou"]
    assert (failed["failed"]["value"], empty["failed"]["value"]) == (1.0, 0.0)


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_every_convention_gives_rows_for_people(
    data: Path, tmp_path: Path, convention: str
) -> None:
    run(data, tmp_path / "run", "bench.benchset:Bright", limit=6)
    rows = score_rows(score(tmp_path / "run", convention))
    assert rows[0]["level"] == "all"
    assert all(set(row) == set(rows[0]) and len(row) > 1 for row in rows)


def test_another_dataset_or_convention_is_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full")
    with pytest.raises(UsageError, match="did you mean lisa"):
        score(tmp_path / "run", "lisaa")
    info = json.loads((tmp_path / "run" / "run.json").read_bytes())
    info["key"]["dataset"] = "other"
    (tmp_path / "run" / "run.json").write_text(json.dumps(info))
    with pytest.raises(DatasetError, match="has changed since"):
        score(tmp_path / "run")


def test_a_run_without_answers_is_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full", limit=1)
    (tmp_path / "run" / LOG).write_bytes(b"")
    with pytest.raises(OutputError, match="holds no answers yet: run the model first"):
        score(tmp_path / "run")


def test_a_mask_of_another_size_than_its_images_is_named(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full", limit=1)
    (line,) = read_log(tmp_path / "run")
    assert line.mask
    small = line.model_copy(update={"mask": line.mask.model_copy(update={"size": (32, 128)})})
    (tmp_path / "run" / LOG).write_bytes(small.to_bytes())
    with pytest.raises(DatasetError, match=rf"{line.id}: its images are \(32, 128\) pixels"):
        score(tmp_path / "run")
