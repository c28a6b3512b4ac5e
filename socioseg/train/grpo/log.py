"""Where a training tells how it goes: `metrics.jsonl`, TensorBoard, Weights & Biases, pictures."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from socioseg.errors import UsageError
from socioseg.files import atomic_path
from socioseg.models.reason.render import Pen, render
from socioseg.train.record import log_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.models.reason.reasoner import Course
    from socioseg.train.grpo.settings import GrpoSettings

_TRUTH = Pen(line=(0, 200, 0), fill=(0, 200, 0))


class Tracker(Protocol):
    """Takes numbers and pictures of a step."""

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """One picture, (H, W, 3) uint8."""

    def close(self) -> None:
        """Write what is left."""


class Log:
    """The log of the process that leads.

    Raises
    ------
    UsageError
        If the package of a tracker is missing, or it does not begin.
    """

    def __init__(self, out: Path, settings: GrpoSettings, step: int) -> None:
        self._out = out
        makers: dict[str, Callable[[Path, int], Tracker]]
        makers = {"tensorboard": TensorBoard, "wandb": Wandb}
        self._trackers: list[Tracker] = [makers[name](out, step) for name in settings.trackers]

    def step(self, step: int, values: Mapping[str, float], pictures: Sequence[Course]) -> None:
        """Tell of one step; what is no finite number is left out."""
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        log_line(self._out, {"step": step, **finite})
        for tracker in self._trackers:
            tracker.numbers(step, finite)
        for number, course in enumerate(pictures):
            self._picture(step, number, drawn(course))

    def close(self) -> None:
        """Write what is left."""
        for tracker in self._trackers:
            tracker.close()

    def _picture(self, step: int, number: int, pixels: NDArray[np.uint8]) -> None:
        path = self._out / "pictures" / f"step-{step:06d}-{number}.png"
        path.parent.mkdir(exist_ok=True)
        with atomic_path(path) as part:
            Image.fromarray(pixels).save(part, format="PNG")
        for tracker in self._trackers:
            tracker.picture(step, f"sample {number}", pixels)


def drawn(course: Course) -> NDArray[np.uint8]:
    """The truth, green, and what each stage pointed at and cut out, side by side: (H, W, 3)."""
    query = course.final.look.query
    truth = query.truth
    panels = [render(query.sat, truth.boxes, truth.mask, (), _TRUTH)] if truth else []
    panels += [render(query.sat, each.look.boxes(each.items), each.mask) for each in course.stages]
    return np.concatenate(panels, axis=1)


class TensorBoard:
    """A tracker that writes event files; those of steps that are done again are hidden."""

    def __init__(self, out: Path, step: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UsageError(
                "trackers: tensorboard is not installed: pip install 'socioseg[train]', or set"
                " trackers=[]."
            ) from error
        self._writer: Any = SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """One picture."""
        self._writer.add_image(name, pixels, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()


class Wandb:
    """A tracker of Weights & Biases; a training that goes on is the same run there.

    Raises
    ------
    UsageError
        If its package is missing, or it knows no account and cannot reach its server.
    """

    def __init__(self, out: Path, step: int) -> None:  # noqa: ARG002 - the run knows its step
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
            self._run: Any = wandb.init(id=own, name=place.name, dir=str(out), resume="allow")
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
