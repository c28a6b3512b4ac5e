"""Teach a tiny policy from nothing, rung by rung, and tell what each rung brought from chance.

    python benchmarks/learning/ladder.py --data out/learning --out out/ladder [--smoke] [--seed 0]
        [--rungs one one-form one-grpo] [--test out/other]

The rungs, each a `socioseg train` that goes on where it was stopped: `warm` (a dense answer for
every patch), `first` (true answers of the first stage), `both` (of both stages, the numbers in them
weighing more), `form` (nothing weighs more), and from the same weights `grpo` (as the paper has
it), `divided` (advantages divided by the deviation of their group, and no token drawn from the last
2 %) and, to tell rewards from mere practice, `more` (fine-tuning goes on for about as long). Beside
them climbs VisionReasoner's way of one stage: `one` and `one-form` by true answers from `first`,
and `one-grpo` by its own rewards. What the last rungs make of an unseen town, and of the same town
under another map, is compared.

`--smoke` runs through all of it in minutes, on few samples, and learns next to nothing. `--rungs`
climbs some alone, so that several processes can share the work, and compares nothing. `--test`
climbs nothing, and compares on another town, from `towns.py --test`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

FORM = {"learning_rate": 3e-4, "steps": 240, "evaluations": 3, "numbers": 1}
MORE = {"learning_rate": 2e-4, "steps": 1200, "evaluations": 10, "patience": 10, "numbers": 1}
RUNGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "warm": ("tiny", "warm", {}),
    "first": ("warm", "sft", {"lessons.stages": 1, "batch_size": 32, "steps": 600}),
    "both": ("first", "sft", {"learning_rate": 7e-4, "steps": 900}),
    "form": ("both", "sft", FORM),
    "grpo": ("form", "grpo", {}),
    "divided": ("form", "grpo", {"divide_by_std": "true", "top_p": 0.98}),
    "more": ("form", "sft", MORE),
    "one": ("first-one", "sft", {"learning_rate": 7e-4, "steps": 900}),
    "one-form": ("one", "sft", FORM),
    "one-grpo": ("one-form", "grpo", {}),
}
"""For each rung what it begins with, the method, and settings in place of the recipe's."""
FEW_QUERIES = {"steps": 4, "evaluations": 1, "queries": 4}
SMOKE: dict[str, dict[str, Any]] = {
    "warm": {"tower_steps": 40, "steps": 20},
    "first": {"steps": 30, "evaluations": 2},
    "both": {"steps": 30, "evaluations": 2},
    "one": {"steps": 30, "evaluations": 2},
    "grpo": FEW_QUERIES,
    "divided": FEW_QUERIES,
    "one-grpo": FEW_QUERIES,
}
SHORT = {"steps": 4, "evaluations": 1}
FEW = 8
"""Samples that `--smoke` looks at in a validation and in a run."""
PLACES = ("towns", "grey")
RUNS: dict[str, tuple[str, ...]] = {
    "centre": (),
    "form": (),
    "grpo": (),
    "more": (),
    "divided": (),
    "divided-stage1": ("--set", "stages=1"),
    "one-form": (),
    "one-grpo": (),
}
COMPARED = (
    ("form", "centre"),
    ("grpo", "form"),
    ("divided", "form"),
    ("more", "form"),
    ("divided", "more"),
    ("divided", "divided-stage1"),
    ("one-grpo", "one-form"),
    ("divided", "one-grpo"),
)


def main() -> None:
    """Train, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("out/learning"))
    parser.add_argument("--out", type=Path, default=Path("out/ladder"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--rungs", nargs="+", choices=RUNGS, help="climb these and no more")
    part.add_argument("--test", type=Path, help="climb none, and compare on these towns")
    args = parser.parse_args()
    for name in () if args.test else args.rungs or RUNGS:
        climb(name, args)
    for place in () if args.rungs else PLACES:
        measure(place, args)


def climb(name: str, args: argparse.Namespace) -> None:
    """Train one rung."""
    start, method, settings = RUNGS[name]
    changes = {"seed": args.seed, **settings}
    if args.smoke:
        changes |= {**SMOKE.get(name, SHORT), "validation_limit": FEW}
    if start == "first-one":
        of_one_stage(args.out / "first", args.out / start)
    model = start if start == "tiny" else args.out / start
    given = ("--model", model, "--method", method, "--dataset", args.data / "towns")
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    socioseg("train", *given, "--device", "cpu", "--out", args.out / name, *words)


def of_one_stage(trained: Path, out: Path) -> None:
    """The model in `trained` as one that answers as VisionReasoner does, to be taught that."""
    shutil.copytree(trained, out, dirs_exist_ok=True)
    path = out / "model.yaml"
    recipe = yaml.safe_load(path.read_text("utf-8"))
    recipe["options"] |= {"family": "visionreasoner", "prompts": {"locate": "find $query"}}
    path.write_text(yaml.safe_dump(recipe, sort_keys=False), "utf-8")


def measure(place: str, args: argparse.Namespace) -> None:
    """Run the rungs on the test town, and tell their differences from chance."""
    data, out = args.data, args.out / "runs"
    if args.test:
        data, out = args.test, out / args.test.name
    runs = {name: out / place / name for name in RUNS}
    if place != "towns" or args.test:
        runs.pop("centre")  # it looks at no map, and learns from towns to train on
    limit = ("--limit", FEW) if args.smoke else ()
    for name, run in runs.items():
        model = name if name == "centre" else args.out / name.removesuffix("-stage1")
        given = ("--model", model, "--dataset", data / place, "--out", run)
        socioseg("bench", *given, *limit, *RUNS[name])
    for one, other in COMPARED:
        if {one, other} <= runs.keys():
            print(f"\n{place}: {one} against {other}", flush=True)
            socioseg("compare", runs[one], runs[other])


def socioseg(*words: object) -> None:
    """Run the command line in a process of its own."""
    code = "import sys; from socioseg.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)


if __name__ == "__main__":
    main()
