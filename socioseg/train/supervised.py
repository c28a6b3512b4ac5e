"""Train a network on the masks of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.choose import choose
from socioseg.bench.openset import open_samples
from socioseg.models.supervised.device import pick_device
from socioseg.recipe import parse_recipe
from socioseg.train.key import TrainKey
from socioseg.train.loop import Loop, Part
from socioseg.train.record import Record, begin, session, summary
from socioseg.train.settings import SupervisedSettings

if TYPE_CHECKING:
    import torch

    from socioseg.train.methods import Job


def train(job: Job) -> dict[str, Any]:
    """Train a UNet or a SegFormer; the same job goes on where it was stopped.

    The folder holds the best weights so far at any time, ready for `socioseg bench`.

    Returns
    -------
    dict
        For the command line: where it is, how far, and how good.

    Raises
    ------
    UsageError, RecipeError
        If a setting is wrong.
    DatasetError, ServiceError
        If there is no such dataset, or it holds nothing to learn.
    OutputError
        If the folder holds another training, or cannot be written.
    """
    where = f"{job.name}, key train"
    settings = parse_recipe(job.settings, SupervisedSettings, where)
    device = pick_device(job.request.device)
    parts = {name: _part(job, settings, name) for name in ("train", "validation")}
    record = begin(job.request.out, _record(job, settings, parts, device))
    if not record.finished:
        record = Loop(job, settings, parts, device, record).run()
    return summary(job.request.out, record)


def _part(job: Job, settings: SupervisedSettings, split: str) -> Part:
    samples = open_samples(job.request.dataset, split, job.request.revision)
    limit = settings.limit if split == "train" else None
    return Part(samples, choose(samples, settings.level, limit=limit))


def _record(
    job: Job, settings: SupervisedSettings, parts: dict[str, Part], device: torch.device
) -> Record:
    data = parts["train"].samples
    key = TrainKey(
        model=job.name,
        method="supervised",
        settings=settings.model_dump(mode="json", exclude={"workers"}),
        dataset=data.fingerprint,
    )
    return Record(
        key=key,
        dataset=job.request.dataset,
        path=str(data.root.resolve()),
        samples={name: len(part.keys) for name, part in parts.items()},
        sessions=(session(str(device)),),
        total_steps=settings.total_steps(len(parts["train"].keys)),
    )
