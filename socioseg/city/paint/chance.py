"""Chance that is the same on every run: random numbers from a seed and an OSM id, nothing else."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLLS = 16


@lru_cache(maxsize=4096)
def rolls(seed: int, name: str) -> tuple[float, ...]:
    """Sixteen numbers in [0, 1) that depend on `seed` and `name` alone."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=4 * ROLLS).digest()
    return tuple(number / 2**32 for number in struct.unpack(f"<{ROLLS}I", digest))


def generator(seed: int, name: str) -> np.random.Generator:
    """Return a stream of random numbers that depends on `seed` and `name` alone."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def scatter(keys: NDArray[np.float64], serial: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers in [0, 1) that depend on `keys` (in [0, 1)) and `serial` alone (SplitMix64)."""
    state = (keys * 2.0**53).astype(np.uint64) + serial.astype(np.uint64) * np.uint64(
        0x9E3779B97F4A7C15
    )
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    numbers: NDArray[np.float64] = (state >> np.uint64(11)) / 2.0**53
    return numbers
