"""Draw the curves of a ladder: `python benchmarks/learning/curves.py out/ladder curves.png`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageDraw

from socioseg.train.record import read_log

if TYPE_CHECKING:
    from collections.abc import Sequence

PANELS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("warm", "warm: IoU of patches, validation", ("tower_iou", "patch_iou")),
    ("first", "first: gIoU, validation", ("giou",)),
    ("both", "both: gIoU, validation", ("giou_stage1", "giou")),
    *(
        (rung, f"{rung}: {what}", names)
        for rung in ("grpo", "divided")
        for what, names in (
            ("gIoU, validation", ("giou_stage1", "giou")),
            ("reward of rollouts, stage 1", ("reward_stage1",)),
            ("reward of rollouts, stage 2", ("reward_stage2",)),
        )
    ),
)
WIDTH, HEIGHT, MARGIN, COLUMNS = 380, 240, 34, 3
COLOURS = ((31, 119, 180), (214, 94, 20))
SMOOTH = 8
"""Rollouts that are averaged for a point of a curve."""


class Curve(NamedTuple):
    """Points of one measure, by step."""

    name: str
    steps: list[float]
    values: list[float]


def main() -> None:
    """Draw every panel of which there is a log."""
    ladder, out = Path(sys.argv[1]), Path(sys.argv[2])
    panels = [
        (title, [curve(read_log(ladder / rung), name) for name in names])
        for rung, title, names in PANELS
        if read_log(ladder / rung)
    ]
    rows = -(-len(panels) // COLUMNS)
    sheet = Image.new("RGB", (WIDTH * min(COLUMNS, len(panels)), HEIGHT * rows), "white")
    for number, (title, curves) in enumerate(panels):
        place = (WIDTH * (number % COLUMNS), HEIGHT * (number // COLUMNS))
        sheet.paste(panel(title, curves), place)
    sheet.save(out)


def curve(log: Sequence[dict[str, float]], name: str) -> Curve:
    """The measure `name`; of rollouts a running mean."""
    lines = [line for line in log if name in line]
    steps, values = [line["step"] for line in lines], [line[name] for line in lines]
    size = min(SMOOTH, len(values)) if name.startswith("reward") else 1
    means = [sum(values[i : i + size]) / size for i in range(len(values) - size + 1)]
    return Curve(name, steps[size - 1 :], means)


def panel(title: str, curves: Sequence[Curve]) -> Image.Image:
    """One chart: its curves between the least and the greatest value of them all."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    brush = ImageDraw.Draw(image)
    steps = [step for each in curves for step in each.steps]
    values = [value for each in curves for value in each.values]
    left, right, top, bottom = 48, WIDTH - 14, 44, HEIGHT - MARGIN
    low, high = min(values), max(values)
    brush.text((left, 6), title, "black", font_size=13)
    brush.rectangle((left, top, right, bottom), outline=(200, 200, 200))
    for value, y in ((high, top), (low, bottom)):
        brush.text((6, y - 7), f"{value:.2f}", "black", font_size=12)
    brush.text((right - 40, bottom + 6), f"{max(steps):.0f} steps", "black", font_size=11)
    for number, each in enumerate(curves):
        points = [
            (
                left + (right - left) * (step / max(1.0, *steps)),
                bottom - (bottom - top) * ((value - low) / ((high - low) or 1.0)),
            )
            for step, value in zip(each.steps, each.values, strict=True)
        ]
        brush.line(points, COLOURS[number], 2)
        brush.text((left + 130 * number, 24), each.name, COLOURS[number], font_size=12)
    return image


if __name__ == "__main__":
    main()
