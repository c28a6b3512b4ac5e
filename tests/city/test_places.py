from __future__ import annotations

import pytest

from socioseg.city.naming import LATIN, chains, scripts
from socioseg.city.places import Kind, PointKind, kinds, point_kinds, things
from socioseg.city.roads import HALF_WIDTH
from socioseg.taxonomy import load_taxonomy

ALL: dict[str, Kind | PointKind] = {**kinds(), **point_kinds()}


@pytest.mark.parametrize("key", ALL)
def test_words_of_a_kind_exist(key: str) -> None:
    kind = ALL[key]
    assert kind.name is None or scripts()[LATIN].term(kind.name)
    assert kind.chain is None or chains()[kind.chain]


@pytest.mark.parametrize("key", kinds())
def test_things_of_a_kind_exist(key: str) -> None:
    kind = kinds()[key]
    wanted = [stand.thing for stand in kind.stands] + ([kind.hole] if kind.hole else [])
    assert set(wanted) <= set(things())
    assert {inner for thing in wanted for inner in things()[thing].inside} <= set(things())


@pytest.mark.parametrize("key", [key for key, kind in kinds().items() if kind.count])
def test_a_kind_that_is_asked_for_has_room_and_a_class(key: str) -> None:
    kind = kinds()[key]
    assert kind.area is not None
    assert 0 < kind.area[0] <= kind.area[1]
    first = things()[kind.stands[0].thing].tags if kind.single else {}
    named = {"name": "Fernside"} if kind.name else {}
    known = load_taxonomy().classify({**first, **kind.tags, **named})
    assert known is not None or key == "farmyard"


@pytest.mark.parametrize("reach", [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7])
def test_left_over_ground_has_a_use_everywhere(reach: float) -> None:
    assert any(kind.share and not kind.misfit(reach) for kind in kinds().values())


def test_misfit_is_the_distance_to_the_range() -> None:
    kind = Kind(tags={}, where=(0.1, 0.3))
    assert [kind.misfit(reach) for reach in (0.05, 0.1, 0.2, 0.4)] == pytest.approx(
        [0.05, 0, 0, 0.1]
    )


def test_wider_ranks_take_more_ground() -> None:
    ranks = ["primary", "secondary", "tertiary", "residential", "living_street"]
    widths = [HALF_WIDTH[rank] for rank in ranks]
    assert widths == sorted(widths, reverse=True)
