"""The loop of a warm start: a dense answer for every patch of every image."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import torch

from socioseg.train.finite import require_numbers
from socioseg.train.policy.folder import export
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import PolicySettings
from socioseg.train.record import WORK, close, cut_log, log_line, read_log
from socioseg.train.sft.draws import Draws
from socioseg.train.sft.settings import LessonSettings
from socioseg.train.sft.teacher import lessons_of
from socioseg.train.state import read_state, write_state
from socioseg.train.tinypolicy.dense import (
    DenseHead,
    dense_loss,
    dense_scores,
    layers,
    patches_of,
    share_loss,
    tower_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.sample import Query
    from socioseg.train.methods import Job
    from socioseg.train.record import Ending, Record
    from socioseg.train.sft.teacher import Teacher
    from socioseg.train.store import Store
    from socioseg.train.tinypolicy.dense import Dense, Patches
    from socioseg.train.tinypolicy.settings import TinySettings

_STATE = "state.pt"
_CLIP = 1.0


def words_of(store: Store) -> dict[str, int]:
    """The queries of `store`, numbered."""
    found = {row["problem"] for row in store.rows(store.index(), ("problem",))}
    return {text: number for number, text in enumerate(sorted(found))}


class WarmLoop:
    """One session of a warm start: from wherever it was to wherever it gets.

    Parameters
    ----------
    reasoner
        The policy, of random weights, with a `Teacher` for its chat engine.
    """

    def __init__(
        self,
        job: Job,
        settings: TinySettings,
        reasoner: Reasoner,
        stores: Mapping[str, Store],
        record: Record,
    ) -> None:
        self._job, self._settings, self._reasoner = job, settings, reasoner
        self._record, self._out = record, job.request.out
        self._work = self._out / WORK
        self._draws = Draws(stores["train"], settings.seed, flips=settings.flips)
        self._shown = stores["validation"]
        self._words = words_of(stores["train"])
        self._chat: Teacher = reasoner.chat  # type: ignore[assignment] # made so by the caller
        plain = PolicySettings(checkpointing=False)
        self._policy = Policy(self._chat, self._chat.folder, plain)
        frame = reasoner.family.answers_in((settings.shape.side,) * 2)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            greatest = max(frame.width, frame.height)
            head = DenseHead(settings.shape.width, len(self._words), greatest)
        self._head = head.to(self._policy.device)
        learnt = [*self._policy.parameters(), *self._head.parameters()]
        self._optimizer = Optimizer(learnt, settings.learning_rate, settings.weight_decay)
        self._spent, self._began = 0.0, time.monotonic()

    def run(self) -> Record:
        """Train until all steps are done or the time is over."""
        done, total = self._resume(), self._settings.total_steps
        log = cut_log(self._out, done)
        self._spent = log[-1]["seconds"] if log else 0.0
        minutes = self._job.request.limit_minutes
        deadline = self._began + 60 * (math.inf if minutes is None else minutes)
        losses: list[float] = []
        while done < total:
            done += 1
            losses.append(self._step(done))
            self._job.request.progress("steps", done, total)
            over = time.monotonic() > deadline
            if done % self._settings.checkpoint == 0 or done == total or over:
                self._keep(done, sum(losses) / len(losses))
                losses = []
            if over:
                break
        if not total:
            export(self._out, self._work, self._policy, self._job.recipe, 0)
        log, total = read_log(self._out), self._settings.total_steps
        ended: Ending = "all steps" if done >= total else ""
        return close(self._out, self._record, done, ended, log[-1] if log else {})

    def _step(self, step: int) -> float:
        queries = self._draws.queries(step, self._settings.batch_size)
        model = self._policy.model
        model.train()
        inputs, asked, truth = self._questions(queries)
        if step <= self._settings.tower_steps:
            loss = share_loss(self._head.see_only(tower_of(model, inputs), asked), truth)
        else:
            loss = dense_loss(self._answer(inputs, asked), truth)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step(self._settings.rate(step), _CLIP)
        model.eval()
        found: float = loss.item()
        require_numbers(step, found)
        return found

    def _questions(self, queries: Sequence[Query]) -> tuple[Any, Tensor, Patches]:
        """Prompts as tensors, the numbers of their queries, and what is true of their patches."""
        device = self._policy.device
        lessons = lessons_of(self._reasoner, queries, LessonSettings(stages=1))
        prompts = [lesson.prompt for lesson in lessons]
        looks = [prompt.about.look for prompt in prompts if prompt.about]
        truth = patches_of(looks, self._settings.shape.grid).to(device)
        asked = torch.tensor([self._words.get(query.text, 0) for query in queries], device=device)
        return self._chat.encode(prompts), asked, truth

    def _answer(self, inputs: Any, asked: Tensor) -> Dense:  # noqa: ANN401 - BatchFeature
        held = layers(self._policy.model, inputs, self._settings.read_from)
        found: Dense = self._head(*held, asked)
        return found

    def _keep(self, step: int, loss: float) -> None:
        """Evaluate, log, and write weights and checkpoint."""
        scores = self._evaluate()
        seconds = round(self._spent + time.monotonic() - self._began, 2)
        log_line(self._out, {"step": step, "loss": loss, **scores, "seconds": seconds})
        export(self._out, self._work, self._policy, self._job.recipe, step)
        write_state(self._work / _STATE, {**self._optimizer.state(), "step": step})

    def _evaluate(self) -> dict[str, float]:
        keys, size = self._shown.index(), self._settings.batch_size
        rows: list[tuple[int, dict[str, float]]] = []
        for start in range(0, len(keys), size):
            queries = self._shown.queries(keys[start : start + size], self._settings.seed)
            with torch.no_grad():
                inputs, asked, truth = self._questions(queries)
                answer = self._answer(inputs, asked)
            rows.append((len(queries), dense_scores(answer, truth)))
        count = sum(weight for weight, _ in rows)
        return {
            name: sum(weight * row[name] for weight, row in rows) / count for name in rows[0][1]
        }

    def _resume(self) -> int:
        path: Path = self._work / _STATE
        if not path.is_file():
            return 0
        state = read_state(path, self._policy.device)
        self._optimizer.restore(state)
        step: int = state["step"]
        return step
