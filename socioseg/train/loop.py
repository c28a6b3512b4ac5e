"""One session of a supervised training: from wherever it was to wherever it gets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from transformers import set_seed

from socioseg.models.supervised.folder import save
from socioseg.models.supervised.network import Network, architecture
from socioseg.models.supervised.spec import Spec
from socioseg.train.data import Draws, shown, stock, words_of
from socioseg.train.memory import room
from socioseg.train.record import WORK, best_of, close, cut_log, log_line
from socioseg.train.state import require_whole, weights_errors
from socioseg.train.trainer import MaskTrainer, Stop, arguments, ending, last_whole, state_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import torch

    from socioseg.bench.samples import Key, Samples
    from socioseg.train.methods import Job
    from socioseg.train.record import Record
    from socioseg.train.settings import SupervisedSettings


class Part(NamedTuple):
    """A split, and which of its samples are used."""

    samples: Samples
    keys: list[Key]


class Loop:
    """What a session needs.

    Parameters
    ----------
    parts
        The splits "train" and "validation".
    record
        What `train.json` says so far.
    """

    def __init__(
        self,
        job: Job,
        settings: SupervisedSettings,
        parts: Mapping[str, Part],
        device: torch.device,
        record: Record,
    ) -> None:
        self._request, self._settings, self._parts = job.request, settings, parts
        self._device, self._record = device, record
        self._out, self._work = job.request.out, job.request.out / WORK
        self._title = f"{job.recipe.title or job.name}; trained on {job.request.dataset}"
        self._spent, self._began = 0.0, time.monotonic()

    def run(self) -> Record:
        """Train until all steps are done, nothing gets better, or the time is over."""
        set_seed(self._settings.seed)
        spec = self._new_spec()
        self._network = Network(spec, pretrained=True)
        self._spec = architecture(self._network, spec)
        trainer = self._trainer()
        last = last_whole(self._work)
        require_whole(last)
        state = state_in(last)
        log = cut_log(self._out, state.global_step)
        self._spent, self._began = log[-1]["seconds"] if log else 0.0, time.monotonic()
        limits = (self._record.total_steps, self._settings.patience, trainer.args.eval_steps)
        if not ending(state, *limits):
            self._train(trainer, last)
            state = trainer.state
        ended, best = ending(state, *limits), best_of(self._out)
        return close(self._out, self._record, state.global_step, ended, best)

    def _train(self, trainer: MaskTrainer, last: Path | None) -> None:
        with weights_errors(self._work), room("A batch", "lower batch_size or size"):
            trainer.train(resume_from_checkpoint=str(last) if last else None)

    def _new_spec(self) -> Spec:
        settings = self._settings
        return Spec(
            network=settings.network,
            setting=settings.setting,
            inputs=settings.inputs,
            size=settings.size,
            words=() if settings.setting == "binary" else words_of(*self._parts["train"]),
        )

    def _trainer(self) -> MaskTrainer:
        settings, steps = self._settings, self._record.total_steps
        train, validation = self._parts["train"], self._parts["validation"]
        store = stock(*train, self._spec, self._work / "train.npy", self._tick("train"))
        samples = shown(*validation, self._spec, self._tick("validation"))
        draws = Draws(store, settings.augment, settings.seed, steps * settings.batch_size)
        stop = Stop(settings.patience, self._request.limit_minutes, self._request.progress)
        args = arguments(settings, self._work, steps, self._device)
        return MaskTrainer(self._network, args, draws, samples, stop, self._keep)

    def _tick(self, split: str) -> Callable[[int], None]:
        total = len(self._parts[split].keys)
        return lambda done: self._request.progress(split, done, total)

    def _keep(self, line: dict[str, float], *, best: bool) -> None:
        """Log an evaluation; write the weights if they are the best so far."""
        seconds = self._spent + time.monotonic() - self._began
        log_line(self._out, {**line, "seconds": round(seconds, 2)})
        if best:
            spec = self._spec.model_copy(update={"threshold": line["threshold"]})
            save(self._out, self._network, spec, self._title)
