"""Train a reasoning model by the rewards of what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from socioseg.bench.choose import choose
from socioseg.bench.openset import open_samples
from socioseg.errors import OutputError, UsageError
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.registry import load_model
from socioseg.recipe import parse_recipe
from socioseg.train.grpo.crew import Crew
from socioseg.train.grpo.judge import Judge
from socioseg.train.grpo.loop import Loop, Parts
from socioseg.train.grpo.settings import GrpoSettings
from socioseg.train.grpo.store import Store
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.record import Record, TrainKey, begin, read_record, session
from socioseg.train.supervised import summary

if TYPE_CHECKING:
    from socioseg.train.grpo.sampler import Sampler
    from socioseg.train.methods import Job

_SAMPLER = "socioseg.train.grpo.sampler:Sampler"


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
    _require_local(job)
    settings = parse_recipe(job.settings, GrpoSettings, f"{job.name}, key train")
    crew = Crew(cpu=_on_cpu(job.request.device))
    stores = {name: _store(job, settings, name) for name in ("train", "validation")}
    reasoner = _reasoner(job, settings, crew)
    record = _begin(job, _record(job, settings, reasoner, stores, crew), crew)
    if not record.finished:
        judge = Judge(reasoner, settings)
        chat: Sampler = reasoner.chat  # type: ignore[assignment] # _reasoner makes it so
        torch.manual_seed(settings.seed)  # of which adapters are drawn
        policy = Policy(chat, chat.folder, settings.policy, reference=settings.kl > 0)
        optimizer = Optimizer(
            policy.parameters(),
            settings.learning_rate,
            settings.weight_decay,
            settings.policy.optimizer,
        )
        parts = Parts(reasoner, judge, policy, optimizer, stores["train"], stores["validation"])
        record = Loop(job, settings, parts, crew, record).run()
    return summary(job.request.out, record) if crew.leads else {}


def _on_cpu(device: str) -> bool:
    if device not in {"auto", "cpu"} and not device.startswith("cuda"):
        raise UsageError(f"grpo runs on cuda or cpu, not on {device!r}.")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(f"There is no device {device!r} here: use auto or cpu.")
    return device == "cpu" or not torch.cuda.is_available()


def _require_local(job: Job) -> None:
    chat = job.recipe.options.get("chat")
    if (chat if isinstance(chat, str) else dict(chat or {}).get("name")) != "local":
        raise UsageError(
            f"{job.name} cannot be trained by grpo: that takes a model whose chat engine is local."
        )


def _store(job: Job, settings: GrpoSettings, split: str) -> Store:
    samples = open_samples(job.request.dataset, split, job.request.revision)
    limit = settings.limit if split == "train" else settings.validation_limit
    return Store(samples, choose(samples, settings.level, limit=limit))


def _reasoner(job: Job, settings: GrpoSettings, crew: Crew) -> Reasoner:
    """The model with an engine that tells what it writes."""
    changes: dict[str, Any] = {
        "chat.name": _SAMPLER,
        "chat.device": str(crew.device),
        "chat.batch_size": settings.rollout,
        "chat.temperature": settings.temperature,
        "chat.top_p": settings.top_p,
        "chat.top_k": settings.top_k,
    }
    if settings.max_tokens:
        changes["chat.max_tokens"] = settings.max_tokens
    model = load_model(job.request.model, changes).model
    if not isinstance(model, Reasoner):
        raise UsageError(f"{job.name} cannot be trained by grpo: it is no reasoning model.")
    return model


def _record(
    job: Job, settings: GrpoSettings, reasoner: Reasoner, stores: dict[str, Store], crew: Crew
) -> Record:
    known = {**settings.model_dump(mode="json"), "weights": reasoner.revision}
    key = TrainKey(
        model=job.name,
        method="grpo",
        settings=known,
        dataset=stores["train"].fingerprint,
    )
    return Record(
        key=key,
        dataset=job.request.dataset,
        path=str(stores["train"].root),
        samples={name: len(store.index()) for name, store in stores.items()},
        sessions=(session(str(crew.device)),),
        total_steps=settings.steps,
    )


def _begin(job: Job, record: Record, crew: Crew) -> Record:
    """The record on disk, which the leading process writes."""
    if crew.leads:
        begin(job.request.out, record)
    crew.wait()
    found = read_record(job.request.out)
    if found is None:
        raise OutputError(f"{job.request.out} was deleted while the training began.")
    return found
