"""Prompts that are alike are encoded once, and give what each gives by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from models.chat.pictures import PROMPTS, picture
from models.tinymodels import tiny_qwen

from socioseg.models.chat import alike
from socioseg.models.chat.engine import Prompt
from socioseg.models.chat.local import LocalChat
from socioseg.train.tinypolicy.make import make_policy
from socioseg.train.tinypolicy.settings import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

GROUPS = [0, 0, 3, 1, 3, 0]
"""Which of the prompts each of a batch asks."""


@pytest.fixture(params=["qwen", "llava"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> LocalChat:
    pytest.importorskip("transformers")
    if request.param == "qwen":
        return LocalChat(str(tiny_qwen(tmp_path)), cache="static")
    make_policy(tmp_path, Shape(side=32, width=16, inner=16, layers=2), ["school"], seed=0)
    return LocalChat(str(tmp_path))


@pytest.fixture
def prompts(chat: LocalChat) -> list[Prompt]:
    if chat.cache == "static":
        return PROMPTS
    texts = ("find school", "where", "so", "find the school in the park")
    return [Prompt(text, (picture(32, 32),) * 2) for text in texts]


def apart(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Prompts that show the same, each in arrays of its own."""
    return [replace(each, images=tuple(map(np.copy, each.images))) for each in prompts]


def test_alike_or_not_the_tensors_are_the_same(
    chat: LocalChat, prompts: list[Prompt], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [replace(prompts[which], seed=seed) for seed, which in enumerate(GROUPS)]
    odd = replace(batch[3], images=apart(batch[2:3])[0].images)  # text of one, images of another
    batch.append(odd)
    calls: list[int] = []
    encode = alike.encode

    def counted(processor: object, some: Sequence[Prompt], *more: object, **rest: object) -> object:
        calls.append(len(some))
        return encode(processor, some, *more, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(alike, "encode", counted)
    shared, own = chat.encode(batch), chat.encode(apart(batch))
    assert calls[:-1] == [1] * (len(set(GROUPS)) + 1)
    assert shared.keys() == own.keys()
    for name, value in own.items():
        found: Tensor = shared[name]
        assert found.dtype == value.dtype
        assert found.equal(value), name


def test_answers_of_a_group_do_not_depend_on_what_is_shared(
    chat: LocalChat, prompts: list[Prompt]
) -> None:
    chat.generation = chat.generation.model_copy(update={"temperature": 1.0, "max_tokens": 6})
    batch = [replace(prompts[which], seed=seed) for seed, which in enumerate(GROUPS)]
    texts = [[reply.text for reply in chat.ask(some)] for some in (batch, apart(batch))]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) > 3
