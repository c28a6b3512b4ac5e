"""transformers' Trainer, taught to evaluate masks and to stop."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from socioseg.train.data import collate
from socioseg.train.finite import require_numbers
from socioseg.train.loss import mask_loss
from socioseg.train.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from socioseg.models.supervised.network import Network
    from socioseg.progress import Progress
    from socioseg.train.data import Draws, Shown
    from socioseg.train.record import Ending
    from socioseg.train.settings import SupervisedSettings

_WHOLE = "whole"
"""Empty file in a checkpoint of the Trainer whose writing came to its end."""


def arguments(
    settings: SupervisedSettings, work: Path, steps: int, device: torch.device
) -> TrainingArguments:
    """The Trainer's arguments; mixed precision where the device has it."""
    cuda = device.type == "cuda"
    every = max(1, math.ceil(steps / settings.evaluations))
    brain = cuda and torch.cuda.is_bf16_supported()
    return TrainingArguments(
        output_dir=str(work),
        max_steps=steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        **{f"{what}_strategy": "steps" for what in ("logging", "eval", "save")},
        **{f"{what}_steps": every for what in ("logging", "eval", "save")},
        save_total_limit=2,
        metric_for_best_model="giou",
        greater_is_better=True,
        bf16=brain,
        fp16=cuda and not brain,
        use_cpu=device.type == "cpu",
        seed=settings.seed,
        dataloader_num_workers=settings.workers,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
    )


class Keep(Protocol):
    """What is done with the numbers of an evaluation."""

    def __call__(self, line: dict[str, float], /, *, best: bool) -> None:
        """`best` if it is the best so far."""
        ...


class MaskTrainer(Trainer):  # type: ignore[misc] # transformers is not followed
    """Trains a `Network` on `draws` and evaluates it on `samples`.

    Parameters
    ----------
    keep
        Called after each evaluation.
    """

    def __init__(
        self,
        network: Network,
        args: TrainingArguments,
        draws: Draws,
        samples: Sequence[Shown],
        stop: Stop,
        keep: Keep,
    ) -> None:
        super().__init__(
            model=network,
            args=args,
            data_collator=collate,
            train_dataset=draws,
            eval_dataset=samples,
            callbacks=[stop],
        )
        self.remove_callback(PrinterCallback)
        self._network, self._shown, self._keep = network, samples, keep

    def _get_train_sampler(self, *_: object) -> torch.utils.data.Sampler[int]:
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def compute_loss(
        self, model: torch.nn.Module, inputs: Mapping[str, torch.Tensor], **_: object
    ) -> torch.Tensor:
        """The loss of a batch."""
        logits = model(inputs["pixels"]).float()
        exclusive = self._network.exclusive
        return mask_loss(logits, inputs["masks"], inputs["channels"], exclusive=exclusive)

    def evaluate(self, **_: object) -> dict[str, float]:
        """The gIoU of the validation split, for the Trainer's own bookkeeping."""
        last = self.state.log_history[-1] if self.state.log_history else {}
        loss = float(last.get("loss", math.nan))
        require_numbers(self.state.global_step, loss)
        found = validate(self._network, self._shown)
        best = self.state.best_metric
        line = {
            "step": self.state.global_step,
            "loss": loss,
            "learning_rate": float(last["learning_rate"]),
            "giou": found.giou,
            "threshold": found.threshold,
        }
        self._keep(line, best=best is None or found.giou > best)
        metrics = {"eval_giou": found.giou}
        control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.control: TrainerControl = control
        return metrics


class Stop(TrainerCallback):  # type: ignore[misc] # transformers is not followed
    """Ends a training: after all steps, when it gets no better, or when the time is over.

    Parameters
    ----------
    agree
        Tells whether it is over for any process, of whether it is for this one.
    """

    def __init__(
        self,
        patience: int,
        limit_minutes: float | None,
        progress: Progress,
        agree: Callable[[bool], bool] = bool,
    ) -> None:
        self._patience, self._progress, self._agree = patience, progress, agree
        limit = math.inf if limit_minutes is None else 60 * limit_minutes
        self._deadline = time.monotonic() + limit

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: object) -> None:  # noqa: ANN401 - the Trainer's
        """Evaluate and save at the last step, whichever it is."""
        if state.is_world_process_zero:
            self._progress("steps", state.global_step, state.max_steps)
        over = self._agree(time.monotonic() > self._deadline)
        if over or state.global_step >= state.max_steps:
            control.should_log = control.should_evaluate = control.should_save = True
            control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **_: object) -> None:  # noqa: ANN401 - the Trainer's
        """Mark what was saved as whole."""
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / _WHOLE).touch()
        if no_better(state, self._patience, args.eval_steps):
            control.should_training_stop = True


def no_better(state: Any, patience: int, every: float) -> bool:  # noqa: ANN401 - the Trainer's
    """Whether the last `patience` evaluations, one each `every` steps, brought nothing."""
    return bool(state.global_step - (state.best_global_step or 0) >= patience * every)


def ending(state: TrainerState, total: int, patience: int, every: float) -> Ending:
    """How a training of `total` steps has ended at `state`; see `no_better`."""
    if state.global_step >= total:
        return "all steps"
    return "early stop" if no_better(state, patience, every) else ""


def state_in(checkpoint: Path | None) -> TrainerState:
    """Where a checkpoint of the Trainer stands; the beginning where there is none."""
    if checkpoint is None:
        return TrainerState()
    return TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))


def last_whole(work: Path) -> Path | None:
    """The last checkpoint of the Trainer that was written to its end; the others are deleted."""
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    whole = [path for path in found if (path / _WHOLE).exists()]
    for path in found:
        if path not in whole:  # another process may be at it too
            shutil.rmtree(path, ignore_errors=True)
    return whole[-1] if whole else None
