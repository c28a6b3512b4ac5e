"""Samples as the gallery shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.report.outline import outline
from socioseg.bench.report.pictures import write_picture
from socioseg.bench.rle import decode_mask
from socioseg.bench.samples import IMAGES, MASK, Key
from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from socioseg.bench.log import Line, StageLine
    from socioseg.bench.report.runs import ReportRun
    from socioseg.bench.rle import Rle
    from socioseg.bench.samples import Samples

FACTS = (
    "socio_class", "socio_function", "region",
    "image_source", "image_license", "image_attribution",
)  # fmt: skip
"""Columns that datasets built here have, and whatever was made of them."""
MOST_TEXT = 20_000
"""Letters of a model's text that the page shows."""


def entries(
    samples: Samples, runs: Sequence[ReportRun], ids: Collection[str], images: Path
) -> Iterator[dict[str, Any]]:
    """What the gallery shows of each of the samples `ids`, in the dataset's order.

    Each has `id`, `level`, `query`, `facts`, `size` (height, width), the names of its files
    (`sat_image`, `map_image`; None where the image is broken), outlines of the truth and, in
    `runs`, of each answer as SVG paths, with all that the log has of it; None for a sample that
    the run has not.

    Parameters
    ----------
    images
        The folder to write the pictures to.
    """
    levels = {name: line.level for run in runs for name, line in run.lines.items()}
    keys = {Key(name, levels[name]) for name in ids}
    facts = [name for name in FACTS if name in samples.facts]
    columns = ("id", "level", "problem", *IMAGES, MASK, *facts)
    for number, row in enumerate(samples.rows(keys, columns)):
        yield _entry(samples, runs, row, images / f"{number:05d}")


def _entry(
    samples: Samples, runs: Sequence[ReportRun], row: Mapping[str, Any], stem: Path
) -> dict[str, Any]:
    truth = samples.decode(MASK, row[MASK]) > 0
    known = next(run.scored[row["id"]] for run in runs if row["id"] in run.scored)
    return {
        "id": row["id"],
        "level": row["level"],
        "query": row["problem"],
        "facts": {name: row[name] for name in FACTS if row.get(name)},
        "target": known.groups["size"],
        "instances": known.stats.n_true,
        "size": truth.shape,
        "truth": outline(truth),
        "runs": [_answer(run, row["id"]) for run in runs],
        **{column: _picture(row[column], stem, column) for column in IMAGES},
    }


def _picture(data: bytes, stem: Path, column: str) -> str | None:
    kind = column.removesuffix("_image")
    try:
        return write_picture(data, stem.with_name(f"{stem.name}-{kind}"))
    except DatasetError:
        return None


def _answer(run: ReportRun, name: str) -> dict[str, Any] | None:
    line, scored = run.lines.get(name), run.scored.get(name)
    if line is None or scored is None:
        return None
    return {
        "status": line.status,
        "detail": line.detail,
        "iou": round(scored.stats.iou, 6),
        "instances": scored.stats.n_pred,
        "mask": _outline(line.mask if line.ok else None),
        "boxes": _rounded(line.boxes),
        "points": _rounded(line.points),
        "texts": [_shortened(text) for text in line.texts],
        "stages": [_stage(stage) for stage in line.stages],
        **_costs(line),
    }


def _costs(line: Line) -> dict[str, Any]:
    return {
        "seconds": {name: float(f"{value:.4g}") for name, value in line.seconds.items()},
        "usage": line.usage,
        "confidence": line.confidence,
    }


def _stage(stage: StageLine) -> dict[str, Any]:
    return {
        "name": stage.name,
        "mask": _outline(stage.mask),
        "boxes": _rounded(stage.boxes),
        "points": _rounded(stage.points),
        "notes": stage.notes,
    }


def _outline(mask: Rle | None) -> str:
    return outline(decode_mask(mask)) if mask else ""


def _rounded(values: Any) -> Any:  # noqa: ANN401 - numbers, nested
    if isinstance(values, list | tuple):
        return [_rounded(value) for value in values]
    return round(values, 1)


def _shortened(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}\n[{len(text) - MOST_TEXT} more letters are in the log]"
