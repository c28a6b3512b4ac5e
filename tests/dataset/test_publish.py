"""Publishing, with the real client against a server that records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub_server import running_hub
from huggingface_hub import constants
from tiny import make_dataset, make_report

from socioseg.dataset.publish import check_leave, publish
from socioseg.dataset.verify import verify
from socioseg.errors import DatasetError, LicenceError, ServiceError, SocioSegError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "hf_very_secret"


pytestmark = pytest.mark.filterwarnings(
    "ignore:Use 'content:DeprecationWarning"  # the Hub's client, about its own HTTP library
)


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)


def source(**changes: str) -> dict[str, object]:
    return make_report([], []).imagery[0].model_dump() | changes


def contents(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("lfs", [True, False])
def test_every_file_arrives_as_it_is(
    sound: Path, monkeypatch: pytest.MonkeyPatch, *, lfs: bool
) -> None:
    # Without LFS the client takes its other road, that of many small commits.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", lfs)
    with running_hub(lfs=lfs) as hub:
        url = publish(sound, "me/town", endpoint=hub.url)
    assert url == f"{hub.url}/datasets/me/town"
    assert hub.files == contents(sound)
    assert f"Bearer {TOKEN}" in hub.tokens
    assert hub.message == "Dataset 0000000000000000 by socioseg 0.1.0"
    assert hub.card == (sound / "README.md").read_text()


@pytest.mark.parametrize(("private", "word"), [(True, "private"), (False, "public")])
def test_repository_is_made_as_asked(sound: Path, *, private: bool, word: str) -> None:
    with running_hub() as hub:
        publish(sound, "me/town", private=private, endpoint=hub.url)
    wanted = {"name": "town", "organization": "me", "type": "dataset", "visibility": word}
    assert hub.created == wanted


def test_stale_data_go_in_the_same_commit_and_other_files_stay(sound: Path) -> None:
    stale = "data/socio_name/train-00000-of-00009.parquet"
    with running_hub(existing=(stale, "README.md", "notes.txt")) as hub:
        publish(sound, "me/town", endpoint=hub.url)
    assert hub.deleted == [stale]


def test_download_leftovers_are_not_sent(town: Path) -> None:
    sent = contents(town)
    (town / ".gitattributes").write_text("")
    with running_hub() as hub:
        publish(town, "me/town", endpoint=hub.url)
    assert hub.files == sent


def test_unsound_dataset_is_refused_before_the_network(town: Path) -> None:
    (town / "plan.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"problems, the first: plan.jsonl: file is missing"):
        publish(town, "me/town", endpoint="http://127.0.0.1:9")


def test_closed_imagery_is_always_refused(tmp_path: Path) -> None:
    make_dataset(tmp_path, imagery=[source(redistribute="no")])
    with pytest.raises(LicenceError, match="test-photo may not be passed on"):
        publish(tmp_path, "me/town", endpoint="http://127.0.0.1:9", permission="I say so")


def test_imagery_to_ask_for_needs_leave(tmp_path: Path) -> None:
    make_dataset(tmp_path, imagery=[source(redistribute="ask")])
    with pytest.raises(LicenceError, match=r"only with leave of Test Survey.*--permission"):
        publish(tmp_path, "me/town", endpoint="http://127.0.0.1:9")


def test_leave_is_written_down_and_stays_valid(tmp_path: Path) -> None:
    make_dataset(tmp_path, imagery=[source(redistribute="ask")])
    with running_hub() as hub:
        publish(tmp_path, "me/town", endpoint=hub.url, permission="Test Survey, 1 May 2026")
    assert b"Test Survey, 1 May 2026" in hub.files["LICENSE-DATA.md"]
    assert b"Test Survey, 1 May 2026" in hub.files["report.json"]
    assert verify(tmp_path) == []
    with running_hub() as hub:
        publish(tmp_path, "me/town", endpoint=hub.url)


def test_one_closed_source_among_open_ones_is_enough() -> None:
    sources = [source(), source(id="b", redistribute="no")]
    with pytest.raises(LicenceError, match="of b may not"):
        check_leave(make_report([], [], imagery=sources))


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (401, "token was refused"),
        (403, "may not write there"),
        (404, "no such owner"),
        (500, "publish again later"),
        (503, "publish again later"),
    ],
)
def test_answers_of_the_hub_become_one_sentence(sound: Path, status: int, what: str) -> None:
    with running_hub(status=status) as hub, pytest.raises(ServiceError, match=what) as caught:
        publish(sound, "me/town", endpoint=hub.url)
    assert f"HTTP {status} for me/town" in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_no_hub_at_all(sound: Path) -> None:
    with pytest.raises(ServiceError, match=r"Pushing me/town to http://127.0.0.1:9 failed"):
        publish(sound, "me/town", endpoint="http://127.0.0.1:9")


@pytest.mark.parametrize("repo", ["town", "a/b/c", "me/", "me/to wn", "https://huggingface.co/a/b"])
def test_names_without_an_owner_are_misuse(sound: Path, repo: str) -> None:
    with pytest.raises(UsageError, match="give owner/name"):
        publish(sound, repo)


@pytest.mark.parametrize("token", ["hf_se cret", "hf_sécret"])
def test_broken_token_is_misuse_and_not_repeated(
    sound: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(SocioSegError) as caught:
        publish(sound, "me/town", endpoint="http://127.0.0.1:9")
    assert isinstance(caught.value, UsageError)
    assert token not in str(caught.value)


def test_no_token_is_misuse(sound: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="set HF_TOKEN"):
        publish(sound, "me/town", endpoint="http://127.0.0.1:9")
