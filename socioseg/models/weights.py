"""Weights: a folder, a file, or an id on the Hub; where they lie, and what names them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from socioseg.errors import CheckpointError
from socioseg.files import is_there, sha256_file
from socioseg.models.catalogue import pinned

FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja", "*.model")
"""What is fetched of a repository on the Hub: no pickles, no code."""
INDEX = "model.safetensors.index.json"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def resolve(weights: str, revision: str = "") -> Path:
    """The folder or file that holds `weights`: itself, or the Hub's snapshot, fetched if need be.

    A snapshot of a full commit that lies in the cache is taken without asking the Hub; any other
    revision is asked for, and taken from the cache where the Hub cannot be reached
    (`HF_HUB_OFFLINE=1` never tries).

    Parameters
    ----------
    weights
        A folder, a `.pth` file, or `owner/name` on the Hub.
    revision
        Commit, tag or branch on the Hub; empty for the commit that the catalogue pins, else for
        the main branch.

    Raises
    ------
    CheckpointError
        If there is no such folder, and the Hub gives nothing either.
    """
    path = Path(weights).expanduser()
    if is_there(path):
        return path
    if not _HUB_ID.fullmatch(weights):
        raise CheckpointError(
            f"There are no weights at {weights}: check the path, or give an id of the Hub."
        )
    revision = revision or pinned(weights)
    return _kept(weights, revision) or _fetch(weights, revision)


def find(weights: str, revision: str = "") -> Path | None:
    """Where `weights` lie on this machine; None where they do not, or not whole.

    The cache's folders are looked at, by their documented layout: neither the network is asked
    nor a library loaded.
    """
    path = Path(weights).expanduser()
    if is_there(path):
        return path
    if not _HUB_ID.fullmatch(weights):
        return None
    root = _cache() / f"models--{weights.replace('/', '--')}"
    revision = revision or pinned(weights) or "main"
    ref = root / "refs" / revision
    folder = root / "snapshots" / (ref.read_text().strip() if ref.is_file() else revision)
    return folder if _is_whole(folder) else None


def _cache() -> Path:
    """The Hub's cache: what its own library takes it to be."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("HF_HOME") or caches / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()


def weight_files(path: Path) -> list[Path]:
    """The files of weights in the folder `path`, whether they are there or only promised."""
    if path.is_file():
        return [path]
    try:
        shards = json.loads((path / INDEX).read_bytes())["weight_map"].values()
    except (OSError, ValueError, KeyError, AttributeError):
        return sorted(path.glob("*.safetensors")) or sorted(path.glob("*.pth"))
    return sorted({path / str(shard) for shard in shards})


def size_of(path: Path) -> int:
    """Bytes of the weights at `path`."""
    return sum(file.stat().st_size for file in weight_files(path))


def revision_of(path: Path) -> str:
    """The commit of a snapshot of the Hub, else a hash of what the folder or file holds."""
    if path.parent.name == "snapshots" and _COMMIT.fullmatch(path.name):
        return path.name
    if path.is_file():
        return sha256_file(path)[:12]
    digest = hashlib.sha256()
    for file in sorted(file for file in path.iterdir() if file.is_file()):
        digest.update(f"{file.name} {sha256_file(file)}\n".encode())
    return digest.hexdigest()[:12]


def _kept(weights: str, revision: str) -> Path | None:
    """The snapshot of a full commit, if all of it is in the cache."""
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415 - slow to import

    if not _COMMIT.fullmatch(revision):
        return None
    try:
        found = Path(
            snapshot_download(
                weights, revision=revision, allow_patterns=list(FILES), local_files_only=True
            )
        )
    except errors.LocalEntryNotFoundError:
        return None
    return found if _is_whole(found) else None


def _fetch(weights: str, revision: str) -> Path:
    """The snapshot of the Hub, or the sentence that says why there is none."""
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415 - slow to import
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # noqa: PLC0415

    try:
        found = snapshot_download(weights, revision=revision or None, allow_patterns=list(FILES))
    except errors.GatedRepoError as error:
        reason = "asks for consent: accept its terms on its page, then `hf auth login`"
        raise CheckpointError(f"{weights} on the Hub {reason}.") from error
    except errors.RevisionNotFoundError as error:
        raise CheckpointError(
            f"{weights} on the Hub has no revision {revision!r}: give a commit or branch of it."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise CheckpointError(
            f"There are no weights {weights!r} on the Hub, nor a folder of that name: check the"
            " name, or `hf auth login` where they are private."
        ) from error
    except (errors.HfHubHTTPError, httpx.HTTPError, OSError, ValueError) as error:
        raise CheckpointError(_absent(weights, revision)) from error
    return _whole(Path(found), weights, revision)


def _is_whole(folder: Path) -> bool:
    files = weight_files(folder)
    return bool(files) and all(file.is_file() for file in files)


def _whole(folder: Path, weights: str, revision: str) -> Path:
    if _is_whole(folder):
        return folder
    if any(folder.glob("*.json")) and not weight_files(folder):
        raise CheckpointError(
            f"{weights} has no safetensors file: choose a revision that has one; pickled weights"
            " may run code and are not loaded."
        )
    raise CheckpointError(_absent(weights, revision))


def _absent(weights: str, revision: str) -> str:
    chosen = f" --revision {revision}" if revision else ""
    return (
        f"The weights {weights} are not whole on this machine and the Hub cannot be reached: run"
        f" `hf download {weights}{chosen}` where it can, or give a folder that holds them."
    )
