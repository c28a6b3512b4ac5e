"""Options of the command line as changes to a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.build.recipe import parse_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def overrides(
    osm: str | None,
    imagery: Sequence[str] | None,
    zoom: int | None,
    split: str | None,
    style: str | None,
    language: str | None,
    settings: Sequence[str] | None,
) -> dict[str, Any]:
    """Recipe values by dotted key, of the options that were given; `--set` comes last."""
    given = {
        "osm": osm,
        "imagery": list(imagery) if imagery else None,
        "zoom": zoom,
        "split.method": split,
        "map.style": style,
        "map.language": language,
        "aois.language": language,
    }
    found = {key: value for key, value in given.items() if value is not None}
    return found | parse_settings(settings or ())
