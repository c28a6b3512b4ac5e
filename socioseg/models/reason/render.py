"""Draw boxes and a mask on an image, for a model to look at its own first answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Rgb = tuple[int, int, int]

LABEL_SIZE = 20
"""Height in pixels of the numbers beside boxes."""


class Pen(NamedTuple):
    """How to draw; the default is what the released code of SocioReasoner draws.

    `width` is of a box's outline in pixels, `alpha` the weight of the mask's colour: 102 / 255 =
    0.4. The mask lies over the lines.
    """

    line: Rgb = (0, 0, 255)
    fill: Rgb = (255, 0, 0)
    width: int = 2
    alpha: float = 0.4


PEN = Pen()


def render(
    image: NDArray[np.uint8],
    boxes: Sequence[Sequence[float]],
    mask: NDArray[np.bool_] | None = None,
    labels: Sequence[str] = (),
    pen: Pen = PEN,
) -> NDArray[np.uint8]:
    """`image` with the outlines of `boxes`, their `labels`, and `mask` blended over them.

    Parameters
    ----------
    image
        (H, W, 3) uint8, RGB; it stays as it is.
    boxes
        xyxy in pixels of `image`, x1 and y1 exclusive. The outline is the outermost `pen.width`
        pixels of the box; what lies outside the image is cut off.
    mask
        (H, W), or of another size, which is brought to that of the image by nearest neighbour.
    labels
        For each box a short text at its upper left corner; none by default.
    """
    drawn = Image.fromarray(image).copy()
    brush = ImageDraw.Draw(drawn)
    for box in boxes:
        x0, y0, x1, y1 = (round(value) for value in box)
        if x1 > x0 and y1 > y0:
            brush.rectangle((x0, y0, x1 - 1, y1 - 1), outline=pen.line, width=pen.width)
    for box, label in zip(boxes, labels, strict=False):
        brush.text((box[0] + pen.width + 1, box[1]), label, pen.line, font_size=LABEL_SIZE)
    pixels = np.asarray(drawn)
    return pixels if mask is None else _blend(pixels, fit_mask(mask, image.shape[:2]), pen)


def fit_mask(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """`mask` at `size`, height and width, by nearest neighbour; each pixel's centre decides."""
    if mask.shape == size:
        return mask
    rows, columns = (_nearest(*pair) for pair in zip(mask.shape, size, strict=True))
    fitted: NDArray[np.bool_] = mask[np.ix_(rows, columns)]
    return fitted


def _nearest(old: int, new: int) -> NDArray[np.intp]:
    return ((2 * np.arange(new) + 1) * old) // (2 * new)


def _blend(pixels: NDArray[np.uint8], mask: NDArray[np.bool_], pen: Pen) -> NDArray[np.uint8]:
    blended, shades = pixels.copy(), np.arange(256)
    for channel, ink in enumerate(pen.fill):
        table = np.rint((1 - pen.alpha) * shades + pen.alpha * ink).astype(np.uint8)
        np.copyto(blended[..., channel], table[pixels[..., channel]], where=mask)
    return blended
