"""What every source of imagery offers: pixels of a window, and the licence they come under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from socioseg.sample import Bounds, Window

Redistribute = Literal["yes", "no", "ask"]


@dataclass(frozen=True)
class ImagerySource:
    """Where pixels come from and what may be done with them; travels with every row.

    `license` is an SPDX id where one exists, `date` the ISO date or year of the pictures
    where it is known.
    """

    id: str
    license: str
    license_url: str
    attribution: str
    redistribute: Redistribute
    date: str = ""


class Imagery(Protocol):
    """One source of imagery, opened in one process."""

    source: ImagerySource

    @property
    def coverage(self) -> Bounds | None:
        """Extent in EPSG:3857 (xmin, ymin, xmax, ymax); None where it is not known or endless."""

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Pixels of `window`: (size, size, 3), RGB.

        Raises
        ------
        SampleError
            With the report's word for why there are none (`no_imagery`, `blank_imagery`,
            `http_404`, `timeout`, `corrupt_tile`, ...).
        """
