"""`LICENSE-DATA.md`: under which terms the parts of a dataset stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.dataset.markdown import cell, table

if TYPE_CHECKING:
    from socioseg.dataset.report import ImageryEntry, Report

LICENCE_FILE = "LICENSE-DATA.md"
OSM_CREDIT = "© OpenStreetMap contributors"
OSM_LINK = "https://www.openstreetmap.org/copyright"
ODBL_LINK = "https://opendatacommons.org/licenses/odbl/1-0/"

_REDISTRIBUTE = {
    "yes": "yes",
    "no": "**no**: keep it to yourself",
    "ask": "only with the leave of its owner",
}


def licence_text(report: Report) -> str:
    """Text of the file, made from the sources in `report`."""
    parts = [_labels(report), _imagery(report.imagery)]
    if report.permission:
        parts.append(f"Permission to publish: {cell(report.permission)}")
    return "\n\n".join(["# Licences of this dataset", *parts]) + "\n"


def _labels(report: Report) -> str:
    date = f", data of {cell(report.osm.timestamp)}" if report.osm.timestamp else ""
    return f"""\
## Labels and maps: ODbL 1.0

The queries, masks, boxes, names, classes, functions and OSM ids of every row are made from
OpenStreetMap ({cell(report.osm.source)}{date}). They are a derivative database under the
[Open Database License 1.0]({ODBL_LINK}): use them, give credit, and share what you derive from
them under the same licence. The map images are drawn from the same data.

Credit: [{OSM_CREDIT}]({OSM_LINK})"""


def _imagery(sources: list[ImageryEntry]) -> str:
    rows = [
        [
            cell(source.id),
            f"[{cell(source.license)}]({source.license_url})"
            if source.license_url
            else cell(source.license),
            cell(source.attribution),
            cell(source.date) or "not known",
            _REDISTRIBUTE[source.redistribute],
        ]
        for source in sources
    ]
    head = ["source", "licence", "credit", "date", "may be passed on"]
    return (
        "## Satellite and aerial images: their own licences\n\n"
        "The images in `sat_image` stay under the licence of their source, which stands in every\n"
        f"row too (`image_source`, `image_license`, `image_attribution`).\n\n{table(head, rows)}"
    )
