"""Networks that begin with weights of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from socioseg.errors import ServiceError, UsageError
from socioseg.models.supervised.folder import load, save
from socioseg.models.supervised.network import Network, architecture
from socioseg.models.supervised.spec import SegformerSpec, Spec, UnetSpec

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = {
    "hidden_sizes": [8, 8, 16, 16],
    "depths": [1, 1, 1, 1],
    "num_attention_heads": [1, 1, 2, 2],
    "decoder_hidden_size": 16,
}


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A SegFormer of 19 classes, as the Hub would give it."""
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    torch.manual_seed(3)
    config = SegformerConfig(num_labels=19, **SHAPE)
    SegformerForSemanticSegmentation(config).save_pretrained(tmp_path / "theirs")
    return tmp_path / "theirs"


@pytest.mark.parametrize("inputs", ["satellite", "satellite+map"])
def test_weights_are_taken_over_and_built_again(theirs: Path, tmp_path: Path, inputs: str) -> None:
    from transformers import SegformerForSemanticSegmentation

    part = SegformerSpec(kind="segformer", pretrained=str(theirs))
    spec = Spec.model_validate({"network": part, "inputs": inputs, "size": 64})
    network = Network(spec, pretrained=True).eval()
    built = architecture(network, spec)
    assert isinstance(built.network, SegformerSpec)
    assert (built.network.pretrained, built.network.config["hidden_sizes"]) == ("", [8, 8, 16, 16])
    original = SegformerForSemanticSegmentation.from_pretrained(theirs).eval()
    image = torch.rand(1, 3, 64, 64)
    one = original.segformer(image).last_hidden_state
    twice = network.body.segformer(image.repeat(1, spec.bands // 3, 1, 1)).last_hidden_state  # type: ignore[union-attr, operator]
    assert torch.allclose(one, twice, atol=1e-4)
    save(tmp_path / "out", network, built, "Theirs")
    pixels = torch.rand(1, spec.bands, 64, 64)
    with torch.inference_mode():
        assert torch.equal(load(tmp_path / "out").network(pixels), network(pixels))


@pytest.mark.parametrize(
    ("part", "error", "sentence"),
    [
        (SegformerSpec(kind="segformer", pretrained="no/such/folder"), ServiceError, "no/such"),
        (UnetSpec(kind="unet", encoder="resnet18", weights="imagenett"), UsageError, "imagenett"),
        (UnetSpec(kind="unet", encoder="resnet18", weights="imagenet"), ServiceError, "cannot be"),
    ],
)
def test_weights_that_are_not_there(
    part: UnetSpec | SegformerSpec,
    error: type[Exception],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(error, match=sentence) as caught:
        Network(Spec(network=part, size=64), pretrained=True)
    assert "\n" not in str(caught.value)
