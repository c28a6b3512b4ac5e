"""The plan: which AOIs give samples, and why others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import toy

from socioseg.build.plan.samples import Plan, make_plan
from socioseg.sample import Level

if TYPE_CHECKING:
    from socioseg.build.plan.aois import Aoi


def _plan(aois: list[Aoi], **changes: object) -> Plan:
    return make_plan(aois, range(len(aois)), toy.recipe(**changes), None, "salt")


def test_an_aoi_gives_a_sample_at_each_level() -> None:
    plan = _plan([toy.aoi(7, 0, 0, name="North School")])
    queries = {sample.level: sample.problem for sample in plan.samples}
    assert queries == {
        Level.NAME: "North School",
        Level.CLASS: "school",
        Level.FUNCTION: "school function",
    }
    assert {sample.osm_ids for sample in plan.samples} == {("way/7",)}
    assert len({sample.window for sample in plan.samples}) == 1
    assert all(sample.id.startswith(f"{sample.level}_") for sample in plan.samples)


def test_class_takes_every_match_and_name_only_its_own() -> None:
    aois = [toy.aoi(1, 0, 0, 0.2, "A"), toy.aoi(2, 0.3, 0, 0.1, "B"), toy.aoi(3, 0.3, 0.2, 0.1)]
    aois.append(toy.aoi(4, -0.3, 0, 0.1, kind="park"))
    plan = make_plan(aois, [0], toy.recipe(windows={"jitter": 0}), None, "salt")
    found = {sample.level: sample.osm_ids for sample in plan.samples}
    assert found[Level.NAME] == ("way/1",)
    assert found[Level.CLASS] == ("way/1", "way/2", "way/3")


def test_nested_aois_are_both_anchors() -> None:
    aois = [toy.aoi(1, 0, 0, 0.5), toy.aoi(2, 0.1, 0.1, 0.1, kind="sports pitch")]
    problems = {sample.problem for sample in _plan(aois, levels=["class"]).samples}
    assert problems == {"school", "sports pitch"}


def test_reasons_for_no_sample() -> None:
    def reasons(aois: list[Aoi], **changes: object) -> dict[str, int]:
        rejected = _plan(aois, levels=["class"], **changes).rejected
        return {reason: count for (_, reason), count in rejected.items()}

    assert reasons([toy.aoi(1, 0, 0, 0.01)]) == {"too_small": 1}
    assert reasons([toy.aoi(1, 0, 0, 0.9)]) == {"too_large": 1}
    assert reasons([toy.aoi(1, 0, 0, 2)]) == {"cut": 1}
    same_place = [toy.aoi(i, 0.01 * i, 0) for i in range(3)]
    assert reasons(same_place, windows={"jitter": 0}) == {"repeated": 2}
    apart = [toy.aoi(i, 3 * i, 0) for i in range(5)]
    assert reasons(apart, limits={"max_per_class": 2}) == {"class_full": 3}
    assert reasons(apart, limits={"max_samples": 1}) == {"over_max_samples": 4}


def test_a_name_that_stands_twice_is_ambiguous_unless_nested() -> None:
    apart = [toy.aoi(1, 0, 0, 0.2, "A"), toy.aoi(2, 0.3, 0, 0.2, "A")]
    nested = [toy.aoi(1, 0, 0, 0.4, "A"), toy.aoi(2, 0, 0, 0.2, "A")]
    centred: dict[str, object] = {"levels": ["name"], "windows": {"jitter": 0}}
    assert _plan(apart, **centred).rejected == {(Level.NAME, "ambiguous_name"): 2}
    assert [s.osm_ids for s in _plan(nested, **centred).samples] == [("way/1",)]
    assert _plan([toy.aoi(1, 0, 0)], **centred).rejected == {(Level.NAME, "no_name"): 1}


def test_ids_are_stable_and_depend_on_the_content() -> None:
    aois = [toy.aoi(i, 2 * i, 0, name=f"N{i}") for i in range(4)]
    first, again = _plan(aois).samples, _plan(list(aois)).samples
    other = make_plan(aois, range(4), toy.recipe(), None, "another taxonomy").samples
    assert [s.id for s in first] == [s.id for s in again]
    assert not {s.id for s in first} & {s.id for s in other}
    assert len({s.id for s in first}) == len(first)
