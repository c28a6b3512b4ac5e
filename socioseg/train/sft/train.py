"""Train a reasoning model on true answers: the method `sft`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.errors import UsageError
from socioseg.models.supervised.device import pick_device
from socioseg.recipe import parse_recipe
from socioseg.train.grpo.crew import Crew
from socioseg.train.policy.sharding import sharding_asked
from socioseg.train.record import summary
from socioseg.train.setup import begin_together, new_record, stores_of
from socioseg.train.sft.loop import Loop
from socioseg.train.sft.settings import FREE, SftSettings
from socioseg.train.sft.teacher import load_teacher

if TYPE_CHECKING:
    import torch

    from socioseg.train.methods import Job


def train(job: Job) -> dict[str, Any]:
    """Train SocioReasoner or a relative; the same job goes on where it was stopped.

    The folder holds the best weights so far at any time, ready for `socioseg bench`.

    Returns
    -------
    dict
        For the command line: where it is, how far, and how good.

    Raises
    ------
    UsageError, RecipeError
        If a setting is wrong, or the model has no weights here.
    CheckpointError
        If the weights cannot be had.
    DatasetError, ServiceError
        If there is no such dataset, or it holds nothing to learn.
    OutputError
        If the folder holds another training, or cannot be written.
    """
    settings = parse_recipe(job.settings, SftSettings, f"{job.name}, key train")
    asked = sharding_asked(mean=True)
    device = pick_device(job.request.device)
    crew = Crew(cpu=device.type == "cpu")
    if crew.size > 1:
        device = crew.device
    _check_shares(settings, crew)
    sharding = asked if crew.size > 1 else None
    stores = stores_of(job, settings)
    reasoner = load_teacher(job, _changes(settings, device, divided=sharding is not None))
    known = {**settings.model_dump(mode="json"), "weights": reasoner.revision}
    total = settings.total_steps(len(stores["train"].index()))
    record = new_record(job, "sft", known, stores, str(device), total)
    record = begin_together(job, record, crew, FREE)
    if not record.finished:
        record = Loop(job, settings, reasoner, stores, record, crew, sharding).run()
    return summary(job.request.out, record) if crew.leads else {}


def _check_shares(settings: SftSettings, crew: Crew) -> None:
    if settings.accumulate % crew.size:
        raise UsageError(
            f"accumulate = {settings.accumulate} cannot be shared by {crew.size} processes: set it"
            " to a multiple of their number (and lower batch_size)."
        )


def _changes(settings: SftSettings, device: torch.device, *, divided: bool) -> dict[str, Any]:
    """Options of the chat engine: all weights are trained in 32 bits, adapters on what there is.

    Divided weights are kept in 32 bits whatever their passes are in.
    """
    changes: dict[str, Any] = {
        "chat.device": str(device),
        "chat.batch_size": settings.rollout,
        "chat.temperature": 0.0,
    }
    if settings.lessons.stages == 1:
        changes["stages"] = 1
    if not settings.policy.lora and not divided:
        changes["chat.dtype"] = "float32"
    if settings.max_tokens:
        changes["chat.max_tokens"] = settings.max_tokens
    return changes
