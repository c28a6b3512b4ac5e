"""A chat that says what it is told, and keeps it as a sampler does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models.reason.scripted import Chat, reasoner

from socioseg.train.grpo.judge import Judge
from socioseg.train.grpo.rollout import Rollout
from socioseg.train.grpo.sampler import Written
from socioseg.train.grpo.settings import GrpoSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socioseg.models.chat.engine import Prompt, Reply


class TalkingChat(Chat):
    """See `Chat`; `keeping` is that of `Sampler`."""

    kept: list[Written] | None = None

    @contextmanager
    def keeping(self) -> Iterator[list[Written]]:
        """Keep what is asked and said."""
        self.kept = kept = []
        yield kept
        self.kept = None

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """Replies of one token each."""
        replies = super().ask(prompts)
        if self.kept is not None:
            self.kept += [Written(prompt, [1], [0.0], 9) for prompt in prompts]
        return replies


def rollout(chat: TalkingChat, family: str = "socioreasoner", **settings: Any) -> Rollout:  # noqa: ANN401
    """A rollout of groups of three, of a model of these parts."""
    found = GrpoSettings.model_validate({"group": 3, **settings})
    model = reasoner(chat, family=family, behaviour=found.behaviour)
    return Rollout(model, Judge(model, found), found)
