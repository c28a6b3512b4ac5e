"""Metrics of masks by plain loops over pixels: slow, and written from the definitions alone."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Pixels = set[tuple[int, int]]


def read(lines: Iterable[str]) -> Mask:
    """The mask of lines in which # is True."""
    return np.array([[letter == "#" for letter in line] for line in lines], dtype=bool)


def square(y: int, x: int, side: int, size: int = 64) -> Mask:
    """A mask of `size` with one square."""
    mask = np.zeros((size, size), dtype=bool)
    mask[y : y + side, x : x + side] = True
    return mask


def pixels(mask: Mask) -> Pixels:
    return {(y, x) for y, row in enumerate(mask.tolist()) for x, value in enumerate(row) if value}


def instances(mask: Mask) -> list[Pixels]:
    """8-connected components of more than 10 pixels, by flood."""
    left, found = pixels(mask), []
    while left:
        stack, component = [left.pop()], set()
        while stack:
            y, x = stack.pop()
            component.add((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            stack += near
        found.append(component)
    return [component for component in found if len(component) > 10]


def best_total(pred: list[Pixels], true: list[Pixels]) -> float:
    """Greatest sum of IoU over all ways to pair instances one to one."""
    few, many = sorted((pred, true), key=len)
    ways = itertools.permutations(many, len(few))
    return max(sum(len(a & b) / len(a | b) for a, b in zip(few, way, strict=True)) for way in ways)


def boundary(mask: Mask, distance: int) -> Pixels:
    """Pixels of a mask with background, or the outside, in the square around them."""
    height, width = mask.shape
    reach = range(-distance, distance + 1)

    def deep(y: int, x: int) -> bool:
        return all(
            0 <= y + dy < height and 0 <= x + dx < width and mask[y + dy, x + dx]
            for dy in reach
            for dx in reach
        )

    return {(y, x) for y, x in pixels(mask) if not deep(y, x)}


def boundary_distance(mask: Mask) -> int:
    """2 % of the diagonal, at least a pixel."""
    return max(1, round(0.02 * math.sqrt(mask.shape[0] ** 2 + mask.shape[1] ** 2)))
