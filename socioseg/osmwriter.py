"""A writer of OSM files that fails with an exception, even where the disk is full."""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import osmium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def osm_writer(
    file: Path | osmium.io.File, header: osmium.io.Header | None = None
) -> Iterator[osmium.SimpleWriter]:
    """Yield osmium's writer to `file`, which is whole when the body has ended.

    Raises
    ------
    OSError
        If the system cannot write the file.
    """
    writer = None
    try:
        writer = osmium.SimpleWriter(file, header=header or osmium.io.Header())
        yield writer
        writer.close()
    except RuntimeError as error:
        if writer is not None:
            # Never to be deleted: the destructor of a writer that failed throws, which in C++
            # is the end of the process.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        number = _errno_in(str(error))
        if number is None:
            raise
        raise OSError(number, os.strerror(number)) from error


def _errno_in(text: str) -> int | None:
    """Number of the system's error that osmium tells by its text only."""
    return next((number for number in errno.errorcode if os.strerror(number) in text), None)
