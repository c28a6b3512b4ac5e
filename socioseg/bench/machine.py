"""On what a run was made: versions of what matters, and the hardware."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

import socioseg

_PACKAGES = (
    "numpy", "scipy", "pillow", "opencv-python-headless", "torch", "torchvision", "transformers",
    "accelerate", "segmentation-models-pytorch", "openai",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of this package, of Python, and of the packages that models stand on."""
    found = {"socioseg": socioseg.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, str | int]:
    """System, processor, cores and, where torch was loaded, the accelerators it sees."""
    found: dict[str, str | int] = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        count = torch.cuda.device_count()
        found["accelerators"] = ", ".join(torch.cuda.get_device_name(i) for i in range(count))
    return found


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a path of ours
            lines = [line for line in file if line.startswith("model name")]
    except OSError:
        lines = []
    return lines[0].partition(":")[2].strip() if lines else platform.processor()
