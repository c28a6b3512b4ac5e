"""The families that there are."""

from __future__ import annotations

from socioseg.errors import UsageError
from socioseg.models.reason.family import Family
from socioseg.recipe import nearest

_ALL = (Family("socioreasoner", ("socioreasoner", "socioreasoner"), "socioreasoner"),)
FAMILIES = {family.name: family for family in _ALL}


def find_family(name: str) -> Family:
    """The family called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in FAMILIES:
        hint = nearest(name, FAMILIES) or f"; known: {', '.join(FAMILIES)}"
        raise UsageError(f"There is no family of models {name!r}{hint}.")
    return FAMILIES[name]
