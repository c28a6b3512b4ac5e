"""What a training goes on from, on disk: it is whole, or one sentence says what is not."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open

from socioseg.errors import CheckpointError, OutputError
from socioseg.files import atomic_path, output_errors
from socioseg.models.memory import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PICKLES = {".pt", ".pth", ".bin"}


@contextmanager
def weights_errors(path: Path) -> Iterator[None]:
    """`output_errors` of a body that writes tensors, whose libraries have errors of their own.

    Raises
    ------
    OutputError
        With the system's reason, where the library tells it, and what to do.
    """
    with output_errors(path):
        try:
            yield
        except SafetensorError as error:
            number = re.search(r"os error (\d+)", str(error))
            if number is None:
                raise
            raise OSError(int(number[1]), str(error)) from error
        except RuntimeError as error:
            if "inline_container" not in str(error):  # torch's writer, which names no reason
                raise
            raise OutputError(
                f"Cannot write {path} (the disk did not take all of it): free some space or choose"
                " another folder."
            ) from error


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and numbers, all or nothing; `read_state` reads them."""
    with weights_errors(path), atomic_path(path) as part:
        torch.save(state, part)


def read_state(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What `write_state` wrote.

    Raises
    ------
    CheckpointError
        If it is damaged.
    """
    mapped = torch.device(device).type == "cpu"
    try:
        state: dict[str, Any] = torch.load(
            path, map_location=device, mmap=mapped, weights_only=True
        )
    except (RuntimeError, ValueError, EOFError, OSError, pickle.UnpicklingError) as error:
        if lacking(error):
            raise
        raise CheckpointError(
            f"{path} is damaged: delete it, and the same command begins with step 1."
        ) from error
    return state


def require_whole(checkpoint: Path | None) -> None:
    """Refuse a checkpoint of transformers' Trainer that has been cut off since it was written.

    Raises
    ------
    CheckpointError
        Naming the file.
    """
    for path in sorted(checkpoint.iterdir()) if checkpoint else ():
        if not _whole(path):
            raise CheckpointError(
                f"{path} is damaged: delete {checkpoint}, and the same command goes on with the"
                " checkpoint before it, or with step 1."
            )


def _whole(path: Path) -> bool:
    if path.suffix in _PICKLES:
        return zipfile.is_zipfile(path)
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        if path.suffix == ".safetensors":
            with safe_open(path, "pt"):
                pass
    except (ValueError, SafetensorError):
        return False
    return True
