"""The pixels in which a model gives coordinates: each model declares them, nothing guesses.

A rule names them. `sample`: those of the sample's own images. `resized`: those of the image as
Qwen2.5-VL resizes it (768 becomes 756). `square`: those of a square of a fixed side, such as 840.
`relative`: 0 to 1000 across the image, whatever its size (Qwen3-VL).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from socioseg.errors import UsageError
from socioseg.recipe import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from socioseg.models.base import Point

FloatBox = tuple[float, float, float, float]
"""xyxy, continuous: x1 and y1 are where the box ends, the far edge of its last pixel."""
Size = tuple[int, int]
"""Height and width in pixels."""

MAX_ASPECT = 200
"""The longest image that Qwen takes, as a ratio of its sides."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Coordinates from (0, 0), the image's upper left corner, to (`width`, `height`).

    They are continuous: a pixel is a square of side 1, its centre at .5, and a box ends where its
    last pixel ends. So a change of frame is a change of scale, and nothing is rounded.
    """

    width: int
    height: int

    @overload
    def to_sample(self, xy: Point, size: Size) -> Point: ...
    @overload
    def to_sample(self, xy: FloatBox, size: Size) -> FloatBox: ...
    def to_sample(self, xy: Sequence[float], size: Size) -> Any:
        """A point (x, y) or a box (xyxy) of this frame, in pixels of a sample of `size`."""
        return _scaled(xy, size[1] / self.width, size[0] / self.height)

    @overload
    def from_sample(self, xy: Point, size: Size) -> Point: ...
    @overload
    def from_sample(self, xy: FloatBox, size: Size) -> FloatBox: ...
    def from_sample(self, xy: Sequence[float], size: Size) -> Any:
        """A point (x, y) or a box (xyxy) in pixels of a sample of `size`, in this frame."""
        return _scaled(xy, self.width / size[1], self.height / size[0])


def frame_of(rule: str, size: Size, **options: int) -> Frame:
    """The frame in which a model of this `rule` answers about images of `size`.

    Parameters
    ----------
    rule
        One of `RULES`.
    size
        Height and width of the sample.
    **options
        `resized`: those of `smart_resize`; `square`: `side`, `relative`: `scale`, and for both
        those of `smart_resize`, which only `shown_of` heeds; `sample`: none.

    Raises
    ------
    UsageError
        If there is no such rule, it has no such option, or the image is too long for it.
    """
    return _rule(rule, size, options)[0]


def shown_of(rule: str, size: Size, **options: int) -> Frame:
    """The frame of the image that such a model is shown, to `resize` to; see `frame_of`.

    It differs from the frame of the answers for `relative`, and for a `square` whose side Qwen
    would change: asked in pixels of 768, it is shown 756.
    """
    return _rule(rule, size, options)[1]


def resize(image: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """The image as wide and high as `frame`, by Pillow's bicubic filter, as Qwen's own.

    Parameters
    ----------
    image
        (H, W, 3) uint8, RGB; itself where it has that size already.
    """
    from PIL import Image  # noqa: PLC0415 - answers need frames, not images

    if image.shape[:2] == (frame.height, frame.width):
        return image
    size = (frame.width, frame.height)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def smart_resize(
    height: int,
    width: int,
    factor: int = 28,
    min_pixels: int = 56 * 56,
    max_pixels: int = 1280 * 28 * 28,
) -> Size:
    """Height and width to which Qwen's image processors resize an image.

    Both become the nearest multiples of `factor` (halves to the even one); where their product
    leaves `min_pixels` .. `max_pixels`, the image is scaled to that bound first, and the sides are
    then rounded to the inner side of it.

    Raises
    ------
    UsageError
        If one side is more than 200 times the other, or one is not positive.
    """
    if min(height, width) < 1 or max(height, width) > MAX_ASPECT * min(height, width):
        raise UsageError(
            f"An image of {width} x {height} pixels cannot be shown to the model: "
            f"its sides must be positive, and neither over {MAX_ASPECT} times the other."
        )
    rows, columns = round(height / factor), round(width / factor)
    if rows * columns * factor**2 > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        rows = max(1, math.floor(height / shrink / factor))
        columns = max(1, math.floor(width / shrink / factor))
    elif rows * columns * factor**2 < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        rows = math.ceil(height * grow / factor)
        columns = math.ceil(width * grow / factor)
    return rows * factor, columns * factor


def _resized(size: Size, **options: int) -> tuple[Frame, Frame]:
    height, width = smart_resize(*size, **options)
    return Frame(width, height), Frame(width, height)


def _square(_size: Size, side: int = 840, **options: int) -> tuple[Frame, Frame]:
    return Frame(side, side), _resized((side, side), **options)[1]


def _relative(
    size: Size, scale: int = 1000, factor: int = 32, **options: int
) -> tuple[Frame, Frame]:
    return Frame(scale, scale), _resized(size, factor=factor, **options)[1]


def _sample(size: Size) -> tuple[Frame, Frame]:
    return Frame(size[1], size[0]), Frame(size[1], size[0])


RULES: dict[str, Callable[..., tuple[Frame, Frame]]] = {
    "sample": _sample,
    "resized": _resized,
    "square": _square,
    "relative": _relative,
}
"""For each rule the frame of the answers, and of the image that the model is shown."""


def _rule(rule: str, size: Size, options: dict[str, int]) -> tuple[Frame, Frame]:
    if rule not in RULES:
        raise UsageError(f"There is no frame rule {rule!r}{hint(rule, RULES)}")
    try:
        return RULES[rule](size, **options)
    except TypeError as error:
        raise UsageError(f"Frame rule {rule!r} cannot take these options: {error}.") from error


def _scaled(xy: Sequence[float], across: float, down: float) -> tuple[float, ...]:
    return tuple(v * (down if i % 2 else across) for i, v in enumerate(xy))
