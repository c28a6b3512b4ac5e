"""A training that stops learning is noticed: one warning for each reason, with its likely cause."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

PATIENCE = 5
"""Steps in a row before a sign counts."""
MOST = 0.9
SHORT = 0.2
FAR = 1.0
"""Divergence of a token, in nats, at which little of the first model is left."""

CAUSES = {
    "equal": "nearly every group has rewards that are all equal, so that nothing is learnt: raise"
    " temperature or group, or begin with weights that are sometimes right (method sft)",
    "invalid": "nearly no answer can be read: begin with weights that know the form of the answer"
    " (method sft), look at the samples, or raise max_tokens",
    "short": "replies have become far shorter than they were: the model has found that little"
    " text earns as much; lower learning_rate or raise kl",
    "cut": "nearly every reply meets the budget of tokens before its end: raise max_tokens, or"
    " begin with weights that end their answers",
    "far": "the model has moved far from the one it was: lower learning_rate or raise kl",
}


class Alarms:
    """Looks at the line of each step; a cause is told once a session."""

    def __init__(self) -> None:
        self._lengths: dict[int, float] = {}
        self._seen: dict[tuple[str, int], int] = {}
        self._told: set[str] = set()

    def look(self, step: int, line: Mapping[str, float]) -> list[str]:
        """The names of the alarms that go off at this step, each logged as a warning."""
        rung = []
        for stage in (1, 2):
            for name, present in self._signs(line, stage).items():
                sign = name, stage
                self._seen[sign] = self._seen.get(sign, 0) + 1 if present else 0
                if self._seen[sign] >= PATIENCE and name not in self._told:
                    log.warning("Step %d, stage %d: %s.", step, stage, CAUSES[name])
                    self._told.add(name)
                    rung.append(name)
        return rung

    def _signs(self, line: Mapping[str, float], stage: int) -> dict[str, bool]:
        """Which signs are there; none in a stage that nobody came to."""

        def value(name: str) -> float:
            return line.get(f"{name}_stage{stage}", 0.0)

        length = line.get(f"tokens_stage{stage}", math.inf)
        first = self._lengths.setdefault(stage, length) if length < math.inf else 0.0
        return {
            "far": not value("kl") < FAR,  # of which others may come, so it is told first
            "equal": value("equal") > MOST,
            "invalid": value("invalid") > MOST,
            "short": length < SHORT * first,
            "cut": value("cut") > MOST,
        }
