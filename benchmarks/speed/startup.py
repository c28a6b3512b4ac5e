"""Time to start `socioseg --help`, against that of importing torch.

The two run in turn, each in a process of its own; the medians count.

Target: no more than 0.35 times the import; exit code 1 where it takes more.

Example: python benchmarks/speed/startup.py --rounds 15
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

TARGET = 0.35
HELP = "import sys; sys.argv = ['socioseg', '--help']; from socioseg.cli import main; main()"
TORCH = "import torch"


def seconds(code: str) -> float:
    """Time of a Python process that runs `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(rounds: int) -> dict[str, float]:
    """Median seconds of both, and their ratio."""
    seconds(HELP), seconds(TORCH)  # the first of each warms the file cache
    pairs = [(seconds(HELP), seconds(TORCH)) for _ in range(rounds)]
    shown, torch = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {"help_s": shown, "torch_s": torch, "ratio": shown / torch, "target": TARGET}


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9, help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    found = measure(given.rounds)
    text = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    print(json.dumps(found) if given.json else text)
    return int(found["ratio"] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
