"""transformers' Trainer on lessons: the loss is on the answers alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import PrinterCallback, Trainer, TrainerControl, TrainingArguments

from socioseg.train.finite import require_numbers
from socioseg.train.memory import FOR_SEGMENTER, room, room_to_resume
from socioseg.train.policy.batch import Batch
from socioseg.train.policy.sharding import gathered, part, parted
from socioseg.train.sft.teacher import lessons_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.policy.policy import Policy
    from socioseg.train.sft.draws import Draws
    from socioseg.train.sft.settings import SftSettings
    from socioseg.train.trainer import Keep, Stop

Tensors = dict[str, Any]
_LEARNT, _MOMENTS, _SCHEDULE = "learnt.pt", "optimizer.pt", "scheduler.pt"


class Lessons(Dataset[Tensors]):
    """The micro-batches of all steps as one list; each depends on seed and place alone."""

    def __init__(
        self,
        reasoner: Reasoner,
        policy: Policy,
        draws: Draws,
        settings: SftSettings,
        length: int,
    ) -> None:
        self._reasoner, self._policy, self._draws = reasoner, policy, draws
        self._settings, self._length = settings, length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: int) -> Tensors:
        queries = self._draws.queries(place + 1, self._settings.batch_size)
        with room("What the segmenter cuts out", f"{FOR_SEGMENTER}, or batch_size"):
            lessons = lessons_of(self._reasoner, queries, self._settings.lessons)
        replies = [lesson.reply for lesson in lessons]
        batch = self._policy.encode([lesson.prompt for lesson in lessons], replies)
        return batch._asdict() | {"weights": self._weights(batch)}

    def _weights(self, batch: Batch) -> torch.Tensor:
        """(B, T) of each token of the replies; 0 behind their ends."""
        weights = batch.mask.float()
        if self._settings.numbers != 1:
            weights[self._policy.in_numbers(batch.replies)] *= self._settings.numbers
        return weights


def arguments(
    settings: SftSettings, work: Path, steps: int, policy: Policy, crew: Crew
) -> TrainingArguments:
    """The Trainer's arguments; adapters and weights of 32 bits are trained in mixed precision.

    Divided weights see to that themselves.
    """
    cuda = policy.device.type == "cuda"
    every = max(1, math.ceil(steps / settings.evaluations))
    return TrainingArguments(
        output_dir=str(work),
        max_steps=steps,
        per_device_train_batch_size=1,  # of micro-batches
        gradient_accumulation_steps=settings.accumulate // crew.size,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.grad_clip,
        optim="adamw_torch" if settings.policy.optimizer == "adamw" else "adamw_bnb_8bit",
        **{f"{what}_strategy": "steps" for what in ("logging", "eval", "save")},
        **{f"{what}_steps": every for what in ("logging", "eval", "save")},
        save_total_limit=2,
        metric_for_best_model="giou",
        greater_is_better=True,
        bf16=cuda and torch.cuda.is_bf16_supported() and not policy.divided,
        use_cpu=not cuda and policy.device.type == "cpu",
        seed=settings.seed,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
    )


class SftTrainer(Trainer):  # type: ignore[misc] # transformers is not followed
    """Trains a `Policy` on `lessons`.

    Parameters
    ----------
    ask
        Gives the scores of the validation split.
    keep
        Called after each evaluation.
    """

    def __init__(
        self,
        policy: Policy,
        args: TrainingArguments,
        lessons: Lessons,
        ask: Callable[[], dict[str, float]],
        stop: Stop,
        keep: Keep,
    ) -> None:
        super().__init__(
            model=policy.model,
            args=args,
            data_collator=_only,
            train_dataset=lessons,
            eval_dataset=lessons,  # never drawn: `evaluate` asks in its own way
            callbacks=[stop],
        )
        self.remove_callback(PrinterCallback)
        self.model_accepts_loss_kwargs = False  # a micro-batch's loss is its own mean
        self._policy, self._ask, self._keep = policy, ask, keep
        if policy.divided:  # accelerate then leaves it as it is
            policy.model._is_accelerate_prepared = True  # noqa: SLF001 - no other way to say so

    def _get_train_sampler(self, *_: object) -> SequentialSampler:
        return SequentialSampler(self.train_dataset)

    def compute_loss(
        self, model: torch.nn.Module, inputs: Mapping[str, Any], **_: object
    ) -> torch.Tensor:
        """Weighted mean cross-entropy of the tokens of the answers."""
        given = dict(inputs)
        weights: torch.Tensor = given.pop("weights")
        return -(self._policy.logprobs(Batch(**given), model) * weights).sum() / weights.sum()

    def evaluate(self, **_: object) -> dict[str, float]:
        """The gIoU of the validation split, for the Trainer's own bookkeeping."""
        last = self.state.log_history[-1] if self.state.log_history else {}
        loss = float(last.get("loss", math.nan))
        require_numbers(self.state.global_step, loss)
        self.model.eval()
        rate, best = float(last["learning_rate"]), self.state.best_metric
        with self._policy.answering():
            found = self._ask()
            line = {"step": self.state.global_step, "loss": loss, "learning_rate": rate, **found}
            self._keep(line, best=best is None or found["giou"] > best)
        metrics = {"eval_giou": found["giou"]}
        control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.control: TrainerControl = control
        return metrics

    # The Trainer writes weights under the names that the Hub has for them, and looks for them
    # under those that the model has; of divided ones it writes its own part.
    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:  # noqa: FBT001, FBT002 - the Trainer's
        """Write what is trained, whole."""
        kept = gathered(self._policy.parameters(), keep=self.args.should_save)
        if self.args.should_save:
            folder = Path(output_dir or self.args.output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            torch.save(kept, folder / _LEARNT)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: object = None) -> None:  # noqa: ARG002 - the Trainer's
        with torch.no_grad(), room_to_resume():
            kept = _read(resume_from_checkpoint, _LEARNT)
            for value, old in zip(self._policy.parameters(), kept, strict=True):
                value.copy_(part(old, value))

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        state = gathered(self.optimizer.state_dict(), keep=self.args.should_save)
        if self.args.should_save:
            torch.save(state, Path(output_dir) / _MOMENTS)
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / _SCHEDULE)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None:
            return
        mine = [value for group in self.optimizer.param_groups for value in group["params"]]
        with room_to_resume():
            self.optimizer.load_state_dict(parted(_read(checkpoint, _MOMENTS), mine))
            self.lr_scheduler.load_state_dict(_read(checkpoint, _SCHEDULE))


def _read(checkpoint: str, name: str) -> Any:  # noqa: ANN401 - dicts and lists of tensors
    return torch.load(Path(checkpoint) / name, map_location="cpu", weights_only=True)


def _only(batches: Sequence[Tensors]) -> Tensors:
    return batches[0]
