"""transformers' Trainer on lessons: the loss is on the answers alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import PrinterCallback, Trainer, TrainerControl, TrainingArguments

from socioseg.errors import UsageError
from socioseg.train.memory import FOR_SEGMENTER, room
from socioseg.train.policy.batch import Batch
from socioseg.train.sft.teacher import lessons_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.train.policy.policy import Policy
    from socioseg.train.sft.draws import Draws
    from socioseg.train.sft.settings import SftSettings
    from socioseg.train.trainer import Keep, Stop

Tensors = dict[str, Any]
_LEARNT = "learnt.pt"


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
    settings: SftSettings, work: Path, steps: int, device: torch.device
) -> TrainingArguments:
    """The Trainer's arguments; adapters and weights of 32 bits are trained in mixed precision."""
    cuda = device.type == "cuda"
    every = max(1, math.ceil(steps / settings.evaluations))
    return TrainingArguments(
        output_dir=str(work),
        max_steps=steps,
        per_device_train_batch_size=1,  # of micro-batches
        gradient_accumulation_steps=settings.accumulate,
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
        bf16=cuda and torch.cuda.is_bf16_supported(),
        use_cpu=device.type == "cpu",
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
        if math.isnan(loss):
            raise UsageError(
                f"The loss is no number at step {self.state.global_step}: lower learning_rate."
            )
        self.model.eval()
        found = self._ask()
        rate = float(last["learning_rate"])
        line = {"step": self.state.global_step, "loss": loss, "learning_rate": rate, **found}
        best = self.state.best_metric
        self._keep(line, best=best is None or found["giou"] > best)
        metrics = {"eval_giou": found["giou"]}
        control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.control: TrainerControl = control
        return metrics

    # The Trainer writes weights under the names that the Hub has for them, and looks for them
    # under those that the model has.
    def _save(self, output_dir: str | None = None, state_dict: object = None) -> None:  # noqa: ARG002 - the Trainer's
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        torch.save([value.detach() for value in self._policy.parameters()], folder / _LEARNT)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: object = None) -> None:  # noqa: ARG002 - the Trainer's
        path, device = Path(resume_from_checkpoint) / _LEARNT, self._policy.device
        kept = torch.load(path, map_location=device, weights_only=True)
        with torch.no_grad():
            for value, old in zip(self._policy.parameters(), kept, strict=True):
                value.copy_(old)


def _only(batches: Sequence[Tensors]) -> Tensors:
    return batches[0]
