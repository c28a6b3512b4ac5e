"""Draw the curves of a ladder: `python benchmarks/learning/curves.py out/ladder curves.png`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

from socioseg.train.record import read_log

mpl.use("agg")
from matplotlib import pyplot as plt

PANELS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("warm", "IoU of patches on validation", ("tower_iou", "patch_iou")),
    ("first", "gIoU on validation: first stage alone", ("giou",)),
    ("sft", "gIoU on validation: both stages", ("giou_stage1", "giou")),
    ("grpo", "mean reward of a rollout (at most 3)", ("reward_stage1", "reward_stage2")),
    ("grpo", "gIoU on validation: GRPO", ("giou_stage1", "giou")),
)
SMOOTH = 10
"""Rollouts that are averaged for a point of a curve."""


def main() -> None:
    """Draw every panel of which there is a log."""
    ladder, out = Path(sys.argv[1]), Path(sys.argv[2])
    panels = [panel for panel in PANELS if read_log(ladder / panel[0])]
    figure, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 3.2), squeeze=False)
    for axis, (rung, title, names) in zip(axes[0], panels, strict=True):
        for name in names:
            draw(axis, read_log(ladder / rung), name)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(out, dpi=110)


def draw(axis: Any, log: list[dict[str, float]], name: str) -> None:  # noqa: ANN401 - matplotlib's
    """One curve; with many points, their running mean over them."""
    validated = "giou" if name.startswith("reward") else ""  # there, rewards are of validation
    points = [(line["step"], line[name]) for line in log if name in line and validated not in line]
    steps = [step for step, _ in points]
    values = [value for _, value in points]
    if len(points) < 3 * SMOOTH:
        axis.plot(steps, values, marker=".", label=name)
        return
    line = axis.plot(steps, values, alpha=0.25)[0]
    smooth = [
        sum(values[i : i + SMOOTH]) / len(values[i : i + SMOOTH])
        for i in range(len(values) - SMOOTH + 1)
    ]
    axis.plot(steps[SMOOTH - 1 :], smooth, color=line.get_color(), label=name)


if __name__ == "__main__":
    main()
