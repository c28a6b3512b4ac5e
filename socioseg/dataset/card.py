"""`README.md` of a dataset: its card, made from the data and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from socioseg.dataset.front_matter import front_matter
from socioseg.dataset.licence_text import LICENCE_FILE, OSM_CREDIT, OSM_LINK, licence_text
from socioseg.dataset.markdown import cell, table
from socioseg.dataset.pictures import ASSETS, write_picture
from socioseg.dataset.schema import SPLITS
from socioseg.dataset.tally import Tally, tally
from socioseg.files import atomic_write
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.dataset.report import Report

CARD = "README.md"

_SYNTHETIC = """\
> **The satellite images of this dataset are synthetic**: a program painted them from OpenStreetMap
> data. They show no real place as it looks. Use them to try things out, not to measure how a model
> does on real imagery."""

_ABOUT = """\
Each sample is a satellite image, a digital map of the same window, a query, and the mask of what
the query means. Queries come at three levels: one named place (`name`), every place of a class
(`class`), every place of an urban function (`function`). The map shows roads, water, buildings,
points of interest and names, and never the outline of an area that is asked for. The task is that
of the SocioSeg paper, cited below; the labels here come from OpenStreetMap."""

_LOAD = """\
## How to load

```python
import datasets
datasets.load_dataset("path/to/this/folder", "socio_class", split="test")

from socioseg import load_dataset
load_dataset("path/to/this/folder", level="class", split="test")
```

The configs are `socio_name`, `socio_class`, `socio_function`, and `all` of them (the default); a
split without samples is left out. Boxes are `[x0, y0, x1, y1]` in pixels, x1 and y1 exclusive; an
instance is an 8-connected component of the mask with more than 10 pixels; `transform` (GDAL order)
and `crs` place every pixel on Earth; `gsd` is the size of a pixel on the ground in metres."""

_LIMITS = """\
- OpenStreetMap is not complete: a place that nobody mapped is missing from the masks.
- Image and map data may be of different dates, and images may lie some metres off.
- Class and function follow from OSM tags by fixed rules; what a place is used for may differ.
- The masks were not checked by people one by one."""

_CITATION = """\
## Citation

The task and the three levels are from

```bibtex
@inproceedings{wang2026socioseg,
  title     = {Urban Socio-Semantic Segmentation with Vision-Language Reasoning},
  author    = {Wang and Wang and Dai and Wang and Liu and Chu and Li},
  booktitle = {International Conference on Learning Representations (ICLR)},
  year      = {2026},
  note      = {arXiv:2601.10477}
}
```"""


def write_card(root: Path, report: Report) -> None:
    """Write `README.md`, `LICENSE-DATA.md` and the pictures of the dataset in `root`.

    The same data and report give the same bytes.

    Parameters
    ----------
    root
        A folder whose Parquet files are in place.

    Raises
    ------
    DatasetError
        If the data cannot be read.
    OutputError
        If a file cannot be written.
    """
    queries = {level: write_picture(root, level) for level in Level}
    text = card_text(report, tally(root), {key: query for key, query in queries.items() if query})
    atomic_write(root / LICENCE_FILE, licence_text(report).encode())
    atomic_write(root / CARD, text.encode())


def card_text(report: Report, counts: Tally, pictures: dict[Level, str]) -> str:
    """Text of the card; `pictures` are the levels that have one, with the query it shows."""
    sections = [
        front_matter(report) + f"\n# SocioSeg: {cell(report.region.name)}",
        _SYNTHETIC if report.synthetic else "",
        _ABOUT,
        _pictures(pictures),
        _counts(counts),
        _classes(counts),
        _sources(report),
        _making(report),
        f"## Known limits\n\n{_LIMITS}\n{_notes(report)}".rstrip(),
        _LOAD,
        _CITATION,
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _pictures(pictures: dict[Level, str]) -> str:
    rows = [
        [f"**{level}**: {cell(query)}<br>![{level}]({ASSETS}/{level}.jpg)"]
        for level, query in pictures.items()
    ]
    return table(["satellite, map, mask"], rows) if rows else ""


def _counts(counts: Tally) -> str:
    lines = [(level, *_by_split(counts, [level])) for level in Level]
    body = table(["level", *SPLITS, "all"], [*lines, ("all", *_by_split(counts, list(Level)))])
    return f"## Samples\n\n{body}"


def _by_split(counts: Tally, levels: list[Level]) -> list[int]:
    found = [sum(counts.splits[level, split] for level in levels) for split in SPLITS]
    return [*found, sum(found)]


def _classes(counts: Tally) -> str:
    levels = (Level.NAME, Level.CLASS)
    rows = [
        [cell(name), cell(function), *(counts.classes[name, level] for level in levels)]
        for name, function in sorted(counts.functions_of.items(), key=lambda item: item[::-1])
    ]
    functions = sorted({name for name, _ in counts.functions})
    asked = [[cell(name), counts.functions[name, Level.FUNCTION]] for name in functions]
    return (
        f"{table(['function', 'samples that ask for it'], asked)}\n\n"
        f"<details><summary>{len(rows)} classes</summary>\n\n"
        f"{table(['class', 'function', *levels], rows)}\n\n</details>"
    )


def _sources(report: Report) -> str:
    labels = [
        f"labels, map: {cell(report.osm.source)}",
        f"ODbL-1.0, [{OSM_CREDIT}]({OSM_LINK})",
        cell(report.osm.timestamp) or "not known",
    ]
    images = [
        [
            f"images: {cell(source.id)}{' (synthetic)' if source.synthetic else ''}",
            f"{cell(source.license)}, {cell(source.attribution)}",
            cell(source.date) or "not known",
        ]
        for source in report.imagery
    ]
    body = table(["source", "licence and credit", "date"], [labels, *images])
    return f"## Sources\n\n{body}\n\nThe terms stand in [{LICENCE_FILE}]({LICENCE_FILE})."


def _making(report: Report) -> str:
    splits = report.splits
    shares = ", ".join(f"{name} {splits.shares.get(name, 0):.1%}" for name in SPLITS)
    details = "".join(f"; {cell(key)} {value}" for key, value in sorted(splits.details.items()))
    text = f"""\
Made by socioseg {report.socioseg}, fingerprint `{report.fingerprint}`.

Of {report.counts.planned} planned samples {report.counts.ok} were made{_reasons(report)};
{report.counts.negatives} of them ask for what is not there.

Splits: {splits.method}; {shares}; {splits.given_up:.1%} of the samples were given up to keep the
splits apart{_distance(splits.class_distance)}{details}."""
    recipe = yaml.safe_dump(report.recipe, sort_keys=True, allow_unicode=True, width=100)
    folded = f"<details><summary>Recipe</summary>\n\n```yaml\n{recipe}```\n\n</details>"
    return f"## How it was made\n\n{text}\n\n{folded}"


def _reasons(report: Report) -> str:
    by_reason = sorted(report.counts.by_reason.items())
    text = ", ".join(f"{reason} {count}" for reason, count in by_reason)
    return f" (not made: {text})" if text else ""


def _distance(distance: float | None) -> str:
    if distance is None:
        return ""
    return f"; the class shares of a split differ from those of the whole by at most {distance:.1%}"


def _notes(report: Report) -> str:
    notes = [*report.notes, *report.osm.notes]
    return "\n".join(f"- {cell(note)}" for note in notes)
