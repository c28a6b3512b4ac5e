"""The plan: which samples a region gives, decided before any image is touched."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from socioseg.build.plan.scene import AoiIndex, Scene, covered_share
from socioseg.build.plan.windows import stable_random, window_around
from socioseg.sample import Level, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.build.plan.aois import Aoi
    from socioseg.build.recipe import BuildRecipe
    from socioseg.sample import Bounds


REASONS = {
    "no_name": "without a name",
    "ambiguous_name": "whose name another place in the window has",
    "cut": "cut by the window",
    "too_small": "too small",
    "too_large": "too large",
    "repeated": "asked for before on much the same ground",
    "class_full": "of a class that has its fill",
    "over_max_samples": "beyond the number of samples wanted",
}
"""Why an AOI gives no sample at a level, and how a person is told."""


class Planned(NamedTuple):
    """One sample to be made; `aois` are positions in the list of AOIs that make its mask.

    A negative has no AOIs: its query is absent from the window and its surroundings.
    """

    id: str
    level: Level
    problem: str
    socio_name: str
    socio_class: str
    socio_function: str
    window: Window
    aois: tuple[int, ...]
    osm_ids: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The samples in a stable order, and how many candidates fell out, by level and reason."""

    samples: list[Planned] = field(default_factory=list)
    rejected: Counter[tuple[Level, str]] = field(default_factory=Counter)


def make_plan(
    aois: Sequence[Aoi],
    anchors: Iterable[int],
    recipe: BuildRecipe,
    covered: Bounds | None,
    salt: str,
) -> Plan:
    """Samples for the AOIs at the positions `anchors`; `salt` enters the ids."""
    planner = _Planner(aois, recipe, salt)
    plan = Plan()
    order = sorted(anchors, key=lambda i: stable_random(recipe.seed, aois[i].osm_id).random())
    most = recipe.limits.max_samples or len(recipe.levels) * len(order)
    for anchor, level in itertools.product(order, recipe.levels):
        if len(plan.samples) == most:
            plan.rejected[level, "over_max_samples"] += 1
            continue
        result = planner.candidate(anchor, level, window_around(aois[anchor], recipe, covered))
        if isinstance(result, str):
            plan.rejected[level, result] += 1
        else:
            plan.samples.append(result)
    return plan


class _Planner:
    """Decides on candidates; remembers what it accepted, so that queries do not repeat."""

    def __init__(self, aois: Sequence[Aoi], recipe: BuildRecipe, salt: str) -> None:
        self.aois, self.recipe, self.salt = aois, recipe, salt
        self.index = AoiIndex(aois)
        self.scene = functools.lru_cache(maxsize=4)(self.index.scene)
        self.accepted: defaultdict[tuple[Level, str], list[Window]] = defaultdict(list)
        self.per_class: Counter[tuple[Level, str]] = Counter()

    def candidate(self, anchor: int, level: Level, window: Window) -> Planned | str:
        """The sample of `anchor` at `level`, or the reason why there is none."""
        aoi = self.aois[anchor]
        query = query_of(aoi, level)
        reason = self._unwanted(level, query, window, aoi)
        if reason:
            return reason
        scene = self.scene(window)
        matches = self.index.matching(scene, level, query)
        if level is Level.NAME:
            itself = scene.aois == anchor
            if not self.index.inside(scene, anchor, matches & ~itself):
                return "ambiguous_name"
            matches = itself
        reason = self._unfit(anchor, window, scene, matches)
        if reason:
            return reason
        self.accepted[level, query].append(window)
        self.per_class[level, aoi.socio_class] += 1
        chosen = tuple(scene.aois[matches].tolist())
        return planned(level, aoi, window, chosen, self.aois, self.salt)

    def _unwanted(self, level: Level, query: str, window: Window, aoi: Aoi) -> str:
        """Why no sample of this query is wanted here, whatever the window shows."""
        if not query:
            return "no_name"
        if self.per_class[level, aoi.socio_class] >= self.recipe.limits.max_per_class:
            return "class_full"
        most = self.recipe.windows.overlap
        near = (_shared(window, other) > most for other in self.accepted[level, query])
        return "repeated" if any(near) else ""

    def _unfit(self, anchor: int, window: Window, scene: Scene, matches: NDArray[np.bool_]) -> str:
        """Why what the window shows does not make a sample."""
        limits = self.recipe.limits
        if scene.seen(anchor) < limits.min_visible * self.aois[anchor].geometry.area:
            return "cut"
        share = covered_share(scene.clipped[matches], window, limits.min_share, limits.max_share)
        if share < limits.min_share:
            return "too_small"
        return "too_large" if share > limits.max_share else ""


def _shared(a: Window, b: Window) -> float:
    """Share of their ground that two windows of one size have in common."""
    width, height = a.size - abs(a.x - b.x), a.size - abs(a.y - b.y)
    return max(0, width) * max(0, height) / a.size**2


def query_of(aoi: Aoi, level: Level) -> str:
    """The text that asks for `aoi` at `level`."""
    return {
        Level.NAME: aoi.name,
        Level.CLASS: aoi.socio_class,
        Level.FUNCTION: aoi.function,
    }[level]


def planned(
    level: Level, aoi: Aoi, window: Window, chosen: tuple[int, ...], aois: Sequence[Aoi], salt: str
) -> Planned:
    """The sample that asks for `aoi` at `level`; with no AOIs `chosen`, a negative."""
    query = query_of(aoi, level)
    osm_ids = tuple(dict.fromkeys(osm_id for i in chosen for osm_id in aois[i].osm_ids))
    return Planned(
        id=sample_id(level, query, window, osm_ids, salt),
        level=level,
        problem=query,
        socio_name=aoi.name if level is Level.NAME else "",
        socio_class=aoi.socio_class if level is not Level.FUNCTION else "",
        socio_function=aoi.function,
        window=window,
        aois=chosen,
        osm_ids=osm_ids,
    )


def sample_id(level: Level, query: str, window: Window, osm_ids: Iterable[str], salt: str) -> str:
    """A stable id: the level, then a hash of everything that the sample is made from."""
    content = "\x1f".join([level, query, *map(str, window), *osm_ids, salt])
    return f"{level}_{hashlib.sha256(content.encode()).hexdigest()[:16]}"
