"""The key `grpo` of a recipe's `train`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from socioseg.recipe import Strict
from socioseg.train.policy.settings import FREE_OF_POLICY, PolicySettings

RELEASED: dict[str, Any] = {
    "reward_clip": 10.0,
    "divide_by_std": True,
    "advantage_clip": 10.0,
    "clip": 0.2,
    "loss": "token_mean",
    "kl_clamp": 10.0,
    "hand_over": "own",
    "order": "together",
    "sequences": 16,
    "schedule": "linear",
    "temperature": 0.99,
    "top_p": 0.99,
    "top_k": 100,
}
"""What the released code of SocioReasoner does otherwise than the paper says."""


FREE = frozenset({"checkpoint", "pictures", "rollout", "trackers", *FREE_OF_POLICY})
"""What may change while a training goes on: it moves no weight, but by rounding."""


class GrpoSettings(Strict):
    """How a reasoning model learns from rewards; the defaults are the paper's.

    Attributes
    ----------
    behaviour
        "released" sets what `RELEASED` says, and the released variant of the reward. Each key that
        is set besides keeps its own value.
    reward
        Name of `socioseg.train.rewards.REWARDS`, of two stages without its number; empty for that
        of the model's family.
    level
        Which samples teach: of one level, or "all".
    limit, validation_limit
        Only the first so many samples of the train and of the validation split.
    queries, group
        Queries of a step, and completions of each in each stage.
    steps, seed
        Rollouts in all; and what the order of samples and all draws depend on.
    temperature, top_p, top_k, max_tokens
        Of sampling; None for the recipe's own budget.
    rollout
        Prompts that are answered at a time; halved where they do not fit into the GPU.
    hand_over
        What the second stage looks at: "best", the best completion of the first, for the whole
        group; "drawn", one drawn by the exponential of its reward; "own", each completion its own.
    order
        "apart" updates after each stage, "together" after both, so that the second update is a
        little behind its rollout.
    reward_clip
        Bound of rewards before they are compared; 0 for none.
    divide_by_std, advantage_clip
        Whether advantages are divided by the group's standard deviation, and their bound; 0 for
        none.
    clip
        By how much the ratio of new to old probability may move from 1 and still count.
    loss
        "token_sum" or "token_mean" of each sequence, then the mean over sequences.
    kl, kl_estimator, kl_clamp
        Weight of the divergence from the model before training, its estimator, and the bound of
        each token's; 0 for none.
    sequences
        Of one optimiser step, over all processes; 0 for all of a stage at once.
    learning_rate, schedule, weight_decay, grad_clip
        AdamW. "linear" falls to 0 at the last step.
    evaluations
        Of the validation split, at even distances.
    checkpoint
        Steps from one checkpoint to the next, from which a training goes on after a stop.
    trackers
        Where the log goes besides `metrics.jsonl`: "tensorboard", "wandb" (needs its package).
    pictures
        Validation samples that are drawn at each evaluation.
    policy
        What is trained, and how it fits into the memory.
    """

    behaviour: Literal["paper", "released"] = "paper"
    reward: str = ""
    level: Literal["name", "class", "function", "all"] = "all"
    limit: int | None = Field(default=None, ge=1)
    validation_limit: int | None = Field(default=None, ge=1)
    queries: int = Field(default=128, ge=1)
    group: int = Field(default=8, ge=2)
    steps: int = Field(default=250, ge=1)
    seed: int = Field(default=0, ge=0)
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    max_tokens: int | None = Field(default=None, ge=1)
    rollout: int = Field(default=64, ge=1)
    hand_over: Literal["best", "drawn", "own"] = "best"
    order: Literal["apart", "together"] = "apart"
    reward_clip: float = Field(default=0.0, ge=0)
    divide_by_std: bool = False
    advantage_clip: float = Field(default=0.0, ge=0)
    clip: float = Field(default=0.5, gt=0, lt=1)
    loss: Literal["token_sum", "token_mean"] = "token_sum"
    kl: float = Field(default=0.005, ge=0)
    kl_estimator: Literal["k1", "k2", "k3"] = "k3"
    kl_clamp: float = Field(default=0.0, ge=0)
    sequences: int = Field(default=0, ge=0)
    learning_rate: float = Field(default=1e-6, gt=0)
    schedule: Literal["constant", "linear"] = "constant"
    weight_decay: float = Field(default=0.01, ge=0)
    grad_clip: float = Field(default=1.0, gt=0)
    evaluations: int = Field(default=25, ge=1)
    checkpoint: int = Field(default=20, ge=1)
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)
    pictures: int = Field(default=4, ge=0)
    policy: PolicySettings = PolicySettings()

    @model_validator(mode="before")
    @classmethod
    def _behave(cls, given: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        if isinstance(given, dict) and given.get("behaviour") == "released":
            return RELEASED | given
        return given

    @property
    def every(self) -> int:
        """Steps from one evaluation to the next."""
        return max(1, -(-self.steps // self.evaluations))

    def rate(self, step: int) -> float:
        """Learning rate of `step`, which counts from 1."""
        left = (self.steps - step + 1) / self.steps
        return self.learning_rate * (left if self.schedule == "linear" else 1.0)
