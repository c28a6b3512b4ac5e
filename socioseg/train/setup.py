"""What the training of a reasoning model begins with: the model, the samples, the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from socioseg.bench.choose import choose
from socioseg.bench.openset import open_samples
from socioseg.errors import OutputError, UsageError
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.registry import load_model
from socioseg.train.key import TrainKey
from socioseg.train.record import Record, begin, read_record, session
from socioseg.train.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from socioseg.train.grpo.crew import Crew
    from socioseg.train.methods import Job


class Chosen(Protocol):
    """Settings that say which samples are used; see `SftSettings` and `GrpoSettings`."""

    level: Any
    limit: int | None
    validation_limit: int | None


def stores_of(job: Job, settings: Chosen) -> dict[str, Store]:
    """The splits "train" and "validation" of the job's dataset.

    Raises
    ------
    UsageError, DatasetError, ServiceError
        If there is no such dataset or level, or nothing in it.
    """
    limits = {"train": settings.limit, "validation": settings.validation_limit}
    request = job.request
    return {
        split: Store(samples, choose(samples, settings.level, limit=limit))
        for split, limit in limits.items()
        for samples in (open_samples(request.dataset, split, request.revision),)
    }


def require_local(job: Job, learn: str) -> None:
    """Refuse a model without weights of its own; `learn` is what it would do, in words.

    Raises
    ------
    UsageError
        If its chat engine is not local.
    """
    chat = job.recipe.options.get("chat")
    if (chat if isinstance(chat, str) else dict(chat or {}).get("name")) != "local":
        raise UsageError(
            f"{job.name} cannot {learn}: that takes a model whose chat engine is local."
        )


def load_learner(job: Job, learn: str, engine: str, changes: Mapping[str, Any]) -> Reasoner:
    """The job's model with another chat engine around its weights.

    Parameters
    ----------
    learn
        What it is to do, in words: see `require_local`.
    engine
        `package.module:Class` of the engine.
    changes
        Options of the model besides, dotted.

    Raises
    ------
    UsageError
        If it is no reasoning model with weights of its own, or a part is wrong.
    """
    require_local(job, learn)
    options = {**job.recipe.options, "chat.name": engine, **changes}
    model = load_model(job.request.model, options).model
    if not isinstance(model, Reasoner):
        raise UsageError(f"{job.name} cannot {learn}: it is no reasoning model.")
    return model


def new_record(
    job: Job,
    method: str,
    settings: Mapping[str, Any],
    stores: Mapping[str, Store],
    device: str,
    steps: int,
) -> Record:
    """The record of a training that begins now."""
    key = TrainKey(
        model=job.name,
        method=method,
        settings=dict(settings),
        options=_lasting(job.recipe.options),
        dataset=stores["train"].fingerprint,
    )
    return Record(
        key=key,
        dataset=job.request.dataset,
        path=str(stores["train"].root.resolve()),
        samples={name: len(store.index()) for name, store in stores.items()},
        sessions=(session(device),),
        total_steps=steps,
    )


def _lasting(options: Mapping[str, Any]) -> dict[str, Any]:
    """`options` of a model without the place of its weights, whose hash is what matters."""
    chat = options.get("chat")
    if not isinstance(chat, dict):
        return dict(options)
    kept = {key: value for key, value in chat.items() if key not in {"weights", "revision"}}
    return {**options, "chat": kept}


def _refusal(job: Job, record: Record, free: Collection[str]) -> OutputError | None:
    try:
        begin(job.request.out, record, free)
    except OutputError as error:
        return error
    return None


def begin_together(job: Job, record: Record, crew: Crew, free: Collection[str] = ()) -> Record:
    """The record on disk, which the leading process writes; see `begin`.

    Raises
    ------
    OutputError
        In all processes, if the folder holds another training or cannot be written.
    """
    refusal = _refusal(job, record, free) if crew.leads else None
    told: list[OutputError | None] = crew.gather([refusal])
    for error in told:
        if error:
            raise error
    found = read_record(job.request.out)
    if found is None:
        raise OutputError(f"{job.request.out} was deleted while the training began.")
    return found
