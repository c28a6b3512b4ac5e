"""What the log says of a stage's completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.models.chat.engine import CUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.reason.found import Found
    from socioseg.train.grpo.crew import Crew
    from socioseg.train.grpo.rollout import Groups, Turn

Sums = dict[str, float]


def measures(groups: Groups, stage: int, crew: Crew) -> dict[str, float]:
    """Means over all processes, each name with `_stage1` or `_stage2` behind it.

    `reward`, `format`, `accuracy`, `length` and every part of the reward; `best`, of each group's
    best; `tokens` of a reply; the shares `invalid` (no answer could be read), `cut` (no end within
    the budget; not those of no token at all) and, of groups, `equal` (all rewards are equal).
    """
    rows = crew.gather([_row(turn) for turn in groups.flat()])
    best = crew.gather([max(_totals(group)) for group in groups.turns])
    equal = crew.gather([float(len(set(_totals(group))) == 1) for group in groups.turns])
    found = {name: _mean([row[name] for row in rows if name in row]) for name in _names(rows)}
    if best:
        found |= {"best": _mean(best), "equal": _mean(equal)}
    return {f"{name}_stage{stage}": value for name, value in found.items()}


def _row(turn: Turn) -> Sums:
    reward, found = turn.reward, turn.found
    return {
        "reward": reward.total,
        "format": reward.format,
        "accuracy": reward.accuracy,
        "length": reward.length,
        **{f"part/{name}": value for name, value in reward.parts.items()},
        "tokens": float(len(turn.written.tokens)),
        "invalid": float(not found.ok),
        "cut": float(bool(turn.written.tokens) and _is_cut(found)),
    }


def _is_cut(found: Found) -> bool:
    return found.status == CUT or "no end within" in found.detail


def _totals(group: Sequence[Turn]) -> list[float]:
    return [turn.reward.total for turn in group]


def _names(rows: Sequence[Sums]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
