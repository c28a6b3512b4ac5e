"""Datasets by folder, by name, and from the Hub."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from socioseg.bench.openset import open_samples
from socioseg.bench.ours import OurSamples
from socioseg.errors import DatasetError, ServiceError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_name_is_found_near_by(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(data, tmp_path / "out" / "demo" / "town")
    assert isinstance(open_samples("town", "test"), OurSamples)


def test_the_hub_gives_a_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def download(repo: str, **options: object) -> str:
        asked.append((repo, options))
        return str(data)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    samples = open_samples("me/town", "test", "v1")
    assert samples.fingerprint == open_samples(str(data), "test").fingerprint
    assert asked == [("me/town", {"repo_type": "dataset", "revision": "v1"})]


def test_a_hub_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(repo: str, **options: object) -> str:
        raise LocalEntryNotFoundError("no\nnetwork")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(ServiceError, match=r"me/town cannot be got .*\(no network\)"):
        open_samples("me/town", "test")


@pytest.mark.parametrize("name", ["nowhere", "a/b/c", "../x", ""])
def test_what_is_no_dataset_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match="No dataset"):
        open_samples(name, "test")
