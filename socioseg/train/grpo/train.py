"""Train a reasoning model by the rewards of what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from socioseg.errors import UsageError
from socioseg.recipe import parse_recipe
from socioseg.train.grpo.crew import Crew
from socioseg.train.grpo.judge import Judge
from socioseg.train.grpo.loop import Loop, Parts
from socioseg.train.grpo.settings import FREE, GrpoSettings
from socioseg.train.memory import FOR_WEIGHTS, room
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.sharding import sharding_asked
from socioseg.train.record import summary
from socioseg.train.setup import (
    begin_together,
    load_learner,
    new_record,
    require_local,
    stores_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.train.grpo.sampler import Sampler
    from socioseg.train.methods import Job
    from socioseg.train.policy.sharding import Sharding
    from socioseg.train.store import Store

_SAMPLER = "socioseg.train.grpo.sampler:Sampler"
_LEARN = "be trained by grpo"


def train(job: Job) -> dict[str, Any]:
    """Train SocioReasoner or a relative; the same job goes on where it was stopped.

    The folder holds the best weights so far at any time, ready for `socioseg bench`.

    Returns
    -------
    dict
        For the command line: where it is, how far, and how good. Of several processes only the
        leading one has anything to show.

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
    require_local(job, _LEARN)
    settings = parse_recipe(job.settings, GrpoSettings, f"{job.name}, key train")
    asked = sharding_asked()
    crew = Crew(cpu=_on_cpu(job.request.device))
    stores = stores_of(job, settings)
    reasoner = _reasoner(job, settings, crew)
    known = {**settings.model_dump(mode="json"), "weights": reasoner.revision}
    record = new_record(job, "grpo", known, stores, str(crew.device), settings.steps)
    record = begin_together(job, record, crew, FREE)
    if not record.finished:
        parts = _parts(settings, reasoner, stores, asked if crew.size > 1 else None)
        record = Loop(job, settings, parts, crew, record).run()
    return summary(job.request.out, record) if crew.leads else {}


def _parts(
    settings: GrpoSettings,
    reasoner: Reasoner,
    stores: Mapping[str, Store],
    sharding: Sharding | None,
) -> Parts:
    judge = Judge(reasoner, settings)
    chat: Sampler = reasoner.chat  # type: ignore[assignment] # _reasoner makes it so
    torch.manual_seed(settings.seed)  # of which adapters are drawn
    with room("What learns, beside what it was,", FOR_WEIGHTS):
        policy = Policy(
            chat,
            chat.folder,
            settings.policy,
            reference=settings.kl > 0,
            sharding=sharding,
        )
        optimizer = Optimizer(
            policy.parameters(),
            settings.learning_rate,
            settings.weight_decay,
            settings.policy.optimizer,
        )
    return Parts(reasoner, judge, policy, optimizer, stores["train"], stores["validation"])


def _on_cpu(device: str) -> bool:
    if device not in {"auto", "cpu"} and not device.startswith("cuda"):
        raise UsageError(f"grpo runs on cuda or cpu, not on {device!r}.")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(f"There is no device {device!r} here: use auto or cpu.")
    return device == "cpu" or not torch.cuda.is_available()


def _reasoner(job: Job, settings: GrpoSettings, crew: Crew) -> Reasoner:
    """The model with an engine that tells what it writes."""
    changes: dict[str, Any] = {
        "chat.device": str(crew.device),
        "chat.batch_size": settings.rollout,
        "chat.temperature": settings.temperature,
        "chat.top_p": settings.top_p,
        "chat.top_k": settings.top_k,
    }
    if settings.max_tokens:
        changes["chat.max_tokens"] = settings.max_tokens
    return load_learner(job, _LEARN, _SAMPLER, changes)
