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
        self._length = math.nan
        self._seen: dict[str, int] = {}
        self._told: set[str] = set()

    def look(self, step: int, line: Mapping[str, float]) -> list[str]:
        """The names of the alarms that go off at this step, each logged as a warning."""
        length = line.get("tokens_stage1", math.nan)
        if math.isnan(self._length):
            self._length = length
        kl = [line[name] for name in ("kl_stage1", "kl_stage2") if name in line]
        signs = {
            "equal": line.get("equal_stage1", 0.0) > MOST,
            "invalid": line.get("invalid_stage1", 0.0) > MOST,
            "short": length < SHORT * self._length,
            "cut": line.get("cut_stage1", 0.0) > MOST,
            "far": any(not value < FAR for value in kl),
        }
        rung = []
        for name, present in signs.items():
            self._seen[name] = self._seen.get(name, 0) + 1 if present else 0
            if self._seen[name] >= PATIENCE and name not in self._told:
                log.warning("Step %d: %s.", step, CAUSES[name])
                self._told.add(name)
                rung.append(name)
        return rung
