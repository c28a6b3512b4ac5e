"""Runs: what is logged, resumed, refused."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bench.benchset import PER_LEVEL, outcome, run

from socioseg.bench.fit import LEARNT
from socioseg.bench.log import LOG, read_log
from socioseg.bench.ours import OurSamples
from socioseg.bench.runfile import read_run
from socioseg.bench.samples import true_masks
from socioseg.errors import DatasetError, OutputError, ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

ALL = 3 * PER_LEVEL


def test_every_sample_has_a_line(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "run")
    assert result == {"run": str(tmp_path / "run"), "samples": ALL, "status": {"ok": ALL}}
    lines = list(read_log(tmp_path / "run"))
    assert [line.id for line in lines] == [key.id for key in OurSamples(data, "test").index()]
    assert all(line.id.startswith(f"{line.level}_") for line in lines)
    assert all(line.seconds["total"] >= 0 for line in lines)


@pytest.mark.parametrize("changes", [{"batch_size": 1}, {"batch_size": 4}, {"batch_size": 99}])
def test_the_batch_changes_nothing(data: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    run(data, tmp_path / "one")
    run(data, tmp_path / "other", **changes)
    assert outcome(tmp_path / "one") == outcome(tmp_path / "other")


def test_a_limit_is_gone_on_from(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "run", limit=4)["samples"] == 4
    first = (tmp_path / "run" / LOG).read_bytes()
    run(data, tmp_path / "run")
    assert (tmp_path / "run" / LOG).read_bytes().startswith(first)
    assert len(outcome(tmp_path / "run")) == ALL
    assert [session.chosen for session in read_run(tmp_path / "run").sessions] == [4, ALL]


def test_a_finished_run_is_left_as_it_is(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert run(data, tmp_path / "run")["status"] == {"ok": ALL}
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


@pytest.mark.parametrize("cut", [1, 5, 200])
def test_a_torn_line_runs_again(data: Path, tmp_path: Path, cut: int) -> None:
    run(data, tmp_path / "run")
    whole, path = outcome(tmp_path / "run"), tmp_path / "run" / LOG
    path.write_bytes(path.read_bytes()[:-cut])
    run(data, tmp_path / "run")
    assert outcome(tmp_path / "run") == whole


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": "bench.benchset:Picky"}, "model"),
        ({"options": {"shift": 1}}, "recipe"),
        ({"split": "train"}, "split"),
    ],
)
def test_another_runs_folder_is_refused(
    data: Path, tmp_path: Path, changes: dict[str, Any], word: str
) -> None:
    run(data, tmp_path / "run")
    before = (tmp_path / "run" / LOG).read_bytes()
    with pytest.raises(OutputError, match=f"holds a run of another {word}.*choose another --out"):
        run(data, tmp_path / "run", **changes)
    assert (tmp_path / "run" / LOG).read_bytes() == before


def test_a_changed_dataset_is_refused(data: Path, tmp_path: Path) -> None:
    town = shutil.copytree(data, tmp_path / "town")
    run(town, tmp_path / "run", limit=1)
    report = json.loads((town / "report.json").read_text())
    report["files"][0]["sha256"] = "0" * 64
    (town / "report.json").write_text(json.dumps(report))
    with pytest.raises(OutputError, match="another dataset"):
        run(town, tmp_path / "run")


def test_a_folder_of_other_things_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="not a run's"):
        run(data, tmp_path)


def test_where_a_model_raises_only_that_sample_fails(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "run", "bench.benchset:Picky", batch_size=4)
    assert result["status"] == {"ok": 2 * PER_LEVEL, "error": PER_LEVEL}
    failed = [line for line in read_log(tmp_path / "run") if not line.ok]
    assert {str(line.level) for line in failed} == {"function"}
    assert failed[0].detail == "RuntimeError: no functions here"
    assert not failed[0].mask_array((3, 4)).any()


def test_bad_masks_are_failures(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "run", "bench.benchset:Sloppy", batch_size=4)
    assert result["status"] == {"wrong_size": PER_LEVEL, "not_finite": 2 * PER_LEVEL}


def test_an_error_for_the_user_stops_the_run(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="the server is down"):
        run(data, tmp_path / "run", "bench.benchset:Asking")
    assert not outcome(tmp_path / "run")


def test_only_an_oracle_sees_the_truth(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "bench.benchset:Knowing")
    assert read_run(tmp_path / "run").sees_truth
    samples = OurSamples(data, "test")
    truths = [mask for _, mask in true_masks(samples, samples.index())]
    for line, truth in zip(read_log(tmp_path / "run"), truths, strict=True):
        np.testing.assert_array_equal(line.mask_array((64, 64)), truth)
        assert bool(line.boxes) == truth.any()


def test_a_broken_image_fails_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, broken = OurSamples.decode, OurSamples(data, "test").index()[2].id
    state = {"count": 0}

    def decode_some(self: OurSamples, column: str, image: bytes) -> Any:  # noqa: ANN401
        state["count"] += 1
        return decode(self, column, image if state["count"] != 5 else image[:100])

    monkeypatch.setattr(OurSamples, "decode", decode_some)
    assert run(data, tmp_path / "run")["status"] == {"ok": ALL - 1, "bad_image": 1}
    assert outcome(tmp_path / "run")[broken][0] == "bad_image"


def test_what_a_model_learns_stays_with_its_run(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "centre", limit=3)
    learnt = (tmp_path / "run" / LEARNT).read_bytes()
    run(data, tmp_path / "run", "centre")
    assert (tmp_path / "run" / LEARNT).read_bytes() == learnt
    run(data, tmp_path / "whole", "centre")
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")
    (tmp_path / "run" / LEARNT).write_text("{")
    assert run(data, tmp_path / "run", "centre")["samples"] == ALL  # nothing is left to do
    (tmp_path / "run" / LOG).write_bytes(b"")
    with pytest.raises(OutputError, match=r"learnt.json is damaged"):
        run(data, tmp_path / "run", "centre")


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"split": "dev"}, UsageError, "no split 'dev'"),
        ({"level": "kind"}, UsageError, "no level 'kind'"),
        ({"ids": ["class_x"]}, UsageError, "no sample 'class_x'"),
        ({"shard": "4/4"}, UsageError, "from 0 to n - 1"),
        ({"model": "centr"}, UsageError, "did you mean centre"),
        ({"dataset": "nowhere"}, DatasetError, "No dataset 'nowhere'"),
    ],
)
def test_wrong_requests_leave_nothing(
    data: Path, tmp_path: Path, changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        run(changes.pop("dataset", data), tmp_path / "run", **changes)
    assert not (tmp_path / "run").exists()
