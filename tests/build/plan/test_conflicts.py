"""Conflicts: found, and solved by giving up few samples."""

from __future__ import annotations

import itertools

import numpy as np
import toy
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.plan.conflicts import across, conflicts, give_up, place_back

graphs = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=60).map(
    lambda pairs: np.array(
        sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]}), dtype=np.int64
    ).reshape(-1, 2)
)
splits = st.lists(st.integers(0, 2), min_size=20, max_size=20).map(np.array)


def test_ground_aois_and_names_are_conflicts() -> None:
    samples = [
        toy.planned(0, 0, 0),
        toy.planned(1, 255, 255),
        toy.planned(2, 256, 0, osm_ids=("way/8", "way/9")),
        toy.planned(3, 5000, 0, osm_ids=("way/9",)),
        toy.planned(4, 9000, 0, name="Old Mill"),
        toy.planned(5, 0, 9000, name="old mill"),
    ]
    assert conflicts(samples).tolist() == [[0, 1], [1, 2], [2, 3], [4, 5]]


@given(graphs, splits)
def test_what_is_given_up_ends_every_conflict(edges: np.ndarray, split: np.ndarray) -> None:
    given_up = give_up(split, edges)
    split[given_up] = -1
    assert len(across(split, edges)) == 0
    assert len(set(given_up)) == len(given_up)


@given(graphs, splits)
def test_placing_back_makes_no_conflict_and_only_adds(edges: np.ndarray, split: np.ndarray) -> None:
    split[give_up(split, edges)] = -1
    before = split.copy()
    place_back(split, edges, 3)
    assert len(across(split, edges)) == 0
    assert (split[before >= 0] == before[before >= 0]).all()


def test_a_star_costs_its_centre() -> None:
    edges = np.array([(0, i) for i in range(1, 9)])
    assert give_up(np.array([1] + [0] * 8), edges) == [0]


@given(graphs, splits)
def test_giving_up_is_within_a_small_factor_of_the_least(
    edges: np.ndarray, split: np.ndarray
) -> None:
    crossing = across(split, edges).tolist()[:12]
    nodes = sorted({i for edge in crossing for i in edge})
    least = next(
        k
        for k in range(len(nodes) + 1)
        if any(
            all(a in chosen or b in chosen for a, b in crossing)
            for chosen in itertools.combinations(nodes, k)
        )
    )
    few = give_up(split, np.array(crossing, dtype=np.int64).reshape(-1, 2))
    assert len(few) <= 2 * least
