"""Negatives: windows asked for what they and their surroundings do not hold."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import shapely

from socioseg.build.plan.samples import planned, query_of
from socioseg.build.plan.windows import stable_random
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.build.plan.aois import Aoi
    from socioseg.build.plan.samples import Planned
    from socioseg.build.recipe import BuildRecipe
    from socioseg.features import OsmData
    from socioseg.sample import Window
    from socioseg.taxonomy import Taxonomy

SURROUNDINGS = 0.5
"""How far around a window its query must be absent, as a share of its side."""


def negatives(
    samples: Sequence[Planned],
    aois: Sequence[Aoi],
    data: OsmData,
    taxonomy: Taxonomy,
    recipe: BuildRecipe,
    salt: str,
) -> list[Planned]:
    """As many negatives as the recipe's share asks for, in windows of positive samples.

    A query counts as present where an AOI or a POI of it lies in the window or around it:
    OSM often knows a place as a point only.
    """
    levels = [level for level in recipe.levels if level is not Level.NAME]
    wanted = round(len(samples) * recipe.negatives / (1 - recipe.negatives))
    if not wanted or not levels:
        return []
    presence = _Presence(aois, data, taxonomy)
    windows = sorted(
        {sample.window for sample in samples},
        key=lambda window: stable_random(recipe.seed, "negative", window).random(),
    )
    found = (presence.absent(window, level, recipe, salt) for window in windows for level in levels)
    return list(itertools.islice(filter(None, found), wanted))


class _Presence:
    """Where each class and function is known to be."""

    def __init__(self, aois: Sequence[Aoi], data: OsmData, taxonomy: Taxonomy) -> None:
        self.aois = aois
        pois = [(p.geometry, c) for p in data.points if (c := taxonomy.classify(p.tags))]
        self.tree = shapely.STRtree([a.geometry for a in aois] + [g for g, _ in pois])
        self.classes = [a.socio_class for a in aois] + [c.name for _, c in pois]
        self.functions = [a.function for a in aois] + [c.function for _, c in pois]

    def absent(
        self, window: Window, level: Level, recipe: BuildRecipe, salt: str
    ) -> Planned | None:
        """A sample that asks for something that is not there; None where all is there."""
        margin = SURROUNDINGS * window.size * window.resolution
        near = self.tree.query(shapely.box(*window.bounds).buffer(margin, join_style="mitre"))
        words = self.classes if level is Level.CLASS else self.functions
        present = {words[i] for i in near}
        absent = [aoi for aoi in self.aois if query_of(aoi, level) not in present]
        by_query = {query_of(aoi, level): aoi for aoi in absent}
        if not by_query:
            return None
        pick = stable_random(recipe.seed, "absent", window, level).integers(len(by_query))
        query = sorted(by_query)[pick]
        return planned(level, by_query[query], window, (), self.aois, salt)
