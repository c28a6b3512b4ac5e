"""One session of a fine-tuning: from wherever it was to wherever it gets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from transformers import set_seed

from socioseg.train.memory import FOR_SEGMENTER, room
from socioseg.train.policy.folder import export
from socioseg.train.policy.policy import Policy
from socioseg.train.record import WORK, best_of, close, cut_log, log_line
from socioseg.train.sft.asking import asked
from socioseg.train.sft.draws import Draws
from socioseg.train.sft.trainer import Lessons, SftTrainer, arguments
from socioseg.train.state import require_whole, weights_errors
from socioseg.train.trainer import Stop, ending, last_whole, state_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.methods import Job
    from socioseg.train.policy.sharding import Sharding
    from socioseg.train.record import Record
    from socioseg.train.sft.settings import SftSettings
    from socioseg.train.sft.teacher import Teacher
    from socioseg.train.store import Store

_REMEDY = (
    "lower batch_size and raise accumulate, set policy.checkpointing=true or"
    " policy.optimizer=adamw8bit, or train adapters with policy.lora.rank=16"
)


class Loop:
    """What a session needs.

    Parameters
    ----------
    reasoner
        The model, with a `Teacher` for its chat engine.
    record
        What `train.json` says so far.
    crew
        The processes; the leading one writes.
    sharding
        How the weights are divided among them; None leaves all to each.
    """

    def __init__(
        self,
        job: Job,
        settings: SftSettings,
        reasoner: Reasoner,
        stores: Mapping[str, Store],
        record: Record,
        crew: Crew,
        sharding: Sharding | None = None,
    ) -> None:
        self._job, self._settings, self._reasoner = job, settings, reasoner
        self._stores, self._record, self._crew = stores, record, crew
        self._out, self._work = job.request.out, job.request.out / WORK
        teacher: Teacher = reasoner.chat  # type: ignore[assignment] # made so by the caller
        set_seed(settings.seed)  # of which adapters are drawn
        self._policy = Policy(teacher, teacher.folder, settings.policy, sharding=sharding)
        self._spent, self._began = 0.0, time.monotonic()

    def run(self) -> Record:
        """Train until all steps are done, nothing gets better, or the time is over."""
        set_seed(self._settings.seed)
        trainer = self._trainer()
        last = last_whole(self._work)
        self._crew.wait()  # till what is not whole is deleted
        require_whole(last)
        state = state_in(last)
        log = cut_log(self._out, state.global_step) if self._crew.leads else []
        self._spent, self._began = log[-1]["seconds"] if log else 0.0, time.monotonic()
        limits = (self._record.total_steps, self._settings.patience, trainer.args.eval_steps)
        if not ending(state, *limits):
            self._train(trainer, last)
            state = trainer.state
        self._crew.wait()  # till the log is written
        ended, best = ending(state, *limits), best_of(self._out)
        leads = self._crew.leads
        return close(self._out, self._record, state.global_step, ended, best, leads=leads)

    def _train(self, trainer: SftTrainer, last: Path | None) -> None:
        with weights_errors(self._work), room("A batch, or the step along it,", _REMEDY):
            trainer.train(resume_from_checkpoint=str(last) if last else None)

    def _trainer(self) -> SftTrainer:
        settings, request = self._settings, self._job.request
        steps = self._record.total_steps
        draws = Draws(self._stores["train"], settings.seed, flips=settings.flips)
        lessons = Lessons(
            self._reasoner, self._policy, draws, settings, steps * settings.accumulate
        )
        stop = Stop(settings.patience, request.limit_minutes, request.progress, self._agree)
        args = arguments(settings, self._work, steps, self._policy, self._crew)
        return SftTrainer(self._policy, args, lessons, self._ask, stop, self._keep)

    def _agree(self, over: bool) -> bool:  # noqa: FBT001 - the only one
        return self._crew.most(float(over)) > 0

    def _ask(self) -> dict[str, float]:
        settings, store = self._settings, self._stores["validation"]
        with room("What an evaluation cuts out", FOR_SEGMENTER):
            return asked(
                *(self._reasoner, store, settings.seed, settings.rollout, self._crew),
                self._job.request.progress,
            )

    def _keep(self, line: dict[str, float], *, best: bool) -> None:
        """Log an evaluation; write the weights if they are the best so far."""
        if not self._crew.leads:
            return
        seconds = self._spent + time.monotonic() - self._began
        log_line(self._out, {**line, "seconds": round(seconds, 2)})
        if best:
            export(self._out, self._work, self._policy, self._job.recipe, int(line["step"]))
