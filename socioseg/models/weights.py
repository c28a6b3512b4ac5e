"""Weights: a folder, or an id on the Hub; where they lie, what names them, where they run."""

from __future__ import annotations

import hashlib
from pathlib import Path

from socioseg.errors import CheckpointError, UsageError
from socioseg.files import sha256_file


def resolve(weights: str, revision: str = "") -> Path:
    """The folder that holds `weights`: itself, or the Hub's snapshot, downloaded where needed.

    Raises
    ------
    CheckpointError
        If there is no such folder, and the Hub gives nothing either.
    """
    if Path(weights).is_dir():
        return Path(weights)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where it is needed
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(weights, revision=revision or None))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise CheckpointError(
            f"The weights {weights!r} are neither a folder nor to be had from the Hub"
            f" ({type(error).__name__}): check the name and the network."
        ) from error


def revision_of(folder: Path) -> str:
    """The commit of a snapshot of the Hub, else a hash of the files in `folder`."""
    if folder.parent.name == "snapshots":
        return folder.name
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(f"{path.name} {sha256_file(path)}\n".encode())
    return digest.hexdigest()[:12]


def device(choice: str = "auto") -> str:
    """`choice`, or for "auto" CUDA, else Apple's GPU, else the CPU.

    Raises
    ------
    UsageError
        If torch knows no such device.
    """
    import torch  # noqa: PLC0415 - an extra

    if choice == "auto":
        apple = "mps" if torch.backends.mps.is_available() else "cpu"
        return "cuda" if torch.cuda.is_available() else apple
    try:
        torch.empty(0, device=choice)
    except (AssertionError, RuntimeError) as error:
        raise UsageError(f"There is no device {choice!r} here: use auto, cpu or cuda.") from error
    return choice
