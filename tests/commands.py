"""The command line in this process: what it says, and how it ends."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from socioseg import cli

SMALL = ("--set", "town.size=2000", "--set", "limits.max_samples=6", "--set", "size=128")
DEMO = ("--region", "demo", *SMALL)
"""The smallest build of the demo."""


class Said(NamedTuple):
    """Exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str


def say(capfd: pytest.CaptureFixture[str], *words: str) -> Said:
    """Run `socioseg WORDS`; what it does not catch is raised, as a traceback would be shown."""
    before, sys.argv = sys.argv, ["socioseg", *words]
    capfd.readouterr()
    try:
        with pytest.raises(SystemExit) as end:
            cli.main()
    finally:
        sys.argv = before
    return Said(int(end.value.code or 0), *capfd.readouterr())


def refused(said: Said, code: int, sentence: str) -> None:
    """One line that begins with "error:" and holds `sentence`, and nothing made."""
    (line,) = said.err.splitlines()
    assert re.search(sentence, line), line
    assert line.startswith("error: ")
    assert (said.code, said.out) == (code, "")
    assert not Path("out").exists()
