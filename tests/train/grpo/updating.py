"""A policy between a rollout and its update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from models.chat.pictures import PROMPTS
from models.reason.scripted import query, reasoner
from train.grpo.talking import TalkingChat

from socioseg.train.grpo.crew import Crew
from socioseg.train.grpo.rollout import Turn
from socioseg.train.grpo.sampler import Sampler
from socioseg.train.grpo.settings import GrpoSettings
from socioseg.train.grpo.update import Update
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import PolicySettings
from socioseg.train.rewards import Reward

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.models.chat.engine import Prompt

PACKED = PolicySettings(tokens=150, checkpointing=False)


class Training:
    """A policy, and replies that it wrote to each of `prompts`, good and bad in turn."""

    def __init__(
        self,
        qwen: Path,
        dtype: str = "float32",
        prompts: Sequence[Prompt] = PROMPTS,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        self.settings = GrpoSettings.model_validate({"kl": 0.0, "learning_rate": 1e-3, **settings})
        chat = Sampler(str(qwen), max_tokens=9, temperature=1.0, dtype=dtype)
        self.policy = Policy(chat, qwen, PACKED, reference=self.settings.kl > 0)
        self.optimizer = Optimizer(self.policy.parameters(), 1e-3, 0.0)
        with chat.keeping() as written:
            chat.ask(prompts)
        model = reasoner(TalkingChat(lambda _: "no"))
        looks = model.looks([query((2, 2, 20, 20))])
        (found,) = model.locate(looks, model.embed(looks))
        reward = Reward(0.0, 0.0, 0.0, 0.0)
        self.written = written
        self.turns = [
            Turn(each, found, reward, (-1.0) ** place) for place, each in enumerate(written)
        ]
        self.crew = Crew(cpu=True)
        self.update = Update(self.policy, self.optimizer, self.settings, self.crew)

    def run(self) -> dict[str, float]:
        """One update on all turns."""
        old = self.update.before(self.turns)
        return self.update.run(self.turns, old, 1e-3, seed=0).means(self.crew)

    def likelihoods(self) -> list[float]:
        """The log-probability of each reply."""
        batch = self.policy.encode(
            [each.prompt for each in self.written], [each.tokens for each in self.written]
        )
        with torch.no_grad():
            return self.policy.logprobs(batch).sum(dim=1).tolist()
