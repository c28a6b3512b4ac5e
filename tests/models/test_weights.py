"""Weights: found, fetched from a hub on this machine, and sentences where that fails."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import httpx
from servers import Answer, FaultServer, Request

from socioseg.errors import CheckpointError
from socioseg.models import weights
from socioseg.models.weights import find, resolve, revision_of, size_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b"{}", "model.safetensors": b"weights", "model.bin": b"pickle"}
Hub = "Callable[[dict[str, bytes]], FaultServer]"


@pytest.fixture
def hub(serve: Callable[..., FaultServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """`hub(files)` serves them as `owner/name`; the cache is empty."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)

    def start(files: dict[str, bytes]) -> FaultServer:
        server: FaultServer = serve(lambda request: _closed(_answer(request, files)))
        template = f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        return server

    return start


def _closed(answer: Answer) -> Answer:
    """`answer` on a connection that ends with it: one that is used again may just have ended."""
    return replace(answer, headers={**answer.headers, "Connection": "close"})


def _answer(request: Request, files: dict[str, bytes]) -> Answer:
    """What the Hub says of the repository `owner/name`."""
    path = request.path.split("?")[0]
    if "/gated/" in path:
        return Answer(status=403, headers={"X-Error-Code": "GatedRepo"})
    if "/owner/name" not in path:
        return Answer(status=404, headers={"X-Error-Code": "RepoNotFound"})
    if "/missing" in path:
        return Answer(status=404, headers={"X-Error-Code": "RevisionNotFound"})
    if path.startswith("/api/models/"):
        content: object = {"id": "owner/name", "sha": COMMIT}
        if "/tree/" in path:
            content = [
                {"type": "file", "path": name, "size": len(body), "oid": "0"}
                for name, body in files.items()
            ]
        return Answer(json.dumps(content).encode(), headers={"Content-Type": "application/json"})
    body = files[path.rsplit("/", 1)[1]]
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": etag, "X-Repo-Commit": COMMIT, "Content-Length": str(len(body))}
    return Answer(b"" if request.method == "HEAD" else body, headers=headers, length=len(body))


def test_a_folder_or_file_is_its_own_place(tmp_path: Path) -> None:
    file = tmp_path / "sam.pth"
    file.write_bytes(b"123")
    assert resolve(str(tmp_path)) == tmp_path
    assert find(str(file)) == file
    assert size_of(file) == size_of(tmp_path) == 3


def test_what_was_fetched_is_taken_again_without_the_hub(hub: Hub) -> None:
    server = hub(FILES)
    folder = resolve("owner/name", COMMIT)
    assert {file.name for file in folder.iterdir()} == {"config.json", "model.safetensors"}
    assert revision_of(folder) == COMMIT
    asked = len(server.requests)
    assert resolve("owner/name", COMMIT) == find("owner/name", COMMIT) == folder
    assert len(server.requests) == asked


def test_offline_serves_what_is_here(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub(FILES)
    folder = resolve("owner/name")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert resolve("owner/name") == find("owner/name") == folder
    assert find("owner/name", "v2") is None
    with pytest.raises(CheckpointError, match="run `hf download owner/name --revision v2` where"):
        resolve("owner/name", "v2")


def test_a_connection_that_breaks_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub(FILES)

    def broken(*_: object, **__: object) -> str:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", broken)
    with pytest.raises(CheckpointError, match="hf download owner/name"):
        resolve("owner/name")


def test_a_known_id_is_pinned(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server = hub(FILES)
    monkeypatch.setattr(weights, "pinned", lambda _: COMMIT)
    folder = resolve("owner/name")
    assert f"/{COMMIT}" in server.requests[0].path
    assert find("owner/name") == folder


def test_weights_that_lack_a_shard_are_not_here(hub: Hub) -> None:
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    shards = {"model-1.safetensors": b"1", "model-2.safetensors": b"22"}
    hub({weights.INDEX: json.dumps(index).encode(), **shards})
    folder = resolve("owner/name", COMMIT)
    assert size_of(folder) == 3
    (folder / "model-2.safetensors").unlink()
    assert find("owner/name", COMMIT) is None
    assert (resolve("owner/name", COMMIT) / "model-2.safetensors").read_bytes() == b"22"


def test_the_cache_is_where_the_hubs_library_has_it() -> None:
    code = "from huggingface_hub import constants as c; from socioseg.models import weights as w;"
    code += "assert str(w._cache()) == c.HF_HUB_CACHE, (w._cache(), c.HF_HUB_CACHE)"
    for names in ({}, {"XDG_CACHE_HOME": "/x"}, {"HF_HOME": "/h"}, {"HF_HUB_CACHE": "~/c"}):
        environment = {"HOME": "/home/me", "PATH": os.environ["PATH"], **names}
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_a_repository_of_pickles_is_refused(hub: Hub) -> None:
    hub({"config.json": b"{}", "pytorch_model.bin": b"pickle"})
    with pytest.raises(CheckpointError, match="has no safetensors file"):
        resolve("owner/name")


@pytest.mark.parametrize(
    ("name", "revision", "sentence"),
    [
        ("nobody/nothing", "", "There are no weights 'nobody/nothing' on the Hub, nor a folder"),
        ("gated/model", "", "asks for consent: accept its terms"),
        ("owner/name", "missing", "has no revision 'missing'"),
        ("/nowhere/at/all", "", "There are no weights at /nowhere/at/all: check the path"),
        ("nothing", "", "There are no weights at nothing"),
    ],
)
def test_what_is_not_there_says_what_to_do(
    hub: Hub, name: str, revision: str, sentence: str
) -> None:
    hub(FILES)
    with pytest.raises(CheckpointError, match=sentence) as caught:
        resolve(name, revision)
    assert "\n" not in str(caught.value)


def test_a_revision_is_of_what_a_folder_holds(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    (one / "model.safetensors").write_bytes(b"1")
    shutil.copytree(one, other)
    assert revision_of(one) == revision_of(other)
    (other / "model.safetensors").write_bytes(b"2")
    assert revision_of(one) != revision_of(other)
    assert len(revision_of(one / "model.safetensors")) == 12
