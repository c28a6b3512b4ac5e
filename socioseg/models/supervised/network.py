"""UNet and SegFormer as one kind of module: images in, one map of logits for each channel out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from socioseg.errors import ServiceError, UsageError
from socioseg.models.supervised.pixels import MEAN, STD
from socioseg.models.supervised.spec import SegformerSpec, UnetSpec

if TYPE_CHECKING:
    from torch import Tensor

    from socioseg.models.supervised.spec import Spec


class Network(nn.Module):
    """A network and what it expects of its images.

    Parameters
    ----------
    spec
        Says which.
    pretrained
        Whether to begin with the weights that `spec` names, which may be downloaded.

    Raises
    ------
    UsageError
        If the library knows no such architecture.
    ServiceError
        If the pretrained weights cannot be got.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, spec: Spec, *, pretrained: bool = False) -> None:
        super().__init__()
        self.exclusive = spec.setting == "multi-class"
        images = spec.bands // 3
        self.register_buffer("mean", torch.tensor(MEAN * images).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD * images).view(-1, 1, 1), persistent=False)
        self.body = _body(spec, pretrained=pretrained)

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits (N, channels, H, W) of `pixels`, (N, bands, H, W) in 0 to 1."""
        found = self.body((pixels - self.mean) / self.std)
        logits: Tensor = found if isinstance(found, torch.Tensor) else found.logits
        if logits.shape[-2:] == pixels.shape[-2:]:
            return logits
        return functional.interpolate(logits, pixels.shape[-2:], mode="bilinear")


def architecture(network: Network, spec: Spec) -> Spec:
    """`spec` as it is built again: without pretrained weights, its configuration spelt out."""
    part = spec.network
    if isinstance(part, UnetSpec):
        bare: UnetSpec | SegformerSpec = part.model_copy(update={"weights": None})
    else:
        full = network.body.config.to_diff_dict()  # type: ignore[union-attr, operator]
        kept = {key: full[key] for key in sorted(full) if key in _segformer_keys()}
        bare = SegformerSpec(kind="segformer", config=kept)
    return spec.model_copy(update={"network": bare})


def _body(spec: Spec, *, pretrained: bool) -> nn.Module:
    part = spec.network
    if isinstance(part, UnetSpec):
        return _unet(part, spec, part.weights if pretrained else None)
    return _segformer(part, spec, part.pretrained if pretrained else "")


def _unet(part: UnetSpec, spec: Spec, weights: str | None) -> nn.Module:
    import segmentation_models_pytorch as smp  # noqa: PLC0415 - only a UNet needs it

    depth = len(part.decoder)
    if spec.size % 2**depth:
        raise UsageError(
            f"size = {spec.size}: a UNet of {depth} stages needs a multiple of {2**depth}."
        )
    try:
        found: nn.Module = smp.Unet(
            part.encoder,
            encoder_depth=depth,
            encoder_weights=weights,
            decoder_channels=part.decoder,
            in_channels=spec.bands,
            classes=spec.channels,
        )
    except (KeyError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"network.encoder = {part.encoder!r} with weights {weights!r}: {_line(error)}."
        ) from error
    except OSError as error:
        raise _no_weights(f"{weights} of {part.encoder}", error) from error
    return found


def _segformer(part: SegformerSpec, spec: Spec, pretrained: str) -> nn.Module:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation  # noqa: PLC0415

    shape: dict[str, Any] = {"num_channels": spec.bands, "num_labels": spec.channels}
    wrong = sorted(set(part.config) - _segformer_keys())
    if wrong:
        raise UsageError(f"network.config: SegFormer has no {wrong[0]!r}; see SegformerConfig.")
    if not pretrained:
        config = SegformerConfig(**(part.config | shape))
        network: nn.Module = SegformerForSemanticSegmentation(config)
        return network
    try:
        network = SegformerForSemanticSegmentation.from_pretrained(
            pretrained,
            revision=part.revision or "main",
            ignore_mismatched_sizes=True,
            use_safetensors=True,
            **(part.config | {"num_labels": spec.channels}),
        )
    except OSError as error:
        raise _no_weights(pretrained, error) from error
    if spec.bands > 3:
        _widen(network, spec.bands)
    return network


def _segformer_keys() -> set[str]:
    from transformers import SegformerConfig  # noqa: PLC0415

    own = set(SegformerConfig().to_dict()) - {"id2label", "label2id", "num_channels", "num_labels"}
    return {key for key in own if not key.startswith("_") and key not in {"dtype", "architectures"}}


def _widen(network: nn.Module, bands: int) -> None:
    """Give the first layer more bands: its weights repeated, and scaled to the same sums."""
    first = next(part for part in network.modules() if isinstance(part, nn.Conv2d))
    repeats = bands // first.in_channels
    weight = first.weight.detach().repeat(1, repeats, 1, 1) / repeats
    first.in_channels, first.weight = bands, nn.Parameter(weight)
    network.config.num_channels = bands  # type: ignore[union-attr]


def _no_weights(what: str, error: Exception) -> ServiceError:
    return ServiceError(
        f"The pretrained weights {what} cannot be got ({_line(error)}): check name and network, or"
        " begin without them."
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
