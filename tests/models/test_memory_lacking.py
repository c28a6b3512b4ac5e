"""Errors that say that memory is full are known by what they say; others are let alone."""

from __future__ import annotations

import numpy as np
import pytest

from socioseg.errors import UsageError
from socioseg.models.memory import lacking

torch = pytest.importorskip("torch")

FULL = [
    "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    "NCCL error in: NCCLUtils.cpp:94, unhandled cuda error\nCuda failure 2 'out of memory'",
    "ncclUnhandledCudaError: Call to CUDA function failed.\nFailed to CUDA calloc async 2432 bytes",
    "MPS backend out of memory (MPS allocated: 8.95 GB, other allocations: 80.00 MB)",
]
OTHERS = [
    "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`",
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
    "CUDA error: an illegal memory access was encountered",
    "NCCL error: unhandled system error\nLast error:\nConnection closed by remote peer",
    "Cuda failure 1 'invalid argument'",
    "unable to mmap 20 bytes from file <state.pt>: Permission denied (13)",
    "The size of tensor a (3) must match the size of tensor b (4)",
    "",
]


@pytest.mark.parametrize("said", FULL)
def test_a_gpu_that_is_full_is_known_by_what_its_libraries_say(said: str) -> None:
    assert lacking(RuntimeError(said)) == "GPU"
    assert lacking(torch.distributed.DistBackendError(said)) == "GPU"


def test_a_machine_that_is_full_is_known_too() -> None:
    for ask in (torch.empty, np.empty, bytearray):
        with pytest.raises((RuntimeError, MemoryError)) as caught:
            ask(10**15)
        assert lacking(caught.value) == "machine"
    told = "unable to mmap 40001605 bytes from file </out/state.pt>: Cannot allocate memory (12)"
    assert lacking(RuntimeError(told)) == "machine"


@pytest.mark.parametrize("said", OTHERS)
def test_other_errors_say_nothing_of_memory(said: str) -> None:
    assert lacking(RuntimeError(said)) == ""


def test_an_error_that_was_told_already_is_another_matter() -> None:
    assert lacking(UsageError("It does not fit (CUDA out of memory).")) == ""
    assert lacking(torch.OutOfMemoryError()) == "GPU"
