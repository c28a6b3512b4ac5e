"""Jobs: shards of one split, neighbours together, only what is open done again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import toy

from socioseg.build.jobs import SHARD_WINDOWS, cut_shards, retriable
from socioseg.build.shard import finished
from socioseg.files import Receipt

if TYPE_CHECKING:
    from pathlib import Path


def test_shards_hold_every_kept_sample_once(tmp_path: Path) -> None:
    samples = [toy.planned(i, 300 * (i % 13), 300 * (i // 13)) for i in range(130)]
    splits = [["train", "validation", "test", None][i % 4] for i in range(130)]
    shards = cut_shards(samples, splits, tmp_path)
    kept = {s.id: split for s, split in zip(samples, splits, strict=True) if split}
    found = [(s.id, shard.split) for shard in shards for s in shard.samples]
    assert dict(found) == kept
    assert len(found) == len(kept)
    assert all(len({s.window for s in shard.samples}) <= SHARD_WINDOWS for shard in shards)
    assert len({shard.out for shard in shards}) == len(shards)


def test_shards_do_not_depend_on_the_order_of_samples(tmp_path: Path) -> None:
    samples = [toy.planned(i, 300 * i, 7 * i) for i in range(60)]
    splits = ["train"] * 60
    assert cut_shards(samples, splits, tmp_path) == cut_shards(samples[::-1], splits, tmp_path)


@pytest.mark.parametrize(
    "reason",
    ["timeout", "connection", "http_503", "http_429", "truncated", "http_401", "not_an_image"],
)
def test_what_may_pass_is_tried_again(reason: str) -> None:
    assert retriable(reason)


@pytest.mark.parametrize("reason", ["http_404", "too_small", "no_imagery", "wrong_size"])
def test_what_stays_is_not(reason: str) -> None:
    assert not retriable(reason)


def test_a_shard_counts_only_with_its_receipt(tmp_path: Path) -> None:
    out = tmp_path / "00000.parquet"
    out.write_bytes(b"rows")
    out.with_suffix(".failures.json").write_text(json.dumps({"a": ["timeout", "slow"]}))
    assert finished(out) is None
    Receipt.of(out, 1).write(out)
    assert finished(out) == {"a": ("timeout", "slow")}
    out.write_bytes(b"rowz")
    assert finished(out) is None
