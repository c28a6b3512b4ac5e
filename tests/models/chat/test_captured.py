"""Replies written in steps of one shape are those that `generate` writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pictures import PROMPTS

from socioseg.models.chat import captured
from socioseg.models.chat.captured import ROOM, Step, attend_in_groups
from socioseg.models.chat.engine import Constraint, Prompt
from socioseg.models.chat.local import LocalChat
from socioseg.models.untrained import make_tokenizer, qwen_config

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")
SEEN = [prompt for prompt in PROMPTS if prompt.images]
SCHEMA = {"type": "array", "items": {"type": "integer"}, "maxItems": 4}
HELD = [replace(prompt, constraint=Constraint(SCHEMA)) for prompt in SEEN]
GROUPS = [replace(SEEN[which], seed=seed) for seed, which in enumerate([1, 0, 0, 1, 0])]


def outcomes(engine: LocalChat, prompts: list[Prompt]) -> list[tuple[str, str, int]]:
    return [(reply.text, reply.status, reply.tokens) for reply in engine.ask(prompts)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 1.0, "top_p": 0.8, "top_k": 100},
        {"temperature": 2.0},
        {"stop": ["ool", "s."]},
        {"max_tokens": 1},
        {"batch_size": 1},
    ],
)
@pytest.mark.parametrize("prompts", [SEEN, HELD, [SEEN[0], HELD[1]], GROUPS])
def test_replies_are_those_of_generate(
    qwen: Path, settings: dict[str, Any], prompts: list[Prompt]
) -> None:
    settings = {"max_tokens": 70} | settings
    grown, captured = (LocalChat(str(qwen), cache=c, **settings) for c in ("dynamic", "captured"))  # type: ignore[arg-type]
    for _ in range(2):  # the second time with the same memory
        assert outcomes(captured, prompts) == outcomes(grown, prompts)


def test_early_ends_are_noticed(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    plain = Step.follow
    monkeypatch.setattr(
        Step, "follow", lambda self, token: (steps.append(1), plain(self, token))[1]
    )
    engine = LocalChat(str(qwen), cache="captured", max_tokens=200)
    word = engine.ask(SEEN[:1])[0].text[4:7]
    steps.clear()
    stopped = LocalChat(str(qwen), cache="captured", max_tokens=200, stop=[word]).ask(SEEN[:1])
    assert len(steps) < 20
    assert stopped[0].text in engine.ask(SEEN[:1])[0].text


def test_a_step_serves_all_prompts_that_fit(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[tuple[int, int]] = []
    plain = Step.__init__

    def made(self: Step, model: object, rows: int, room: int) -> None:
        rooms.append((rows, room))
        plain(self, model, rows, room)

    monkeypatch.setattr(Step, "__init__", made)
    engine = LocalChat(str(qwen), cache="captured", max_tokens=5)
    for text in ("Where?", "Where is it?", "Where is the school by the park?"):
        engine.ask([replace(SEEN[0], text=text)])
    assert rooms == [(1, ROOM)]
    engine.ask([replace(SEEN[0], text="Where? " * 200)] * 2)
    assert len(rooms) == 2
    assert rooms[1][0] == 2
    assert rooms[1][1] % ROOM == 0


def test_a_prompt_that_is_asked_often_is_read_once(
    qwen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int]] = []
    plain = Step.begin

    def begin(self: Step, inputs: dict[str, Any], index: torch.Tensor) -> torch.Tensor:
        read.append((len(inputs["input_ids"]), len(index)))
        return plain(self, inputs, index)

    monkeypatch.setattr(Step, "begin", begin)
    LocalChat(str(qwen), cache="captured", max_tokens=3).ask(GROUPS)
    assert read == [(2, len(GROUPS))]


def test_prompts_without_images_are_written_as_before(qwen: Path) -> None:
    prompts = [prompt for prompt in PROMPTS if not prompt.images] or [Prompt("Where is it?")]
    engine = LocalChat(str(qwen), cache="captured", max_tokens=20)
    assert outcomes(engine, prompts) == outcomes(LocalChat(str(qwen), max_tokens=20), prompts)


def test_heads_in_groups_see_what_repeated_keys_show() -> None:
    torch.manual_seed(0)
    query, (key, value) = torch.randn(3, 8, 1, 4), torch.randn(2, 3, 2, 16, 4)
    mask = torch.rand(3, 1, 1, 16) > 0.3
    found, _ = attend_in_groups(None, query, key, value, mask, scaling=0.7)
    whole = (part.repeat_interleave(4, dim=1) for part in (key, value))
    wanted = torch.nn.functional.scaled_dot_product_attention(query, *whole, mask, scale=0.7)
    torch.testing.assert_close(found, wanted.transpose(1, 2))


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_step_attends_in_groups_where_it_may(
    qwen: Path, attention: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    plain = attend_in_groups
    monkeypatch.setattr(
        captured, "attend_in_groups", lambda *a, **o: (calls.append(1), plain(*a, **o))[1]
    )
    engine = LocalChat(str(qwen), cache="captured", max_tokens=4, attention=attention)
    engine.ask(SEEN[:1])
    assert len(calls) == (3 * 2 if attention == "sdpa" else 0)  # steps times layers
    assert engine.model.model.language_model.config._attn_implementation == attention


def test_nothing_in_a_step_waits_for_a_gpu_or_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be captured: on tensors that only claim to be on a GPU, no order moves data.

    It stands for a run on a GPU, which no test can count on.
    """
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves
    from transformers import Qwen2_5_VLForConditionalGeneration

    class Orders(TorchDispatchMode):
        """Keeps the name of every order that is not the GPU's alone."""

        def __init__(self) -> None:
            super().__init__()
            self.count, self.others = 0, set[str]()

        def __torch_dispatch__(self, order, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
            found = order(*args, **(kwargs or {}))
            tensors = [x for x in tree_leaves((args, kwargs, found)) if isinstance(x, torch.Tensor)]
            self.count += 1
            if any(tensor.device.type != "cuda" for tensor in tensors):
                self.others.add(str(order))
            return found

    monkeypatch.setattr(Step, "_capture", lambda _: None)
    config = qwen_config("tiny", make_tokenizer("tiny"))
    with FakeTensorMode(), torch.no_grad(), Orders() as orders:
        with torch.device("cuda"):
            model = Qwen2_5_VLForConditionalGeneration(config).eval()
        step = Step(model, 2, ROOM)
        token = torch.zeros(2, dtype=torch.long, device="cuda")
        step.follow(token)  # makes the cache
        orders.count, orders.others = 0, set()
        logits = step.follow(token)
        assert logits.shape == (2, len(make_tokenizer("tiny")))
        assert orders.count > 100
        assert not orders.others
