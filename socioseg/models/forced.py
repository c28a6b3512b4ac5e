"""Images forced to a square before a segmenter sees them, and masks brought back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.models.frames import Frame, resize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def force(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`image` as a square of `side` pixels; itself where `side` is 0."""
    return resize(image, Frame(side, side)) if side else image


def unforce(logits: Any, size: tuple[int, int], side: int) -> Any:  # noqa: ANN401 - tensors
    """Masks of an image of `size` from what a segmenter says of it at a low resolution.

    Parameters
    ----------
    logits
        (B, h, w) tensor of the whole image; above 0 is on the mask.
    size
        Height and width of the image.
    side
        Of the square to which it was forced, where the masks are cut, to be brought to `size` by
        the nearest pixel; 0 cuts them at `size` itself.

    Returns
    -------
    torch.Tensor
        (B, height, width) bool.
    """
    from torch.nn.functional import interpolate  # noqa: PLC0415 - an extra

    cut = (side, side) if side else size
    masks = interpolate(logits[:, None], cut, mode="bilinear", align_corners=False) > 0
    if cut != size:
        masks = interpolate(masks.float(), size, mode="nearest-exact") > 0
    return masks[:, 0]
