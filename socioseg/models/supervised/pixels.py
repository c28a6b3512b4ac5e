"""The images of a query as a network takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.models.supervised.spec import Spec
    from socioseg.sample import Query

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Of ImageNet, as all pretrained encoders expect; for map images too."""


def query_pixels(query: Query, spec: Spec) -> NDArray[np.uint8]:
    """Images of `query`, (bands, size, size): the satellite image's RGB, then the map's."""
    images = (query.sat, query.map)[: spec.bands // 3]
    square = (spec.size, spec.size)
    resized = [np.asarray(Image.fromarray(i).resize(square, Image.Resampling.BOX)) for i in images]
    return np.ascontiguousarray(np.concatenate(resized, axis=2).transpose(2, 0, 1))


def mask_pixels(mask: NDArray[np.bool_], spec: Spec) -> NDArray[np.uint8]:
    """(size, size): the share of each pixel that `mask` covers, 0 to 255."""
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(image.resize((spec.size, spec.size), Image.Resampling.BOX))
