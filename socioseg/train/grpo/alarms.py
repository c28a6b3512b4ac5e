"""A training that stops learning is noticed: one warning for each reason, with its likely cause."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

log = logging.getLogger(__name__)

PATIENCE = 5
"""Steps in a row before a sign counts."""
MOST = 0.9
SHORT = 0.2
FAR = 1.0
"""Divergence of a token, in nats, at which little of the first model is left."""

CAUSES = {
    "stuck": "the gradient is infinite or no number, so that no step is taken: lower"
    " learning_rate, or begin with other weights",
    "far": "the model has moved far from the one it was, for its steps are too large: lower"
    " learning_rate or raise kl",
    "short": "replies have become far shorter than they were: the model has found that little"
    " text earns as much; lower learning_rate or raise kl",
    "cut": "nearly every reply meets the budget of tokens before its end: raise max_tokens, or"
    " begin with weights that end their answers",
    "invalid": "nearly no answer can be read: begin with weights that know the form of the answer"
    " (method sft), or look at the samples",
    "equal": "nearly every group has rewards that are all equal, so that nothing is learnt: if"
    " they are low, begin with weights that are sometimes right (method sft); if they are high,"
    " take samples that are harder; if the replies are all alike, raise temperature or group",
}
"""What each alarm says. One may bring about those behind it, so they are told in this order."""


class Alarms:
    """Looks at the line of each step; a cause is told once a training."""

    def __init__(self) -> None:
        self._lengths: dict[int, float] = {}
        self._seen: dict[tuple[str, int], int] = {}
        self._told: set[str] = set()

    def recall(self, lines: Iterable[Mapping[str, float]]) -> None:
        """Take up a training that goes on, of which these were the lines; nothing is told."""
        for line in lines:
            self._due(line)

    def look(self, step: int, line: Mapping[str, float]) -> list[str]:
        """The names of the alarms that go off at this step, each logged as a warning."""
        due = self._due(line)
        for name, stage in due.items():
            log.warning("Step %d, stage %d: %s.", step, stage, CAUSES[name])
        return list(due)

    def _due(self, line: Mapping[str, float]) -> dict[str, int]:
        """The alarms that go off now, with the stage that each is about."""
        due: dict[str, int] = {}
        for stage in (1, 2):
            for name, present in self._signs(line, stage).items():
                sign = name, stage
                self._seen[sign] = self._seen.get(sign, 0) + 1 if present else 0
                if self._seen[sign] >= PATIENCE and name not in self._told:
                    self._told.add(name)
                    due[name] = stage
        return due

    def _signs(self, line: Mapping[str, float], stage: int) -> dict[str, bool]:
        """Which signs are there, in the order of `CAUSES`; none in a stage that nobody came to."""

        def value(name: str) -> float:
            return line.get(f"{name}_stage{stage}", 0.0)

        length = line.get(f"tokens_stage{stage}", math.inf)
        first = self._lengths.setdefault(stage, length) if length < math.inf else 0.0
        return {
            "stuck": not math.isfinite(value("gradient")),
            "far": not value("kl") < FAR,
            "short": length < SHORT * first,
            "cut": value("cut") > MOST,
            "invalid": value("invalid") > MOST,
            "equal": value("equal") > MOST,
        }
