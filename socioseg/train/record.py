"""`train.json` and `metrics.jsonl`: what a training is of, how far it is, how it went."""

from __future__ import annotations

import datetime as dt
import json
import logging
import resource
import shutil
import sys
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from socioseg.errors import OutputError
from socioseg.files import PART, atomic_write, output_errors, remove_parts, write_json
from socioseg.recipe import Strict
from socioseg.train.key import TrainKey, difference

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

log = logging.getLogger(__name__)
RECORD, METRICS, WORK = "train.json", "metrics.jsonl", ".train"
"""The record, the log, and the folder of what a training needs to go on."""


Ending = Literal["", "all steps", "early stop"]
"""How a training came to its end; "" where it has not."""


class TrainSession(Strict):
    """One start of the training."""

    started: str
    device: str
    versions: dict[str, str]
    hardware: dict[str, str | int]


class Record(Strict):
    """All of `train.json`; `best` is the best evaluation, a line of `metrics.jsonl`.

    `seconds` are of training alone, over all sessions; `peak_mib` is the most memory that a
    session's process held.
    """

    format: Literal[1] = 1
    key: TrainKey
    dataset: str
    path: str
    samples: dict[str, int]
    sessions: tuple[TrainSession, ...] = ()
    steps: int = 0
    total_steps: int
    finished: Ending = ""
    best: dict[str, float] = Field(default_factory=dict)
    seconds: float = 0.0
    peak_mib: int = 0


def session(device: str) -> TrainSession:
    """A session that begins now, on this machine."""
    from socioseg.bench.machine import hardware, versions  # noqa: PLC0415 - side by side

    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return TrainSession(started=started, device=device, versions=versions(), hardware=hardware())


def read_record(out: Path) -> Record | None:
    """The record in the folder `out`; None where nothing was trained there.

    Raises
    ------
    OutputError
        If it is damaged.
    """
    path = out / RECORD
    try:
        return Record.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise OutputError(f"{path} is damaged: delete {out} and train again.") from error


def begin(out: Path, record: Record, free: Collection[str] = ()) -> Record:
    """Write `record` as that of `out`, or that which is there with the new session added.

    A training that ended before its first evaluation, for a wrong setting perhaps, gives way.

    Parameters
    ----------
    free
        Settings that may differ from those on disk, whose place they take; see `difference`.

    Raises
    ------
    OutputError
        If `out` holds another training or something else, or cannot be written.
    """
    found = read_record(out)
    if found and found.key != record.key and not read_log(out):
        shutil.rmtree(out / WORK, ignore_errors=True)
    elif found is None:
        if _holds_something(out):
            raise OutputError(f"{out} holds something that is no training; choose another --out.")
    else:
        if what := difference(found.key, record.key, free):
            raise OutputError(f"{out} holds another training ({what}); choose another --out.")
        if found.finished:
            return found
        sessions = (*found.sessions, *record.sessions)
        record = found.model_copy(update={"key": record.key, "sessions": sessions})
        remove_parts(out)
    write(out, record)
    return record


def _holds_something(out: Path) -> bool:
    """Whether `out` is a file, or a folder of more than what a killed start leaves."""
    if not out.is_dir():
        return out.exists()
    return any(not path.name.endswith(PART) for path in out.iterdir())


def write(out: Path, record: Record) -> None:
    """Write the record, all or nothing."""
    write_json(out / RECORD, record.model_dump(mode="json"))


def close(
    out: Path,
    record: Record,
    steps: int,
    finished: Ending,
    best: dict[str, float],
    *,
    leads: bool = True,
) -> Record:
    """The record of a session that ends at `steps`; the work folder goes where all is done.

    Parameters
    ----------
    leads
        Whether this process is the one that writes; the others only learn how it ended.
    """
    lines = read_log(out) if leads else []
    changes = {
        "steps": steps,
        "finished": finished,
        "best": best,
        "seconds": lines[-1]["seconds"] if lines else 0.0,
        "peak_mib": max(record.peak_mib, peak_mib()),
    }
    closed = record.model_copy(update=changes)
    if leads:
        write(out, closed)
        if finished:
            shutil.rmtree(out / WORK)
    return closed


def best_of(out: Path) -> dict[str, float]:
    """The line of the log with the highest validation gIoU, the first of equals; {} for none."""
    return max(read_log(out), key=lambda line: line["giou"], default={})


def summary(out: Path, record: Record, validation: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the command line shows of a training.

    Parameters
    ----------
    validation
        What it shows of the best evaluation; by default its gIoU.
    """
    best = record.best
    giou = f"{100 * best['giou']:.1f} at step {best['step']:.0f}" if "giou" in best else "none"
    return {
        "model": str(out),
        "ended": record.finished or "stopped; run the same command again to go on",
        "steps": f"{record.steps} of {record.total_steps}",
        **({"validation_gIoU": giou} if validation is None else validation),
        "seconds": round(record.seconds),
        "peak_memory": f"{record.peak_mib} MiB",
        **({"next": _next(out, record)} if record.finished else {}),
    }


def _next(out: Path, record: Record) -> str:
    """The command that comes next: after a warm start, which writes no answers yet, sft."""
    on, name = f"--model {quote(str(out))} --dataset {quote(record.dataset)}", out.resolve().name
    if record.key.method == "warm":
        return f"socioseg train {on} --method sft --out {quote(f'{out}-sft')}"
    level = record.key.settings.get("level", "all")
    some = "" if level == "all" else f" --level {level}"
    return f"socioseg bench {on}{some} --out {quote(f'runs/{name}')}"


def log_line(out: Path, line: dict[str, float]) -> None:
    """Append one evaluation to `metrics.jsonl`."""
    with output_errors(out / METRICS), (out / METRICS).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(line)}\n")


def read_log(out: Path) -> list[dict[str, float]]:
    """The lines of `metrics.jsonl`; what comes after one that was torn is not there."""
    found: list[dict[str, float]] = []
    path = out / METRICS
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def cut_log(out: Path, step: int) -> list[dict[str, float]]:
    """Forget the evaluations after `step`, from which the training goes on; gives the rest."""
    if step > 0:
        log.info("%s goes on after step %d.", out, step)
    kept = [line for line in read_log(out) if line["step"] <= step]
    atomic_write(out / METRICS, "".join(f"{json.dumps(line)}\n" for line in kept).encode())
    return kept


def peak_mib() -> int:
    """The most memory that this process held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 if sys.platform != "darwin" else 1024**2)
