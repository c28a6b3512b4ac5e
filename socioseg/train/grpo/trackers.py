"""Trackers of a training besides its own log: TensorBoard, and Weights & Biases."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Protocol

from socioseg.errors import UsageError
from socioseg.files import output_errors
from socioseg.train.key import flat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.train.key import TrainKey

Config = dict[str, Any]
"""What a training is of, by dotted names such as `policy.share`."""


class Tracker(Protocol):
    """Takes numbers and pictures of a step."""

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """One picture, (H, W, 3) uint8."""

    def close(self) -> None:
        """Write what is left."""


class TensorBoard:
    """A tracker that writes event files; those of steps that are done again are hidden.

    The tab HPARAMS compares runs: numbers are numbers there, all else is text.

    Raises
    ------
    UsageError
        If its package is missing.
    OutputError
        If its thread, which tells of it at a later call, could not write.
    """

    def __init__(self, out: Path, config: Config, step: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra
            from torch.utils.tensorboard.summary import hparams  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UsageError(
                "trackers: tensorboard is not installed: pip install 'socioseg[train]', or set"
                " trackers=[]."
            ) from error
        self._place = out / "tensorboard"
        with output_errors(self._place):
            self._writer: Any = SummaryWriter(str(self._place), purge_step=step + 1)
        plain = {name: _plain(value) for name, value in config.items()}
        _, start, _ = hparams(plain, {})  # type: ignore[no-untyped-call]
        self._begin(start)

    def _begin(self, start: object) -> None:
        # the writer's own add_hparams makes a second run, without a curve
        self._writer.file_writer.add_summary(start)

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""
        with output_errors(self._place):
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """One picture."""
        with output_errors(self._place):
            self._writer.add_image(name, pixels, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is left."""
        with output_errors(self._place):
            self._writer.close()


class Wandb:
    """A tracker of Weights & Biases; a training that goes on is the same run there.

    Raises
    ------
    UsageError
        If its package is missing, or it knows no account and cannot reach its server.
    """

    def __init__(self, out: Path, config: Config, step: int) -> None:  # noqa: ARG002 - the run knows its step
        try:
            import wandb  # type: ignore[import-not-found] # noqa: PLC0415 - no extra
        except ImportError as error:
            raise UsageError(
                "trackers: wandb is not installed: pip install wandb, or take tensorboard."
            ) from error
        self._wandb: Any = wandb
        place = out.resolve()
        own = f"{zlib.crc32(str(place).encode()):08x}"  # folders of one name are not one run
        try:
            self._run: Any = wandb.init(
                id=own,
                name=place.name,
                dir=str(out),
                resume="allow",
                config=dict(config),
                allow_val_change=True,  # such settings as trackers may
            )
        except wandb.Error as error:
            raise UsageError(
                f"trackers: wandb does not begin ({str(error).splitlines()[0].rstrip('.')}): run"
                " `wandb login`, set WANDB_MODE=offline, or take tensorboard."
            ) from error

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""
        self._run.log(dict(values), step=step)

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """One picture."""
        self._run.log({name: self._wandb.Image(pixels)}, step=step)

    def close(self) -> None:
        """Write what is left."""
        self._run.finish()


def trackers(out: Path, key: TrainKey, step: int) -> list[Tracker]:
    """Those that the training's settings name, told what it is of.

    Parameters
    ----------
    step
        Those up to this one are told already.

    Raises
    ------
    UsageError
        If the package of a tracker is missing, or it does not begin.
    """
    config = flat({**key.model_dump(mode="json", exclude={"settings"}), **key.settings})
    makers: dict[str, Callable[[Path, Config, int], Tracker]]
    makers = {"tensorboard": TensorBoard, "wandb": Wandb}
    return [makers[name](out, config, step) for name in key.settings["trackers"]]


def _plain(value: object) -> float | str:
    """A number or a text: TensorBoard takes no list, leaves out None, and counts True as 1."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return value
    return json.dumps(value)
