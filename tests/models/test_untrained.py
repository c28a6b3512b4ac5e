"""Models without training: formats, sizes, and what a size and a seed decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from socioseg.errors import UsageError
from socioseg.models.sam2 import Sam2
from socioseg.models.untrained import (
    SIZES,
    make_tokenizer,
    qwen_config,
    sam2_config,
    write_qwen,
    write_sam2,
)

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")


def count(make: str, config: Any) -> int:  # noqa: ANN401
    """Numbers in a model of this configuration, which takes no memory."""
    import transformers

    with torch.device("meta"):
        model = getattr(transformers, make)(config)
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_real_size_is_that_of_the_checkpoints() -> None:
    """3,754,622,976 is what the index of Qwen2.5-VL-3B-Instruct says: 7,509,245,952 bytes."""
    config = qwen_config("real", make_tokenizer("real"))
    assert count("Qwen2_5_VLForConditionalGeneration", config) == 7_509_245_952 // 2
    # hiera-large has 224.4 million with what it tracks by
    assert 210e6 < count("Sam2Model", sam2_config("real")) < 224.4e6


def test_the_larger_tokenizer_spells_prompts_with_few_tokens() -> None:
    tokenizer = make_tokenizer("real")
    text = "Find every place that the query means, and answer with boxes."
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert 2 * len(ids) < len(make_tokenizer("tiny").encode(text))


def test_a_seed_decides_the_weights(tmp_path: Path) -> None:
    paths = [write_sam2(tmp_path / str(place), seed=seed) for place, seed in enumerate((1, 1, 2))]
    first, same, other = ((path / "model.safetensors").read_bytes() for path in paths)
    assert first == same != other


def test_drawing_weights_leaves_the_dice_and_the_type_of_torch_alone(tmp_path: Path) -> None:
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    write_qwen(tmp_path, dtype="bfloat16")
    assert torch.equal(torch.rand(4), wanted)


def test_weights_are_of_the_type_that_was_asked_for(tmp_path: Path) -> None:
    from safetensors import safe_open

    write_qwen(tmp_path, dtype="bfloat16")
    with safe_open(tmp_path / "model.safetensors", "pt") as tensors:
        assert {tensors.get_tensor(name).dtype for name in tensors.keys()} == {torch.bfloat16}  # noqa: SIM118 - no mapping


def test_a_sam2_without_tracking_segments(tmp_path: Path) -> None:
    assert Sam2(str(write_sam2(tmp_path))).revision.startswith(str(tmp_path))


@pytest.mark.parametrize("write", [write_qwen, write_sam2])
def test_an_unknown_size_is_refused(write: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(UsageError, match="no size 'huge'; known: tiny, real"):
        write(tmp_path, "huge")


def test_the_sizes_are_those_of_the_file() -> None:
    for size in SIZES:
        assert sam2_config(size).vision_config.backbone_config.image_size[0] in {128, 1024}
