"""`predictions.jsonl`: a line for each answer, only appended to; a sample's last one counts."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import numpy as np
from pydantic import ConfigDict, ValidationError

from socioseg.bench.rle import Rle, decode_mask, encode_mask
from socioseg.errors import OutputError
from socioseg.files import PART, output_errors, remove_parts, sync
from socioseg.models.base import OK, Prediction, Stage, StageTrace, Trace
from socioseg.sample import Level  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LOG = "predictions.jsonl"
RUN = "run.json"
_ORDER = (
    "id", "level", "status", "detail", "mask", "boxes", "points", "texts", "seconds",
    "confidence", "usage", "stages",
)  # fmt: skip
_OPTIONAL = ("confidence", "usage", "stages")
"""Left out of a line where they hold nothing."""
_NOTHING: tuple[object, ...] = (None, {}, [])


class StageLine(StageTrace):
    """What a stage of the model came to; see `socioseg.models.base.Stage`."""

    mask: Rle | None = None

    @classmethod
    def of(cls, stage: Stage) -> StageLine:
        """The line's part of a checked stage."""
        trace = {name: getattr(stage, name) for name in StageTrace.model_fields}
        return cls(mask=None if stage.mask is None else encode_mask(stage.mask), **trace)


class Line(Trace):
    """What a model said to one sample.

    Attributes
    ----------
    id, level
        Of the sample.
    status
        "ok", or why there is no mask.
    detail
        The reason in more words.
    mask
        COCO run-length encoding; None where the status is not "ok".
    boxes, points, texts, seconds, usage, confidence, stages
        As in `socioseg.models.base.Prediction`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    level: Level
    status: str
    detail: str = ""
    mask: Rle | None = None
    stages: tuple[StageLine, ...] = ()

    @classmethod
    def of(cls, prediction: Prediction, level: Level) -> Line:
        """The line of a checked prediction."""
        mask = None if prediction.mask is None else encode_mask(prediction.mask)
        trace = {name: getattr(prediction, name) for name in Trace.model_fields}
        return cls(
            id=prediction.id,
            level=level,
            status=prediction.status,
            detail=prediction.detail,
            mask=mask,
            stages=tuple(map(StageLine.of, prediction.stages)),
            **trace,
        )

    @property
    def ok(self) -> bool:
        """Whether there is a mask."""
        return self.status == OK

    def mask_array(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """The mask, (H, W) bool of `size`; an empty one where the model failed."""
        return np.zeros(size, dtype=np.bool_) if self.mask is None else decode_mask(self.mask)

    def to_bytes(self) -> bytes:
        """The line in the file, with its end."""
        found = self.model_dump(mode="json")
        ordered = {
            name: found[name]
            for name in _ORDER
            if name not in _OPTIONAL or found[name] not in _NOTHING
        }
        text = json.dumps(ordered, ensure_ascii=True, allow_nan=False)
        return f"{text}\n".encode("ascii")


def read_log(run: Path) -> Iterator[Line]:
    """The last line of each sample of the run in the folder `run`, in the order of the log.

    A sample that was asked again has several lines. A last line that a crash tore is left out.

    Raises
    ------
    OutputError
        If the file is damaged elsewhere, or cannot be read.
    """
    path, last = run / LOG, dict[str, Line]()
    try:
        with path.open("rb") as file:
            for _, line in _whole_lines(path, file):
                last.pop(line.id, None)
                last[line.id] = line
    except OutputError:
        raise
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{path} cannot be read ({error.strerror}); check the disk.") from error
    yield from last.values()


def _whole_lines(path: Path, file: IO[bytes]) -> Iterator[tuple[int, Line]]:
    """Every line with the offset of its end; refuses a broken line that others follow."""
    broken = 0
    for number, data in enumerate(file, start=1):
        line = _parse(data)
        if line is None:
            broken = broken or number
        elif broken:
            raise OutputError(
                f"{path}: line {broken} is damaged; delete that line, and its sample runs again."
            )
        else:
            yield file.tell(), line


def _parse(data: bytes) -> Line | None:
    if not data.endswith(b"\n"):
        return None
    try:
        return Line.model_validate_json(data)
    except ValidationError:
        return None


class Log:
    """The log of a run that is being written; made by `open_log`."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self.done: set[str] = set()
        """Ids of the samples that have a line."""
        self.failed: set[str] = set()
        """Ids of the samples whose last line is a failure."""

    def note(self, line: Line) -> None:
        """Take down how a sample ended whose line is in the file."""
        self.done.add(line.id)
        if line.ok:
            self.failed.discard(line.id)
        else:
            self.failed.add(line.id)

    def append(self, lines: Iterable[Line]) -> None:
        """Write `lines`; when this returns they are on the disk.

        Raises
        ------
        OutputError
            If the disk is full or the like.
        """
        lines = list(lines)
        with output_errors(self._path):
            self._file.write(b"".join(line.to_bytes() for line in lines))
            self._file.flush()
            os.fsync(self._file.fileno())
        for line in lines:
            self.note(line)


@contextmanager
def open_log(run: Path) -> Iterator[Log]:
    """Open the log of the folder `run` to go on with it; a torn last line is cut off.

    Raises
    ------
    OutputError
        If the folder holds something else, another process writes there, the log is damaged, or
        it cannot be written.
    """
    path = run / LOG
    with output_errors(run):
        run.mkdir(parents=True, exist_ok=True)
        _check_folder(run)
        file = path.open("a+b")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{run}: another process writes this run; wait for it.") from error
        file.seek(0)
        log, size = Log(path, file), 0
        for end, line in _whole_lines(path, file):
            log.note(line)
            size = end
        with output_errors(path):
            file.truncate(size)
            sync(run)
        remove_parts(run)
        yield log


def _check_folder(run: Path) -> None:
    """Refuse a folder of other things; what a run begins with is its log."""
    names = {path.name for path in run.iterdir() if not path.name.endswith(PART)}
    if names and RUN not in names and names != {LOG}:
        raise OutputError(f"{run} holds files that are not a run's; choose another --out.")
