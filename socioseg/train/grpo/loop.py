"""One session of a GRPO training: from wherever it was to wherever it gets."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from socioseg.models.reason.found import total
from socioseg.train.finite import require_numbers
from socioseg.train.grpo.alarms import Alarms
from socioseg.train.grpo.log import Log
from socioseg.train.grpo.measures import measures
from socioseg.train.grpo.rollout import Groups, Rollout
from socioseg.train.grpo.update import Update
from socioseg.train.grpo.validate import Validation
from socioseg.train.memory import FOR_WEIGHTS, room, room_to_resume
from socioseg.train.policy.folder import export
from socioseg.train.record import WORK, close, cut_log
from socioseg.train.state import read_state, write_state
from socioseg.train.store import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.reason.reasoner import Course, Reasoner
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.grpo.judge import Judge
    from socioseg.train.grpo.settings import GrpoSettings
    from socioseg.train.methods import Job
    from socioseg.train.policy.optimizer import Optimizer
    from socioseg.train.policy.policy import Policy
    from socioseg.train.record import Ending, Record
    from socioseg.train.store import Store

STATE = "state.pt"


class Parts(NamedTuple):
    """What learns, from what, and who says how well."""

    reasoner: Reasoner
    judge: Judge
    policy: Policy
    optimizer: Optimizer
    train: Store
    validation: Store


class Loop:
    """What a session needs; every process has one, and the leading one writes."""

    def __init__(
        self, job: Job, settings: GrpoSettings, parts: Parts, crew: Crew, record: Record
    ) -> None:
        self._job, self._settings, self._parts = job, settings, parts
        self._crew, self._record = crew, record
        self._out, self._work = job.request.out, job.request.out / WORK
        self._rollout = Rollout(parts.reasoner, parts.judge, settings)
        self._update = Update(parts.policy, parts.optimizer, settings, crew)
        self._validation = Validation(parts.reasoner, parts.judge, crew, job.request.progress)
        self._alarms = Alarms()
        self._best: dict[str, float] = {}
        self._spent, self._began = 0.0, time.monotonic()

    def run(self) -> Record:
        """Train until all steps are done or the time is over."""
        done = self._resume()
        log = self._open_log(done)
        minutes = self._job.request.limit_minutes
        deadline = self._began + 60 * (math.inf if minutes is None else minutes)
        if done < 0:  # what there is before the first step is evaluated too
            done = 0
            self._tell(log, 0, {})
        while done < self._settings.steps:
            done += 1
            self._tell(log, done, self._step(done))
            over = self._crew.most(float(time.monotonic() > deadline)) > 0
            if done % self._settings.checkpoint == 0 or done == self._settings.steps or over:
                self._save(done)
            if self._crew.leads:
                self._job.request.progress("steps", done, self._settings.steps)
            if over:
                break
        if log:
            log.close()
        ended: Ending = "all steps" if done >= self._settings.steps else ""
        leads = self._crew.leads
        record = close(self._out, self._record, done, ended, self._best, leads=leads)
        self._crew.wait()
        return record

    def _step(self, step: int) -> dict[str, float]:
        """Sample, judge and learn, in both stages; gives what there is to log."""
        settings, began = self._settings, time.perf_counter()
        seed = settings.seed * 1_000_003 + step
        torch.manual_seed(seed)
        keys = drawn(self._parts.train.index(), settings.seed, step, settings.queries)
        queries = self._parts.train.queries(self._crew.share(keys), seed)
        line: dict[str, float] = {"learning_rate": settings.rate(step)}
        with self._parts.policy.answering():
            stages: list[tuple[int, Groups]] = [(1, self._rollout.first(queries))]
        if settings.order == "apart":
            line = total([line, self._learn(step, stages)])
        if self._parts.judge.stages == 2:
            with self._parts.policy.answering():
                stages.append((2, self._rollout.second(stages[0][1])))
            if settings.order == "apart":
                line = total([line, self._learn(step, stages[1:])])
        if settings.order == "together":
            line = total([line, self._learn(step, stages)])
        for stage, groups in stages:
            line |= measures(groups, stage, self._crew)
            for name, value in groups.seconds.items():
                line[f"seconds/{name}"] = line.get(f"seconds/{name}", 0.0) + value
        line["seconds/step"] = time.perf_counter() - began
        if self._crew.leads:
            self._alarms.look(step, line)
        return line

    def _learn(self, step: int, stages: Sequence[tuple[int, Groups]]) -> dict[str, float]:
        """Update on each of `stages`, all of which were sampled before the first update."""
        began = time.perf_counter()
        line: dict[str, float] = {}
        rate = self._settings.rate(step)
        turns = [groups.flat() for _, groups in stages]
        old = [self._update.before(some) for some in turns]
        for (stage, _), some, before in zip(stages, turns, old, strict=True):
            with room("A step of the optimiser", FOR_WEIGHTS):
                tally = self._update.run(some, before, rate, seed=step * 2 + stage)
            found = tally.means(self._crew)
            require_numbers(step, found["loss"])
            line |= {f"{name}_stage{stage}": value for name, value in found.items()}
        line["seconds/update"] = time.perf_counter() - began
        return line

    def _tell(self, log: Log | None, step: int, line: dict[str, float]) -> None:
        """Evaluate where it is time, keep the best weights, and write the log."""
        pictures: list[Course] = []
        if step % self._settings.every == 0 or step == self._settings.steps:
            with self._parts.policy.answering():
                found, pictures = self._evaluate()
                if found["giou"] > self._best.get("giou", -1.0):
                    self._best = {"step": float(step), **found}
                    self._export(step)
            line = line | found
        line["seconds"] = round(self._spent + time.monotonic() - self._began, 2)
        if log:
            log.step(step, line, pictures)

    def _evaluate(self) -> tuple[dict[str, float], list[Course]]:
        store = self._parts.validation
        queries = store.queries(self._crew.share(store.index()), self._settings.seed)
        return self._validation.run(queries, self._settings.pictures if self._crew.leads else 0)

    def _export(self, step: int) -> None:
        if self._crew.leads:
            export(self._out, self._work, self._parts.policy, self._job.recipe, step)

    def _open_log(self, done: int) -> Log | None:
        if not self._crew.leads:
            return None
        lines = cut_log(self._out, done)
        self._alarms.recall(lines)
        self._spent = lines[-1]["seconds"] if lines else 0.0
        return Log(self._out, self._record.key, done)

    def _resume(self) -> int:
        """Take up the last checkpoint: the step that it is of; -1 where there is none."""
        path = self._work / STATE
        self._crew.wait()
        if not path.is_file():
            return -1
        with room_to_resume():
            state = read_state(path)
            self._parts.optimizer.restore(state)
        self._best = state["best"]
        step: int = state["step"]
        return step

    def _save(self, step: int) -> None:
        """A checkpoint. What is drawn depends on seed and step, so no generator is part of it."""
        state: dict[str, Any] = self._parts.optimizer.state(keep=self._crew.leads)
        if not self._crew.leads:
            return
        write_state(self._work / STATE, state | {"step": step, "best": self._best})
