"""Which samples a run is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import PER_LEVEL

from socioseg.bench.choose import choose, parse_shard
from socioseg.bench.ours import OurSamples
from socioseg.bench.samples import Key
from socioseg.errors import DatasetError, UsageError
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def samples(data: Path) -> OurSamples:
    return OurSamples(data, "test")


def test_one_level(samples: OurSamples) -> None:
    keys = choose(samples, "class")
    assert len(keys) == PER_LEVEL
    assert {key.level for key in keys} == {Level.CLASS}


@pytest.mark.parametrize("count", [1, 2, 4, 40])
def test_shards_are_all_and_share_nothing(samples: OurSamples, count: int) -> None:
    whole = choose(samples, limit=11)
    shards = [choose(samples, limit=11, shard=f"{index}/{count}") for index in range(count)]
    assert sorted(key for shard in shards for key in shard) == sorted(whole)
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


def test_ids_come_in_the_datasets_order(samples: OurSamples) -> None:
    ids = [key.id for key in choose(samples)]
    assert [key.id for key in choose(samples, ids=[ids[4], ids[1], ids[4]])] == [ids[1], ids[4]]


@pytest.mark.parametrize("text", ["", "1", "1/1", "3/2", "-1/2", "a/b", "0/0", "0/4 "])
def test_a_wrong_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give i/n"):
        parse_shard(text)


def test_an_id_that_stands_twice_is_refused(
    samples: OurSamples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "index", lambda: [Key("class_1", Level.CLASS)] * 2)
    with pytest.raises(DatasetError, match="class_1 stands twice"):
        choose(samples)


def test_a_split_without_samples_is_refused(
    samples: OurSamples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "index", lambda: [Key("class_1", Level.CLASS)])
    with pytest.raises(DatasetError, match=r"no samples of level name in test; it has class\."):
        choose(samples, "name")
    monkeypatch.setattr(samples, "index", list)
    with pytest.raises(
        DatasetError, match=r"no samples of level name in test; it has none at all\."
    ):
        choose(samples, "name")
