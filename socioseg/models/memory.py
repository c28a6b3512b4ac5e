"""Memory that is full: what the libraries say in so many ways, told apart from other errors."""

from __future__ import annotations

import re

_GPU = re.compile(
    r"(CUDA|HIP|MPS backend) out of memory"
    r"|(CUDA|HIP) error: out of memory"
    r"|CU(BLAS|DNN|SOLVER)_STATUS_ALLOC_FAILED"
    r"|CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"
    r"|Cuda failure (\d+ )?'out of memory'"  # NCCL
    r"|Failed to CUDA (calloc|malloc)"  # NCCL too
)
_MACHINE = re.compile(
    r"DefaultCPUAllocator: (can't allocate memory|not enough memory)"
    r"|unable to mmap \d+ bytes .*Cannot allocate memory"
    r"|CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED"
)


def lacking(error: BaseException) -> str:
    """Whose memory was too small, "GPU" or "machine", if `error` says so; else ""."""
    import torch  # noqa: PLC0415 - an extra

    if isinstance(error, torch.OutOfMemoryError):
        return "GPU"
    if isinstance(error, MemoryError):
        return "machine"
    if not isinstance(error, RuntimeError):
        return ""
    places = {"GPU": _GPU, "machine": _MACHINE}
    return next((place for place, said in places.items() if said.search(str(error))), "")
