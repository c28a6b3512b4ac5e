"""Completions for tests: sound ones, nearly sound ones, and anything."""

from __future__ import annotations

import json

from hypothesis import strategies as st

_NUMBERS = st.one_of(
    st.integers(0, 60), st.integers(), st.floats(), st.text(max_size=2), st.none(), st.booleans()
)
_KEYS = st.sampled_from(
    ["bbox_2d", "bbox", "points", "point_2d", "points_1", "points_2", "id", "action", "instances",
     "declared_count", "verified_count", "positive_points"]
)  # fmt: skip
_LISTS = st.lists(_NUMBERS, max_size=5)
_VALUES = st.recursive(
    _NUMBERS | _LISTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)

any_text = st.text(max_size=80) | st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<answer>", "</answer>", "<bbox>", "</bbox>", "<points>",
         "</points>", "<labels>", "</labels>", "[", "]", "{", "}", "1", ",", ":", '"bbox_2d"', " ",
         "'", "null", "9" * 400, "1e999", "NaN", "[" * 2000]
    ),
    max_size=12,
).map("".join)  # fmt: skip
"""Anything, and tags and brackets in any order."""

answers = st.builds(
    "<think>{}</think><answer>{}</answer>".format,
    st.sampled_from(["", "scan. anchor. scan. scan.", "def f(): return 1"]),
    _VALUES.map(json.dumps),
)
"""The right tags around JSON that is nearly right, or not at all."""

responses = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(12, 90), st.integers(12, 90)),
    min_size=1,
    max_size=6,
    unique=True,
).map(lambda rows: [[x, y, x + w, y + h] for x, y, w, h in rows])
"""Lists of boxes."""
