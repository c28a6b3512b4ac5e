"""A vision tower that works on all windows at once sees what it saw window by window."""

from __future__ import annotations

import copy
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import PROMPTS

from socioseg.models.chat.local import LocalChat
from socioseg.models.chat.seeing import PACKED, Packed, see_at_once

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor
    from transformers import Qwen2_5_VLForConditionalGeneration as Qwen

torch = pytest.importorskip("torch")


def plain(folder: Path) -> Qwen:
    """The model as transformers runs it."""
    from transformers import Qwen2_5_VLForConditionalGeneration

    return Qwen2_5_VLForConditionalGeneration.from_pretrained(folder).eval()


def seen(model: Qwen, qwen: Path) -> Tensor:
    """What the tower makes of images of several sizes."""
    inputs = LocalChat(str(qwen)).encode(PROMPTS)
    with torch.no_grad():
        found = model.model.visual(inputs["pixel_values"], grid_thw=inputs["image_grid_thw"])
    return found.pooler_output


def test_all_windows_at_once_show_the_same(qwen: Path) -> None:
    model = plain(qwen)
    before = seen(model, qwen)
    see_at_once(model)
    assert model.model.visual.config._attn_implementation == PACKED
    torch.testing.assert_close(seen(model, qwen), before, atol=2e-5, rtol=1e-4)


def test_it_is_asked_once_a_layer(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, calls = plain(qwen), []
    see_at_once(model)
    monkeypatch.setattr(Packed, "__call__", lambda _, module, *states, **__: (
        calls.append(module), (states[2].transpose(1, 2), None))[1])  # fmt: skip
    seen(model, qwen)
    assert len(calls) == len(model.model.visual.blocks)


def test_a_copy_has_weights_of_its_own(qwen: Path) -> None:
    """A reference in training is a copy, and what is trained later must not change it."""
    model = plain(qwen)
    see_at_once(model)
    other, before = copy.deepcopy(model), seen(model, qwen)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    torch.testing.assert_close(seen(other, qwen), before)
    assert not torch.allclose(seen(model, qwen), before)


def test_another_attention_is_left_alone(qwen: Path) -> None:
    engine = LocalChat(str(qwen), attention="eager")
    assert engine.model.model.visual.config._attn_implementation == "eager"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_each_sequence_is_seen_alone(lengths: list[int]) -> None:
    torch.manual_seed(0)
    states = torch.randn(3, 1, 2, sum(lengths), 4)
    starts = torch.tensor([0, *accumulate(lengths)])
    found, _ = Packed()(None, *states, cu_seq_lens_q=starts, scaling=0.3)
    parts = [
        torch.nn.functional.scaled_dot_product_attention(*some, scale=0.3).transpose(1, 2)
        for some in zip(*(state.split(lengths, dim=2) for state in states), strict=True)
    ]
    torch.testing.assert_close(found, torch.cat(parts, dim=1))
