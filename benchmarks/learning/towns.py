"""Make the procedural towns of the learning experiment, each split a town of its own.

    python benchmarks/learning/towns.py --out out/learning [--train 3] [--size 12000]
    python benchmarks/learning/towns.py --out out/other --test 308

The towns of training, validation and test have different seeds, so they share neither ground nor
names. Windows are of 192 pixels at zoom 17, 229 m a side; queries are the ten functions; a place
covers at least 3 % of its window, and samples of more than one place are left out. `grey` and
`night` beside the towns are the test town with other maps. `--test` makes a test town of that seed,
and nothing to learn from: what `ladder.py --test` asks for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST = 1
"""Places of a sample."""
SEEDS = {"train": 301, "train2": 304, "train3": 305, "validation": 302, "test": 307}
SHARES = {"train": "0.9,0.05,0.05", "validation": "0.05,0.9,0.05", "test": "0.05,0.05,0.9"}
SETTINGS = (
    "size=192",
    "levels=[function]",
    "aois.poi_buildings=false",
    "windows.jitter=0.4",
    "limits.min_share=0.03",
    "limits.max_per_class=900",
    "limits.max_samples=20000",
    "negatives=0",
)
SMALLEST = 1500
"""Metres a side that a town has at least."""
STYLES = ("grey", "night")


def main() -> None:
    """Build, cut down, and put each split in its place."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/learning"))
    parser.add_argument("--train", type=int, default=3, choices=range(1, 4), help="towns to learn")
    parser.add_argument("--size", type=int, default=12_000, help="metres, of a town to learn")
    parser.add_argument("--test", type=int, help="seed of another town, to test on only")
    args = parser.parse_args()
    sizes = dict.fromkeys(list(SEEDS)[: args.train], args.size)
    sizes |= {"validation": max(SMALLEST, args.size // 3), "test": args.size}
    if args.test is not None:
        sizes = {"test": args.size}
    for name, size in sizes.items():
        split = name.rstrip("0123456789")
        built = args.out / "built" / name / "socioseg"
        seed = SEEDS[name] if args.test is None else args.test
        build(seed, size, split, built)
        cut_down(built, split, args.out / "towns" / "data" / f"{split}-{name}.parquet")
    for style in STYLES:
        redrawn = args.out / "built" / style / "socioseg"
        socioseg("redraw", args.out / "built/test/socioseg", "--style", style, "--out", redrawn)
        cut_down(redrawn, "test", args.out / style / "data" / f"test-{style}.parquet")


def build(seed: int, size: int, split: str, out: Path) -> None:
    """The dataset of one town; what is there already is only verified to be whole."""
    settings = [*SETTINGS, f"town.seed={seed}", f"town.size={size}"]
    settings.append(f"split.shares=[{SHARES[split]}]")
    changes = [part for setting in settings for part in ("--set", setting)]
    socioseg("build", "--region", "demo", "--zoom", 17, *changes, "--out", out)


def cut_down(built: Path, split: str, out: Path) -> None:
    """Copy the samples of `split` that mean up to `MOST` places."""
    out.parent.mkdir(parents=True, exist_ok=True)
    tables = [pq.read_table(path) for path in sorted(built.glob(f"data/*/{split}-*.parquet"))]
    kept = [table.filter(pc.less_equal(table["instances"], MOST)) for table in tables]
    pq.write_table(kept[0], out, compression="none", row_group_size=64)
    print(f"{out}: {kept[0].num_rows} of {tables[0].num_rows} samples")


def socioseg(*words: object) -> None:
    """Run the command line in a process of its own."""
    code = "import sys; from socioseg.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)


if __name__ == "__main__":
    main()
