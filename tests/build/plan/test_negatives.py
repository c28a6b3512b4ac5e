"""Negatives: what they ask for is not there, nor near."""

from __future__ import annotations

import shapely
import toy

from socioseg.build.plan.negatives import SURROUNDINGS, negatives
from socioseg.build.plan.samples import Planned, make_plan
from socioseg.features import OsmData
from socioseg.sample import Level
from socioseg.taxonomy import load_taxonomy

AOIS = [
    *(toy.aoi(i, 4 * i, 0, kind="school") for i in range(6)),
    *(toy.aoi(10 + i, 4 * i, 0.9, kind="park") for i in range(3)),
]
BANK = toy.point(1, 4, 0.3, amenity="bank")


def _negatives(share: float) -> tuple[list[Planned], list[Planned]]:
    recipe = toy.recipe(negatives=share)
    aois = [*AOIS, toy.aoi(99, 50, 50, kind="bank")]
    samples = make_plan(aois, range(len(aois)), recipe, None, "salt").samples
    data = OsmData(points=[BANK])
    return samples, negatives(samples, aois, data, load_taxonomy(), recipe, "salt")


def test_the_share_is_kept() -> None:
    samples, found = _negatives(0.25)
    assert len(found) == round(len(samples) / 3)
    assert _negatives(0.0)[1] == []


def test_no_negative_asks_for_what_is_near() -> None:
    _, found = _negatives(0.4)
    assert {sample.level for sample in found} == {Level.CLASS, Level.FUNCTION}
    for sample in (s for s in found if s.level is Level.CLASS):
        near = shapely.box(*sample.window.bounds).buffer(SURROUNDINGS * toy.SIDE * 0.99)
        present = {aoi.socio_class for aoi in AOIS if aoi.geometry.intersects(near)}
        present |= {"bank"} if BANK.geometry.intersects(near) else set()
        assert sample.problem not in present
        assert sample.osm_ids == sample.aois == ()


def test_negatives_are_the_same_every_time() -> None:
    assert _negatives(0.3) == _negatives(0.3)
