"""A layer that turns the patches of images into tokens: one product of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import Conv3d
from torch.nn.functional import linear

if TYPE_CHECKING:
    from torch import Tensor


class Patches(Conv3d):
    """A convolution whose kernel is a whole patch; the libraries are slow with such ones."""

    def forward(self, patches: Tensor) -> Tensor:
        """(patches, width, 1, 1, 1) of (patches, channels, frames, rows, columns)."""
        found = linear(patches.flatten(1), self.weight.flatten(1), self.bias)
        return found[..., None, None, None]


def multiply(layer: Conv3d) -> None:
    """Let `layer`, given single patches, be the product that it is; weights stay as they are."""
    if type(layer) is Conv3d and layer.stride == layer.kernel_size:
        layer.__class__ = Patches
