"""What is known of published weights, and what `socioseg list baselines` makes of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from commands import say

from socioseg import listing
from socioseg.models.catalogue import Needed, needed, pinned, published

if TYPE_CHECKING:
    from pathlib import Path


def test_every_entry_can_be_asked_for() -> None:
    for name, entry in published().items():
        assert re.fullmatch(r"[\w.-]+/[\w.-]+|[\w.-]+\.pth", name)
        assert re.fullmatch(r"([0-9a-f]{40})?", entry.revision)
        assert entry.licence
        assert entry.gigabytes is None or 0 < entry.gigabytes < 1000


def test_parts_say_which_weights_they_need() -> None:
    large, sha = "facebook/sam2-hiera-large", pinned("facebook/sam2-hiera-large")
    options = {
        "weights": "mine",
        "chat": {"name": "local", "weights": "a/b", "revision": "v1"},
        "segmenter": {"name": "sam2", "weights": large},
        "other": {"points": 3, "weights": None},
    }
    assert list(needed(options)) == [
        Needed("model", "mine", ""),
        Needed("chat", "a/b", "v1"),
        Needed("segmenter", large, sha),
    ]
    assert pinned("nobody/nothing") == ""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a baseline whose weights are half here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "model.safetensors").write_bytes(bytes(20_000_000))
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "mine.yaml").write_text(
        "title: Mine\nmodel: my:Model\noptions:\n"
        "  chat: {weights: here}\n  segmenter: {weights: facebook/sam2-hiera-large}\n"
    )
    return tmp_path


@pytest.mark.usefixtures("mine")
def test_a_baseline_says_what_it_takes_and_whether_it_is_here() -> None:
    row = next(row for row in listing.baselines() if row["name"] == "mine")
    assert (row["disk_gb"], row["gpu_gb"], row["here"]) == (0.92, 1.06, "part")
    assert row["licence"] == ["not known", "Apache-2.0"]
    assert [part["here"] for part in row["weights"]] == [True, False]
    plain = next(row for row in listing.baselines() if row["name"] == "full")
    assert (plain["disk_gb"], plain["here"], plain["licence"]) == (None, "", [])


@pytest.mark.usefixtures("mine")
def test_the_table_fits_eighty_columns(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = say(capfd, "list", "baselines")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80
    assert re.search(r"mine +Mine +0\.9 +1\.1 .*part", said.out)
    rows = json.loads(say(capfd, "list", "baselines", "--json").out)
    revision = next(row for row in rows if row["name"] == "mine")["weights"][1]["revision"]
    assert revision == pinned("facebook/sam2-hiera-large")
