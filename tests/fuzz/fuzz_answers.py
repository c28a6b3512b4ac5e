"""Fuzz the readers of answers: `python tests/fuzz/fuzz_answers.py -runs=1000000`.

Needs atheris (extra `fuzz`). The first byte of an input chooses the grammar, the rest is the text;
every mode reads it, and `answercheck` says what must hold. Besides what libFuzzer takes, a folder
of golden answers may be named by SOCIOSEG_GOLDEN. The last line tells inputs, seconds and the
slowest input.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["socioseg.models.answers"]):
    from answercheck import check, check_written

    from socioseg.models.answers import GRAMMARS, Item, write

NAMES = list(GRAMMARS)
SLOW = 1.0
"""Seconds that no input may take to be read in all modes."""
WORDS = (
    *("<think>", "</think>", "<answer>", "</answer>", "<bbox>", "</bbox>", "<points>", "</points>"),
    *("<labels>", "</labels>", "```json", "```", "bbox_2d", "bbox", "points", "point_2d", "labels"),
    *("points_1", "points_2", "instances", "positive_points", "action", "drop", "keep", "id"),
    *("[[1, 2], [3, 4]]", "[1, 2, 3, 4]", "NaN", "Infinity", "1e400", "true", "null", "[{", "}]"),
)


class Tally:
    """How many inputs there were, how long they took, and which took longest."""

    def __init__(self, runs: int) -> None:
        self.runs, self.count, self.began = runs, 0, time.perf_counter()
        self.slowest, self.text, self.grammar = 0.0, "", ""

    def add(self, text: str, grammar: str, seconds: float) -> None:
        self.count += 1
        if seconds > self.slowest:
            self.slowest, self.text, self.grammar = seconds, text, grammar
        if self.count == self.runs:
            self.tell()

    def tell(self) -> None:
        spent = time.perf_counter() - self.began
        print(  # noqa: T201 - a script
            f"{self.count} inputs in {spent:.0f} s, no crash; slowest {1000 * self.slowest:.1f} ms:"
            f" {self.grammar}, {len(self.text)} characters, {self.text[:60]!r}",
            flush=True,
        )


def seeds() -> list[bytes]:
    """Answers in each grammar, and the golden ones where they are."""
    box, far = (10.0, 20.0, 300.0, 400.0), (500.0, 20.0, 700.0, 90.0)
    items = (Item(box, ((13.0, 24.0), (30.0, 40.0)), (1, 0)), Item(far, ((510.0, 30.0),), (1,)))
    found = [
        bytes([i]) + write(items, name, stage, "why").encode()
        for i, name in enumerate(NAMES)
        for stage in (1, 2)
    ]
    golden = Path(os.environ.get("SOCIOSEG_GOLDEN", ""))
    for path in sorted(golden.glob("released_stage*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        found += [b"\0" + row["response"].encode() for row in rows]
    return found


def main() -> None:
    given = dict(
        arg[1:].split("=", 1) for arg in sys.argv[1:] if arg.startswith("-") and "=" in arg
    )
    tally = Tally(int(given.get("runs", -1)))

    def one_input(data: bytes) -> None:
        grammar = NAMES[(data[0] if data else 0) % len(NAMES)]
        text = data[1:].decode(errors="surrogateescape")
        start = time.process_time()  # a busy machine is no fault of the text
        answer = check(text, grammar)
        seconds = time.process_time() - start
        assert seconds < SLOW, f"{seconds:.1f} s for {len(text)} characters"
        tally.add(text, grammar, seconds)
        if answer.repairs and answer.items:  # what was mended is worth a second look
            check_written(answer, grammar)

    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words.dict")
        corpus.mkdir()
        for i, seed in enumerate(seeds()):
            (corpus / str(i)).write_bytes(seed)
        words.write_text("".join(f'"{word}"\n' for word in WORDS))
        defaults = [f"-dict={words}", "-max_len=1024"]
        atheris.Setup([sys.argv[0], *defaults, *sys.argv[1:], str(corpus)], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
