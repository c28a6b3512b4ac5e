"""Folders of weights in the format of transformers: checked before anything is loaded."""

from __future__ import annotations

import json
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import CheckpointError
from socioseg.models.devices import require_memory
from socioseg.models.memory import lacking
from socioseg.models.weights import weight_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
MAX_HEADER = 100_000_000
"""Bytes of a safetensors header, by the format's own limit."""
_AGAIN = "fetch it again"


class Checkpoint(NamedTuple):
    """What a sound folder holds: its configuration, and how many numbers its tensors have."""

    config: dict[str, Any]
    numbers: int


def inspect(folder: Path, kinds: Collection[str] = ()) -> Checkpoint:
    """Read what `folder` says of itself, and refuse what could not be loaded as it stands.

    Parameters
    ----------
    folder
        `config.json` and one or more safetensors files.
    kinds
        What its `model_type` may be; anything, where there are none.

    Raises
    ------
    CheckpointError
        If it is no such folder, holds another kind of model, or a file of it is missing, cut off
        or damaged. Headers are read, not the tensors themselves.
    """
    config = _config(folder)
    kind = str(config.get("model_type", ""))
    if kinds and kind not in kinds:
        raise CheckpointError(
            f"{folder} holds a model of type {kind or 'unknown'!r} where one of type"
            f" {' or '.join(kinds)} is needed: give other weights."
        )
    files = [file for file in weight_files(folder) if file.suffix == ".safetensors"]
    if not files:
        raise CheckpointError(_no_weights(folder))
    return Checkpoint(config, sum(_numbers(file) for file in files))


def load(
    make: Any,  # noqa: ANN401 - untyped
    folder: Path,
    dtype: Any,  # noqa: ANN401 - a type of torch
    target: str,
    *,
    kinds: Collection[str] = (),
    **options: Any,  # noqa: ANN401 - whatever transformers takes
) -> Any:  # noqa: ANN401 - untyped
    """The model in `folder`, on the device `target`, ready to run.

    Parameters
    ----------
    make
        A class of transformers that has `from_pretrained`.
    dtype
        A type of torch.
    kinds
        As `inspect` takes it.
    **options
        Further arguments of `from_pretrained`.

    Raises
    ------
    CheckpointError
        As `inspect`; or if the folder lacks a part of the model, or does not fit into the memory.
    """
    from safetensors import SafetensorError  # noqa: PLC0415 - an extra

    require_memory(str(folder), inspect(folder, kinds).numbers * dtype.itemsize, target)
    options |= {"use_safetensors": True, "output_loading_info": True}
    try:
        with quiet():
            model, found = make.from_pretrained(folder, dtype=dtype, **options)
        model = model.to(target).eval()
    except (OSError, ValueError, RuntimeError, KeyError, MemoryError, SafetensorError) as error:
        if lacking(error):
            raise CheckpointError(
                f"{folder} does not fit into the memory of {target}: take smaller weights,"
                " dtype=bfloat16 or device=cpu."
            ) from error
        raise CheckpointError(
            f"{folder} cannot be loaded ({_line(error)}): give weights that fit its config.json,"
            " or fetch it again."
        ) from error
    _require_all(found["missing_keys"], folder, type(model).__name__)
    return model


def _require_all(absent: Collection[str], folder: Path, name: str) -> None:
    """Refuse what transformers would fill with random numbers."""
    if absent:
        raise CheckpointError(
            f"{folder} lacks {len(absent)} tensors of a {name}, such as {min(absent)}: give"
            " weights of that architecture."
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from reporting: what matters of it is raised."""
    from transformers.utils import logging  # noqa: PLC0415 - an extra

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise CheckpointError(
            f"{folder} is no folder of weights, for it has no config.json: give the folder that"
            " `save_pretrained` wrote, or an id of the Hub."
        )
    try:
        config = json.loads(path.read_bytes())
    except ValueError as error:
        raise CheckpointError(f"{path} is damaged ({_line(error)}): {_AGAIN}.") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{path} is damaged (no JSON object): {_AGAIN}.")
    return config


def _no_weights(folder: Path) -> str:
    pickles = [file.name for pattern in PICKLES for file in sorted(folder.glob(pattern))]
    if not pickles:
        return f"{folder} has no file of weights: {_AGAIN}."
    return (
        f"{folder} holds its weights as a pickle ({pickles[0]}), which may run code and is not"
        " loaded: take a revision with safetensors, or convert it where you trust it."
    )


def _numbers(path: Path) -> int:
    """How many numbers the safetensors file `path` holds; its length must be what it promises."""
    try:
        shapes = _shapes(path)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing: {_AGAIN}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} is cut off or damaged ({_line(error)}): {_AGAIN}."
        ) from error
    return sum(map(math.prod, shapes))


def _shapes(path: Path) -> list[list[int]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size, MAX_HEADER):
            raise ValueError("its header is not one of safetensors")
        header = json.loads(file.read(length))
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    end = 8 + length + max((entry["data_offsets"][1] for entry in tensors), default=0)
    if size != end:
        raise ValueError(f"{size:,} bytes where there should be {end:,}")
    return [entry["shape"] for entry in tensors]


def _line(error: Exception) -> str:
    """The first line of an error's text, short enough for a sentence."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200].rstrip(".:")
