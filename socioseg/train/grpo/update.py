"""One stage's update: the gradient of the clipped loss over its completions, and steps along it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from socioseg.train.grpo.packs import Packs
from socioseg.train.grpo.terms import divergence, of_sequences, surrogate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from socioseg.train.grpo.crew import Crew
    from socioseg.train.grpo.packs import Pack
    from socioseg.train.grpo.rollout import Turn
    from socioseg.train.grpo.settings import GrpoSettings
    from socioseg.train.policy.batch import Batch
    from socioseg.train.policy.optimizer import Optimizer
    from socioseg.train.policy.policy import Policy

Old = list["Tensor"]
"""For each completion the log-probabilities of its tokens at the time of the rollout."""


@dataclass
class Tally:
    """Sums over what an update saw; `means` turns them into what the log holds."""

    sums: dict[str, float] = field(default_factory=dict)
    norms: list[float] = field(default_factory=list)

    def add(self, **values: float) -> None:
        """Add to the sums."""
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def means(self, crew: Crew) -> dict[str, float]:
        """Over all processes: per token of `kl`, `clip` and `difference`, per sequence `loss`."""
        names = ("tokens", "sequences", "loss", "kl", "clip", "difference")
        sums = crew.totals({name: self.sums.get(name, 0.0) for name in names})
        tokens, sequences = max(1.0, sums["tokens"]), max(1.0, sums["sequences"])
        found = {name: sums[name] / tokens for name in ("kl", "clip", "difference")}
        found["loss"] = sums["loss"] / sequences
        if self.norms:
            found["gradient"] = sum(self.norms) / len(self.norms)
        return found


class Update:
    """Trains a policy on completions."""

    def __init__(
        self, policy: Policy, optimizer: Optimizer, settings: GrpoSettings, crew: Crew
    ) -> None:
        self._policy, self._optimizer = policy, optimizer
        self._settings, self._crew = settings, crew
        self._packs = Packs(policy, crew)

    def before(self, turns: Sequence[Turn]) -> Old | None:
        """The log-probabilities now, where steps will be taken before all of `turns` are seen.

        Where all are seen in one step that comes next, they are those of that step itself.
        """
        later = self._settings.order == "together" or self._settings.sequences
        if not later:
            return None
        old: Old = [torch.empty(0)] * len(turns)
        with torch.no_grad():
            for pack in self._packs.of(turns, range(len(turns))):
                with pack.room():
                    rows = self._policy.logprobs(pack.batch)
                for index, row in zip(pack.indices, rows, strict=False):  # some are of no index
                    old[index] = row[: len(turns[index].written.tokens)]
        return old

    def run(self, turns: Sequence[Turn], old: Old | None, rate: float, seed: int) -> Tally:
        """Take the steps of one stage.

        Parameters
        ----------
        turns
            The completions of this process.
        old
            What `before` gave.
        rate
            Learning rate.
        seed
            Of the order in which completions are seen.

        Raises
        ------
        UsageError
            If a micro-batch does not fit into the GPU's memory.
        """
        tally = Tally()
        for chunk in self._chunks(len(turns), seed):
            total = self._crew.totals({"n": float(len(chunk))})["n"]
            with self._policy.training():
                for pack in self._packs.of(turns, chunk):
                    with pack.room():
                        if pack.indices:
                            self._backward(turns, pack, old, total, tally)
                        else:
                            self._idle(pack.batch)
            found = self._optimizer.gradients()
            if not self._policy.divided:  # else each pass has summed them up
                self._crew.sum_up(found)
            tally.norms.append(self._optimizer.step(rate, self._settings.grad_clip))
        return tally

    def _chunks(self, count: int, seed: int) -> Iterator[list[int]]:
        """Which of this process's `count` completions each step sees; of some steps it has none.

        They are drawn among those of all processes, so that one process would take the same steps.
        """
        counts: list[int] = self._crew.gather([count])
        first, total = sum(counts[: self._crew.rank]), sum(counts)
        each, order = total, list(range(total))
        if self._settings.sequences:
            each = self._settings.sequences
            order = np.random.default_rng(seed).permutation(total).tolist()
        for start in range(0, total, max(1, each)):
            mine = (place - first for place in order[start : start + each])
            yield [place for place in mine if 0 <= place < count]

    def _backward(
        self, turns: Sequence[Turn], pack: Pack, old: Old | None, total: float, tally: Tally
    ) -> None:
        settings, mask = self._settings, pack.batch.mask
        new = self._policy.logprobs(pack.batch)
        gains = new.new_tensor([turns[index].advantage for index in pack.indices])
        past = new.detach() if old is None else _padded([old[i] for i in pack.indices], new)
        each, held = surrogate(new, past, gains, settings.clip)
        kl = torch.zeros_like(new)
        if settings.kl:
            kept = self._policy.reference(pack.batch)
            kl = divergence(new, kept, settings.kl_estimator, settings.kl_clamp)
            each = each + settings.kl * kl
        losses = of_sequences(each, mask, settings.loss)
        (losses.sum() / total).backward()  # type: ignore[no-untyped-call]
        written = [turns[index].written.logprobs for index in pack.indices]
        heard = _padded([new.new_tensor(row) for row in written], new)
        known = new.detach() if old is None else past
        tally.add(
            sequences=len(losses),
            tokens=float(mask.sum()),
            loss=float(losses.detach().sum()),
            kl=float(kl.detach()[mask].sum()),
            clip=float(held[mask].sum()),
            difference=float((known - heard).abs()[mask].sum()),
        )

    def _idle(self, batch: Batch) -> None:
        """The passes of `_backward`, for the sake of the other processes: they teach nothing."""
        new = self._policy.logprobs(batch)
        if self._settings.kl:
            self._policy.reference(batch)
        (0.0 * new.sum()).backward()  # type: ignore[no-untyped-call]


def _padded(rows: Sequence[Tensor], like: Tensor) -> Tensor:
    found = torch.zeros_like(like)
    for place, row in enumerate(rows):
        found[place, : len(row)] = row
    return found
