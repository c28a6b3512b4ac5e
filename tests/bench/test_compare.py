"""Two runs on the same samples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bench.benchset import PER_LEVEL, run

from socioseg.bench.compare import check_same_data, compare, compare_rows
from socioseg.bench.score import score
from socioseg.bench.scored import score_samples
from socioseg.errors import DatasetError, OutputError, UsageError
from socioseg.metrics import CONVENTIONS, SOCIOSEG, paired_bootstrap
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


def _two(data: Path, folder: Path, **changes: Any) -> tuple[Path, Path]:  # noqa: ANN401
    """A better run and a worse one."""
    run(data, folder / "one", "oracle-fill")
    run(data, folder / "two", "bench.benchset:Bright", **changes)
    return folder / "one", folder / "two"


def test_values_are_those_of_both_runs_and_their_difference(data: Path, tmp_path: Path) -> None:
    pair = _two(data, tmp_path)
    result = compare(*pair)
    scores = [score(each)["groups"] for each in pair]
    assert list(result["levels"]) == ["all", *Level]
    for level, found in result["levels"].items():
        kind = "all" if level == "all" else "level"
        for name, each in found["metrics"].items():
            one, other = (groups[kind][level][name]["value"] for groups in scores)
            assert (each["first"], each["second"]) == (one, other)
            assert each["value"] == one - other
            assert each["low"] <= each["value"] + 1e-9
            assert each["value"] <= each["high"] + 1e-9


def test_intervals_are_those_of_the_paired_bootstrap(data: Path, tmp_path: Path) -> None:
    pair = _two(data, tmp_path)
    stats = [[s.stats for s in score_samples(each, SOCIOSEG)] for each in pair]
    # Windows of one number show the same ground at every level.
    expected = paired_bootstrap(*stats, np.tile(np.arange(PER_LEVEL), 3))["ciou"]
    found = compare(*pair)["levels"]["all"]
    assert found["clusters"] == PER_LEVEL
    assert [found["metrics"]["ciou"][key] for key in expected._fields] == pytest.approx(expected)


def test_exchanging_the_runs_turns_the_difference_round(data: Path, tmp_path: Path) -> None:
    one, two = _two(data, tmp_path)
    there, back = (
        compare(*pair)["levels"]["all"]["metrics"]["giou"] for pair in ((one, two), (two, one))
    )
    assert (there["value"], there["low"], there["p"]) == pytest.approx(
        (-back["value"], -back["high"], back["p"])
    )
    assert there["value"] > 0
    assert there["detectable"] == pytest.approx(back["detectable"])


def test_only_samples_of_both_count(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", "full", limit=7)
    run(data, tmp_path / "two", "full")
    result = compare(tmp_path / "one", tmp_path / "two")
    assert (result["shared"], result["only_first"], result["only_second"]) == (7, 0, 8)
    assert set(result["levels"]) == {"all", "name", "class"}
    assert result["levels"]["all"]["samples"] == 7
    assert result["levels"]["all"]["metrics"]["giou"]["value"] == 0
    assert result["levels"]["all"]["metrics"]["giou"]["p"] == 1


def test_a_result_is_json_and_rows_under_every_convention(data: Path, tmp_path: Path) -> None:
    pair = _two(data, tmp_path)
    for convention in CONVENTIONS:
        result = compare(*pair, convention)
        assert json.loads(json.dumps(result, allow_nan=False)) == result
        rows = compare_rows(result)
        assert {row["level"] for row in rows} == {"all", *Level}
    assert compare_rows(compare(*pair, "rsrefseg"))[0]["p"] == "none"  # empty masks: no number


def test_one_place_has_no_limits(data: Path, tmp_path: Path) -> None:
    one, two = _two(data, tmp_path, limit=1)
    found = compare(one, two)["levels"]["all"]["metrics"]["giou"]
    assert found["low"] is found["p"] is found["detectable"] is None


def test_runs_without_a_common_sample_are_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", "full", level="name")
    run(data, tmp_path / "two", "full", level="class")
    with pytest.raises(OutputError, match="no sample in common: nothing to compare"):
        compare(tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize("name", ["dataset", "split"])
def test_runs_of_other_data_are_refused(data: Path, tmp_path: Path, name: str) -> None:
    one, two = _two(data, tmp_path, limit=1)
    info = json.loads((two / "run.json").read_bytes())
    info["key"][name] = "other"
    (two / "run.json").write_text(json.dumps(info))
    with pytest.raises(OutputError, match=rf"are of different {name}s \(.*, other\): compare runs"):
        check_same_data([one, one, two])
    with pytest.raises((OutputError, DatasetError), match=r"different splits|has changed since"):
        compare(one, two)


def test_an_unknown_convention_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean everest"):
        compare(tmp_path, tmp_path, "everst")
