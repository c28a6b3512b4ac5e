"""What an update computes at a time: its completions as micro-batches that fit into the memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from socioseg.models.chat.alike import shown
from socioseg.train.memory import FOR_PASSES, room
from socioseg.train.policy.packing import micro_batches, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from socioseg.train.grpo.crew import Crew
    from socioseg.train.grpo.rollout import Turn
    from socioseg.train.grpo.sampler import Written
    from socioseg.train.policy.batch import Batch
    from socioseg.train.policy.policy import Policy


class Pack(NamedTuple):
    """A micro-batch: which completions, and their tensors.

    One of no completion is there for its passes alone, which other processes wait for.
    """

    indices: list[int]
    batch: Batch

    def room(self) -> AbstractContextManager[None]:
        """For its passes: if they do not fit into the memory, one sentence says what to lower."""
        count, length = self.batch.inputs["input_ids"].shape
        return room(f"A micro-batch of {count} sequences of {length} tokens", FOR_PASSES)


class Packs:
    """Makes the micro-batches of a policy."""

    def __init__(self, policy: Policy, crew: Crew) -> None:
        self._policy, self._crew = policy, crew

    def of(self, turns: Sequence[Turn], chunk: Sequence[int]) -> Iterator[Pack]:
        """Those of the completions `chunk` of `turns`, on the policy's device.

        Where weights are divided, there are as many as other processes have.
        """
        written = [turns[index].written for index in chunk]
        packed = self._packed(written)
        more: list[Written] = []
        if self._policy.divided:
            missing = int(self._crew.most(len(packed))) - len(packed)
            more = self._any(turns) * missing
        for places in packed:
            batch = self._batch([written[place] for place in places])
            yield Pack([chunk[place] for place in places], batch)
        for one in more:
            yield Pack([], self._batch([one]))

    def _packed(self, written: Sequence[Written]) -> list[list[int]]:
        """Which of `written` each micro-batch holds: those to one prompt in a row, if they may."""
        most, shares = self._policy.settings.tokens, self._policy.shares
        before, after = [each.length for each in written], [len(each.tokens) for each in written]
        alike = [shown(one.prompt) if shares else place for place, one in enumerate(written)]
        rows = rows_of(alike, before, after, most)
        lengths = [(before[row[0]], sum(after[place] for place in row)) for row in rows]
        batches = micro_batches(lengths, most)
        return [[place for row in batch for place in rows[row]] for batch in batches]

    def _batch(self, written: Sequence[Written]) -> Batch:
        prompts, replies = [one.prompt for one in written], [one.tokens for one in written]
        return self._policy.encode(prompts, replies, share=True).to(self._policy.device)

    def _any(self, turns: Sequence[Turn]) -> list[Written]:
        """One completion, that of another process where there is none here, if any has one."""
        own = [turn.written for turn in turns[:1]]
        if self._crew.most(float(not own)):
            bare = [one._replace(prompt=replace(one.prompt, about=None)) for one in own]
            own = self._crew.gather(bare)
        return own[:1]
