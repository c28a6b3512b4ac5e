"""A rollout: groups of completions to a few queries, what they earn, and what is handed over."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from socioseg.models.reason.second import wants_second
from socioseg.train.grpo.terms import advantages
from socioseg.train.memory import FOR_SEGMENTER, room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socioseg.models.reason.found import Found
    from socioseg.models.reason.reasoner import Reasoner
    from socioseg.sample import Query
    from socioseg.train.grpo.judge import Judge
    from socioseg.train.grpo.sampler import Sampler, Written
    from socioseg.train.grpo.settings import GrpoSettings
    from socioseg.train.rewards import Reward

_LESS = f"{FOR_SEGMENTER}, or queries"


@dataclass(frozen=True, slots=True)
class Turn:
    """One completion: what was written, what it found and earned, and how good that was.

    `advantage` is what it earned compared with the others to the same query.
    """

    written: Written
    found: Found
    reward: Reward
    advantage: float


class Groups(NamedTuple):
    """One stage of a rollout.

    Attributes
    ----------
    turns
        For each query its completions.
    embedded
        For each query its image, as the segmenter wants it.
    seconds
        What the chat engine took, the segmenter, and the reward.
    """

    turns: list[list[Turn]]
    embedded: list[object]
    seconds: dict[str, float]

    def flat(self) -> list[Turn]:
        """All completions."""
        return [turn for group in self.turns for turn in group]


class Rollout:
    """Samples groups of completions with a reasoning model, stage by stage."""

    def __init__(self, reasoner: Reasoner, judge: Judge, settings: GrpoSettings) -> None:
        self._reasoner, self._judge, self._settings = reasoner, judge, settings
        self._chat: Sampler = reasoner.chat  # type: ignore[assignment] # made so by the caller

    def first(self, queries: Sequence[Query]) -> Groups:
        """Groups of the first stage, one for each of `queries`."""
        size = self._settings.group
        looks = self._reasoner.looks(queries, size)
        with room("What the segmenter sees", _LESS):
            embedded = self._reasoner.embed(looks)
        found, written, seconds = self._ask(lambda: self._reasoner.locate(looks, embedded))
        began = time.perf_counter()
        rewards = [self._judge(each) for each in found]
        seconds["reward"] = time.perf_counter() - began
        turns = _turns(written, found, rewards, self._settings)
        return Groups(turns, list(embedded[::size]), seconds)

    def second(self, first: Groups) -> Groups:
        """Groups of the second stage, of those queries that get a second look."""
        handed = [
            (firsts, known)
            for group, known in zip(first.turns, first.embedded, strict=True)
            if (firsts := self._handed_over(group))
        ]
        firsts = [found for some, _ in handed for found in some]
        embedded = [known for some, known in handed for _ in some]
        found, written, seconds = self._ask(lambda: self._reasoner.refine(firsts, embedded))
        began = time.perf_counter()
        rewards = [self._judge(*pair) for pair in zip(found, firsts, strict=True)]
        seconds["reward"] = time.perf_counter() - began
        turns = _turns(written, found, rewards, self._settings)
        return Groups(turns, [known for _, known in handed], seconds)

    def _ask(
        self, ask: Callable[[], list[Found]]
    ) -> tuple[list[Found], list[Written], dict[str, float]]:
        # the chat engine lowers its batches by itself, so that a lack is the segmenter's
        with self._chat.keeping() as written, room("What the segmenter cuts out", _LESS):
            began = time.perf_counter()
            found = ask()
            spent = time.perf_counter() - began
        chat = sum(
            value for each in found for name, value in each.seconds.items() if "chat" in name
        )
        return found, written, {"rollout": chat, "segment": max(0.0, spent - chat)}

    def _handed_over(self, group: Sequence[Turn]) -> list[Found]:
        """What each completion of the second stage looks at; none where there is no second look."""
        how, size = self._settings.hand_over, len(group)
        if how == "own":
            firsts = [turn.found for turn in group]
        else:
            totals = [turn.reward.total for turn in group]
            look = group[0].found.look
            place = _best(totals) if how == "best" else _drawn(totals, look.seed(0))
            chosen = group[place].found
            looks = [replace(chosen.look, draw=draw) for draw in range(size)]
            firsts = [replace(chosen, look=look) for look in looks]
        settings = self._reasoner.settings
        return firsts if any(wants_second(first, settings) for first in firsts) else []


def _best(totals: Sequence[float]) -> int:
    return int(np.argmax(totals))


def _drawn(totals: Sequence[float], seed: int) -> int:
    weights = np.exp(np.array(totals) - max(totals))
    return int(np.random.default_rng(seed).choice(len(totals), p=weights / weights.sum()))


def _turns(
    written: Sequence[Written],
    found: Sequence[Found],
    rewards: Sequence[Reward],
    settings: GrpoSettings,
) -> list[list[Turn]]:
    size = settings.group
    totals = torch.tensor([reward.total for reward in rewards], dtype=torch.float64)
    gains = advantages(
        totals.reshape(len(totals) // size, size),
        reward_clip=settings.reward_clip,
        std=settings.divide_by_std,
        clip=settings.advantage_clip,
    )
    turns = [
        Turn(*row) for row in zip(written, found, rewards, gains.flatten().tolist(), strict=True)
    ]
    return [turns[start : start + size] for start in range(0, len(turns), size)]
