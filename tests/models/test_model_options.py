"""Options of a model, changed by dotted keys and by parts."""

from __future__ import annotations

import pytest

from socioseg.errors import UsageError
from socioseg.models.options import Parts, changed, with_parts

RECIPE = {
    "chat": {"name": "local", "weights": "o/3B", "dtype": "bf16", "temperature": 0},
    "segmenter": "sam2",
}


def test_dotted_keys_reach_into_parts_and_leave_the_recipe_alone() -> None:
    found = changed(RECIPE, {"chat.temperature": 1, "segmenter.dtype": "fp32", "stages": 1})
    assert found["chat"] == {**RECIPE["chat"], "temperature": 1}  # type: ignore[dict-item]
    assert found["segmenter"] == {"name": "sam2", "dtype": "fp32"}
    assert found["stages"] == 1
    assert RECIPE["segmenter"] == "sam2"


def test_changes_are_left_alone_by_those_after_them() -> None:
    found = changed({}, {**RECIPE, "chat.temperature": 1})
    assert found["chat"]["temperature"] == 1
    assert RECIPE["chat"]["temperature"] == 0  # type: ignore[index]


def test_a_key_through_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match=r"stages\.x: stages is 2, which has no keys"):
        changed({"stages": 2}, {"stages.x": 1})


def test_another_engine_keeps_what_any_engine_has_and_asks_for_the_same_weights() -> None:
    found = with_parts(RECIPE, Parts(engine="openai", base_url="http://127.0.0.1:8000/v1"))
    assert found["chat"] == {
        "name": "openai",
        "temperature": 0,
        "model": "o/3B",
        "base_url": "http://127.0.0.1:8000/v1",
    }
    named = with_parts(RECIPE, Parts(engine="openai", weights="gpt"))
    assert named["chat"]["model"] == "gpt"


def test_the_other_parts() -> None:
    found = with_parts(RECIPE, Parts(weights="here", segmenter="grabcut", prompts="p", stages=1))
    assert found["chat"]["weights"] == "here"
    assert (found["segmenter"], found["prompts"], found["stages"]) == ("grabcut", "p", 1)
    assert with_parts(RECIPE, Parts(engine="local"))["chat"] == RECIPE["chat"]


def test_a_model_without_parts_says_so() -> None:
    assert with_parts({"threshold": 1}, Parts()) == {"threshold": 1}
    with pytest.raises(UsageError, match="--base-url: this model has no such part"):
        with_parts({"threshold": 1}, Parts(base_url="x"))
