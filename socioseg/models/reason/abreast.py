"""Work on images that keeps several cores busy, while a GPU waits for it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 8
"""Threads; more would only wait for one another."""


def abreast(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`work` of each of `items`, in their order; Pillow and numpy run in threads side by side."""
    count = min(MOST, len(items), os.cpu_count() or 1)
    if count < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, items))
