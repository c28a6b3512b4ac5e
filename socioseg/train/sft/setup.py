"""What every training from true answers begins with: the model, the samples, the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from socioseg.bench.choose import choose
from socioseg.bench.openset import open_samples
from socioseg.errors import UsageError
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.registry import load_model
from socioseg.train.grpo.store import Store
from socioseg.train.record import Record, TrainKey, session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.train.methods import Job

_TEACHER = "socioseg.train.sft.teacher:Teacher"


class Chosen(Protocol):
    """Settings that say which samples teach; see `SftSettings`."""

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


def load_teacher(job: Job, changes: Mapping[str, Any]) -> Reasoner:
    """The job's model with a `Teacher` for its chat engine.

    Parameters
    ----------
    changes
        Options of the model besides, dotted.

    Raises
    ------
    UsageError
        If it is no reasoning model with weights of its own, or a part is wrong.
    """
    chat = job.recipe.options.get("chat")
    if (chat if isinstance(chat, str) else dict(chat or {}).get("name")) != "local":
        raise UsageError(
            f"{job.name} cannot learn from answers: that takes a model whose chat engine is local."
        )
    model = load_model(job.request.model, {"chat.name": _TEACHER, **changes}).model
    if not isinstance(model, Reasoner):
        raise UsageError(f"{job.name} cannot learn from answers: it is no reasoning model.")
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
