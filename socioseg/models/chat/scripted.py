"""A chat engine that answers from a script: for tests, demos, and replays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from socioseg.errors import UsageError
from socioseg.models.chat.engine import OK, Prompt, Reply
from socioseg.models.registry import import_class
from socioseg.recipe import Strict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Line(Strict):
    """One answer: `text`, or a `status` other than "ok" with its `detail`.

    With `when`, it answers any prompt whose text holds that, as often as asked; without, it
    answers one prompt, in the order of the script.
    """

    text: str = ""
    status: str = OK
    detail: str = ""
    when: str | None = None

    def reply(self) -> Reply:
        """As an engine gives it."""
        return Reply(self.text, self.status, self.detail)


_SCRIPT = TypeAdapter(list[str | Line])


class Scripted:
    """Answers what it was told to; the same prompts in the same order get the same replies.

    Parameters
    ----------
    answers
        A function of the prompt that returns a text or a `Reply`; `package.module:function` for
        one; or a list of texts and of mappings with the fields of `Line`.
    file
        In place of `answers`: a JSON Lines file, each line a string or such a mapping.

    Raises
    ------
    UsageError
        If neither or both are given, or they cannot be read.
    """

    def __init__(
        self,
        answers: Callable[[Prompt], str | Reply] | Sequence[Any] | str | None = None,
        *,
        file: str | Path | None = None,
    ) -> None:
        if (answers is None) == (file is None):
            raise UsageError("A scripted chat engine takes either `answers` or `file`.")
        script = _read(Path(file)) if file is not None else answers
        if isinstance(script, str):
            self.revision, script = script, import_class(script, "scripted chat engine")
        elif callable(script):
            self.revision = "scripted"
        else:
            script = _Lines(_check(script))
            self.revision = f"scripted-{script.digest}"
        self._answer = script

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply for each of `prompts`; "no_answer" where the script has none."""
        answers = [self._answer(prompt) for prompt in prompts]
        return [answer if isinstance(answer, Reply) else Reply(answer) for answer in answers]


@dataclass
class _Lines:
    lines: list[Line]
    used: int = 0

    def __post_init__(self) -> None:
        self._in_order = [line for line in self.lines if line.when is None]

    @property
    def digest(self) -> str:
        """Of the script, and of nothing else."""
        return sha256(_SCRIPT.dump_json(list(self.lines))).hexdigest()[:12]

    def __call__(self, prompt: Prompt) -> Reply:
        for line in self.lines:
            if line.when is not None and line.when in prompt.text:
                return line.reply()
        if self.used == len(self._in_order):
            return Reply("", "no_answer", f"the script's {self.used} answers in order are used up")
        self.used += 1
        return self._in_order[self.used - 1].reply()


def _check(script: Any) -> list[Line]:  # noqa: ANN401 - what a recipe holds
    try:
        found = _SCRIPT.validate_python(script)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(
            f"Answer {first['loc'][0] if first['loc'] else ''} of the script is neither a text nor"
            f" a mapping with text, status, detail, when: {first['msg']}."
        ) from error
    return [Line(text=line) if isinstance(line, str) else line for line in found]


def _read(path: Path) -> list[Any]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The script {path} cannot be read: {error}") from error
    script = []
    for number, line in enumerate(lines, 1):
        try:
            script += [json.loads(line)] if line.strip() else []
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: not JSON ({error}).") from error
    return script
