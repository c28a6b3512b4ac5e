"""Shards of a run, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import outcome, run

from socioseg.bench.log import LOG, read_log
from socioseg.bench.merge import merge
from socioseg.bench.runfile import read_run
from socioseg.errors import OutputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def _shards(data: Path, folder: Path, count: int, model: str) -> list[Path]:
    runs = [folder / f"shard{index}" for index in range(count)]
    for index, out in enumerate(runs):
        run(data, out, model, shard=f"{index}/{count}", batch_size=1 + index)
    return runs


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("model", ["bench.benchset:Bright", "oracle-box-points", "centre"])
def test_shards_give_what_one_run_gives(data: Path, tmp_path: Path, count: int, model: str) -> None:
    run(data, tmp_path / "whole", model)
    result = merge(_shards(data, tmp_path, count, model), tmp_path / "merged")
    assert outcome(tmp_path / "merged") == outcome(tmp_path / "whole")
    assert result["samples"] == len(outcome(tmp_path / "whole"))
    assert read_run(tmp_path / "merged").key == read_run(tmp_path / "whole").key
    assert len(read_run(tmp_path / "merged").sessions) == count


def test_a_merged_run_can_go_on(data: Path, tmp_path: Path) -> None:
    shards = _shards(data, tmp_path, 2, "centre")
    merge(shards[:1], tmp_path / "merged")
    run(data, tmp_path / "merged", "centre")
    run(data, tmp_path / "whole", "centre")
    assert outcome(tmp_path / "merged") == outcome(tmp_path / "whole")


def test_overlapping_shards_count_once(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", limit=4)
    run(data, tmp_path / "two", limit=6)
    assert merge([tmp_path / "one", tmp_path / "two"], tmp_path / "merged")["samples"] == 6


def test_runs_that_contradict_each_other_are_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", limit=2)
    run(data, tmp_path / "two", limit=2)
    lines = [line.model_copy(update={"mask": None}) for line in read_log(tmp_path / "two")]
    (tmp_path / "two" / LOG).write_bytes(b"".join(line.to_bytes() for line in lines))
    with pytest.raises(OutputError, match="ended otherwise"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_runs_of_different_models_are_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", "empty")
    run(data, tmp_path / "two", "full")
    with pytest.raises(OutputError, match="another model"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "merged")


def test_a_run_is_never_overwritten(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "one", limit=1)
    with pytest.raises(OutputError, match="holds a run already"):
        merge([tmp_path / "one"], tmp_path / "one")
    with pytest.raises(UsageError, match="Give the folders"):
        merge([], tmp_path / "merged")
    with pytest.raises(OutputError, match=r"is .* the folder of a run"):
        merge([tmp_path / "nothing"], tmp_path / "merged")
