"""`run.json`: which model, on which dataset, with what; the key that keeps runs apart."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from socioseg import __version__
from socioseg.bench.log import RUN
from socioseg.bench.machine import hardware, versions
from socioseg.errors import OutputError
from socioseg.files import write_json

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.bench.samples import Samples
    from socioseg.models.registry import LoadedModel


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunKey(_Part):
    """All that a prediction depends on, apart from the sample.

    Attributes
    ----------
    model
        Its name.
    revision
        Of its weights and code.
    recipe
        The whole recipe: class, options (settings of generation among them), seed.
    socioseg
        Version of this package, which holds prompts, parsers and segmenters.
    dataset
        Fingerprint of the dataset.
    split
        Of the dataset.
    """

    model: str
    revision: str
    recipe: dict[str, Any]
    socioseg: str
    dataset: str
    split: str


class Session(_Part):
    """One start of the run: when, with what, and which samples were asked for.

    `chosen` counts the samples that level, ids, limit and shard leave; with `retry_failed` those
    that had failed were asked again.
    """

    started: str
    level: str
    limit: int | None = None
    ids: int | None = None
    shard: str = "0/1"
    retry_failed: bool = False
    chosen: int
    versions: dict[str, str]
    hardware: dict[str, str | int]


class RunInfo(_Part):
    """All of `run.json`.

    `dataset` and `path` are where the dataset was found; `sees_truth` says that the model was shown
    the answers, and so is a ceiling and no rival.
    """

    format: Literal[1] = 1
    key: RunKey
    dataset: str
    path: str
    sees_truth: bool = False
    sessions: list[Session] = []


def run_key(model: LoadedModel, samples: Samples) -> RunKey:
    """Key of a run of `model` on `samples`."""
    recipe = model.recipe.model_dump(mode="json", exclude={"title", "batch_size", "train"})
    return RunKey(
        model=model.name,
        revision=model.revision,
        recipe=recipe,
        socioseg=__version__,
        dataset=samples.fingerprint,
        split=samples.split,
    )


def new_session(chosen: int, **request: str | int | bool | None) -> Session:
    """A session that begins now, on this machine; `request` are fields of `Session`."""
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    machine = {"versions": versions(), "hardware": hardware()}
    return Session.model_validate({"started": started, "chosen": chosen, **request, **machine})


def read_run(run: Path) -> RunInfo:
    """`run.json` of the folder `run`.

    Raises
    ------
    OutputError
        If it is missing or not as this version writes it.
    """
    path = run / RUN
    try:
        return RunInfo.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OutputError(
            f"{path} cannot be read ({error.strerror}): is {run} the folder of a run?"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise OutputError(
            f"{path} is not of this version ({where}: {first['msg']}): run the model again."
        ) from error


def begin(run: Path, info: RunInfo, *, idle: bool = False) -> None:
    """Write `info` as the run's, its sessions after those that it had.

    With `idle`, as nothing is left to do, a run that is there stays as it is.

    Raises
    ------
    OutputError
        If `run` holds another run, something else, or cannot be written.
    """
    if (run / RUN).exists():
        found = read_run(run)
        check_same(run, found.key, info.key)
        if idle:
            return
        info = info.model_copy(update={"sessions": [*found.sessions, *info.sessions]})
    write_json(run / RUN, info.model_dump(mode="json"))


def check_same(run: Path, found: RunKey, wanted: RunKey) -> None:
    """Refuse to mix answers of two keys.

    Raises
    ------
    OutputError
        Naming what differs.
    """
    if found == wanted:
        return
    names = [name for name in RunKey.model_fields if getattr(found, name) != getattr(wanted, name)]
    first = names[0]
    raise OutputError(
        f"{run} holds a run of another {' and '.join(names)} ({first} {getattr(found, first)!s},"
        f" not {getattr(wanted, first)!s}); choose another --out."
    )
