"""Asking again where the answer was a failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from bench import benchset
from bench.benchset import PER_LEVEL, outcome, run

from socioseg.bench.log import LOG, open_log, read_log
from socioseg.bench.merge import merge
from socioseg.bench.runfile import read_run
from socioseg.bench.score import score
from socioseg.bench.sidebyside import side_by_side
from socioseg.errors import OutputError
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from socioseg.models.base import Prediction
    from socioseg.sample import Query

ALL = 3 * PER_LEVEL


class Moody(benchset.Bright):
    """Raises at some levels until it is in a better mood."""

    bad: ClassVar[set[Level]] = set()
    asked: ClassVar[list[str]] = []

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Masks, or trouble."""
        self.asked.extend(query.id for query in samples)
        if any(query.level in self.bad for query in samples):
            raise ConnectionError("not now")
        return super().predict(samples)


@pytest.fixture(autouse=True)
def mood() -> Iterator[None]:
    Moody.bad = {Level.CLASS, Level.FUNCTION}
    yield
    Moody.asked.clear()


def _run(data: Path, out: Path, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    Moody.asked.clear()
    return run(data, out, f"{__name__}:Moody", batch_size=1, **changes)


def test_only_failures_are_asked_again_and_the_last_line_counts(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert _run(data, out)["status"] == {"error": 2 * PER_LEVEL, "ok": PER_LEVEL}
    before, failed = (out / LOG).read_bytes(), {line.id for line in read_log(out) if not line.ok}
    Moody.bad = {Level.FUNCTION}
    assert _run(data, out, retry_failed=True)["status"] == {"ok": 2 * PER_LEVEL, "error": PER_LEVEL}
    assert set(Moody.asked) == failed
    assert (out / LOG).read_bytes().startswith(before)
    assert (out / LOG).read_bytes().count(b"\n") == ALL + 2 * PER_LEVEL
    assert len(list(read_log(out))) == ALL
    Moody.bad = set()
    assert _run(data, out, retry_failed=True)["status"] == {"ok": ALL}
    assert len(Moody.asked) == PER_LEVEL
    assert [session.retry_failed for session in read_run(out).sessions] == [False, True, True]


def test_without_the_option_a_failure_stays(data: Path, tmp_path: Path) -> None:
    _run(data, tmp_path / "run")
    before = (tmp_path / "run" / LOG).read_bytes()
    Moody.bad = set()
    assert _run(data, tmp_path / "run")["status"]["error"] == 2 * PER_LEVEL
    assert not Moody.asked
    assert (tmp_path / "run" / LOG).read_bytes() == before


def test_a_run_without_failures_is_left_as_it_is(data: Path, tmp_path: Path) -> None:
    Moody.bad = set()
    _run(data, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    _run(data, tmp_path / "run", retry_failed=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_a_retry_keeps_to_what_was_chosen_and_runs_what_is_new(data: Path, tmp_path: Path) -> None:
    _run(data, tmp_path / "run", level="class", limit=3)
    Moody.bad = set()
    _run(data, tmp_path / "run", level="class", limit=1, retry_failed=True)
    assert len(Moody.asked) == 1
    result = _run(data, tmp_path / "run", level="class", retry_failed=True)
    assert (len(Moody.asked), result["status"]) == (4, {"ok": PER_LEVEL})


def test_a_retried_run_scores_and_merges_as_one_that_never_failed(
    data: Path, tmp_path: Path
) -> None:
    whole, again, merged = (tmp_path / name for name in ("whole", "again", "merged"))
    _run(data, again)
    Moody.bad = set()
    _run(data, again, retry_failed=True)
    _run(data, whole)
    merge([again], merged)
    assert outcome(again) == outcome(whole) == outcome(merged)
    assert score(again) == score(whole) == score(merged)
    assert side_by_side(again) == side_by_side(whole)


def test_a_failed_shard_and_its_retried_copy_contradict_each_other(
    data: Path, tmp_path: Path
) -> None:
    _run(data, tmp_path / "one")
    Moody.bad = set()
    _run(data, tmp_path / "two")
    with pytest.raises(OutputError, match="ended otherwise"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "merged")


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_a_torn_line_of_a_retry_leaves_the_failure(data: Path, tmp_path: Path, cut: int) -> None:
    out = tmp_path / "run"
    _run(data, out, level="class")
    failures = outcome(out)
    Moody.bad = set()
    _run(data, out, level="class", limit=1, retry_failed=True)
    (out / LOG).write_bytes((out / LOG).read_bytes()[:-cut])
    assert outcome(out) == failures
    with open_log(out) as log:
        assert log.failed == log.done == set(failures)
    assert _run(data, out, retry_failed=True, level="class")["status"] == {"ok": PER_LEVEL}


def test_a_run_of_an_older_version_has_no_retries(data: Path, tmp_path: Path) -> None:
    _run(data, tmp_path / "run", limit=1)
    info = json.loads((tmp_path / "run" / "run.json").read_bytes())
    del info["sessions"][0]["retry_failed"]
    (tmp_path / "run" / "run.json").write_text(json.dumps(info))
    assert read_run(tmp_path / "run").sessions[0].retry_failed is False
