"""A policy made from nothing: it spells any text, runs as any chat model, and learns to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from train.tinypolicy.tiny import SHAPE, warm

from socioseg.errors import UsageError
from socioseg.models.chat.engine import Prompt
from socioseg.models.chat.local import LocalChat
from socioseg.models.reason.families import FAMILIES
from socioseg.models.reason.prompts import load_prompts
from socioseg.train.methods import TrainRequest, train
from socioseg.train.record import WORK, read_log
from socioseg.train.tinypolicy.make import make_policy
from socioseg.train.tinypolicy.settings import Shape
from socioseg.train.tinypolicy.words import phrases, tokenizer

if TYPE_CHECKING:
    from pathlib import Path

PROMPTS = load_prompts({"locate": "find $query", "refine": "again $query $boxes"})
WORDS = phrases(FAMILIES["socioreasoner"], PROMPTS, ["school", "fire station"], 24)
BOX = (3, 14, 10, 24)
ANSWER = (
    '<think>2</think><answer>[{"bbox_2d": [3, 14, 10, 24], "points": [[4, 20], [9, 17]]},'
    ' {"bbox_2d": [0, 0, 7, 24], "points": [[1, 2], [3, 4]]}]</answer>'
)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("policy")
    make_policy(folder, Shape(**SHAPE), WORDS, seed=3)
    return folder


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_spelt_and_read_back(text: str) -> None:
    words = tokenizer(WORDS)
    assert words.decode(words.encode(text, add_special_tokens=False)) == text


def test_an_answer_is_one_token_for_each_number_and_each_part_between() -> None:
    words = tokenizer(WORDS)
    tokens = words.convert_ids_to_tokens(words.encode(ANSWER))
    numbers = [token for token in tokens if token.isdecimal()]
    assert [int(number) for number in numbers] == [2, *BOX, 4, 20, 9, 17, 0, 0, 7, 24, 1, 2, 3, 4]
    assert len(tokens) == 2 * len(numbers) + 1
    asked = 'again fire station [{"bbox_2d": [3, 14, 10, 24]}]'
    assert len(words.encode(asked)) == 3 + 9


@pytest.mark.parametrize("name", ["visionreasoner", "everest", "seg-r1"])
def test_other_families_get_words_of_their_own(name: str) -> None:
    from train.sft.test_truths import TWO, a_query, about

    from socioseg.train.sft.settings import LessonSettings
    from socioseg.train.sft.truths import true_answer

    family = FAMILIES[name]
    words = tokenizer(phrases(family, load_prompts(family.prompts), [], 840))
    lessons = LessonSettings(thinking="$count")
    text = true_answer(about(a_query(*TWO), name), lessons, np.random.default_rng(0))
    assert len(words.encode(text)) < len(text) / 3


def test_the_same_seed_makes_the_same_policy(policy: Path, tmp_path: Path) -> None:
    make_policy(tmp_path / "same", Shape(**SHAPE), WORDS, seed=3)
    make_policy(tmp_path / "other", Shape(**SHAPE), WORDS, seed=4)
    for path in sorted(policy.iterdir()):
        assert path.read_bytes() == (tmp_path / "same" / path.name).read_bytes(), path.name
    weights = (policy / "model.safetensors").read_bytes()
    assert weights != (tmp_path / "other" / "model.safetensors").read_bytes()


def test_it_answers_as_any_chat_model(policy: Path) -> None:
    chat = LocalChat(str(policy), max_tokens=5)
    random = np.random.default_rng(0)
    one, two = (random.integers(0, 255, (32, 32, 3), np.uint8) for _ in range(2))
    prompts = [Prompt("find school", (one, two)), Prompt("find fire station", (two, one))]
    together = chat.ask(prompts)
    alone = [chat.ask([prompt])[0] for prompt in prompts]
    assert [reply.text for reply in together] == [reply.text for reply in alone]
    assert all(1 <= reply.tokens <= 5 for reply in together)
    assert chat.encode(prompts[:1])["input_ids"].shape[1] == 2 + 2 * 16 + 1


def test_its_answer_depends_on_query_and_images(policy: Path) -> None:
    chat = LocalChat(str(policy))
    random = np.random.default_rng(0)
    one, two = (random.integers(0, 255, (32, 32, 3), np.uint8) for _ in range(2))
    prompts = [
        Prompt("find school", (one, two)),
        Prompt("find school", (two, one)),
        Prompt("find fire station", (one, two)),
    ]
    with torch.no_grad():
        logits = [chat.model(**chat.encode([prompt])).logits[0, -1] for prompt in prompts]
    assert not torch.allclose(logits[0], logits[1], atol=1e-5)
    assert not torch.allclose(logits[0], logits[2], atol=1e-5)


@pytest.mark.parametrize("shape", [{"side": 30, "patch": 16}, {"width": 20, "heads": 3}])
def test_a_shape_that_cannot_be(shape: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must divide"):
        Shape(**shape)


def test_a_warm_start_learns_to_see(colours: Path, tmp_path: Path) -> None:
    result = warm(colours, tmp_path, steps=60, learning_rate=5e-3)
    log = read_log(tmp_path / "warm")
    assert result["ended"] == "all steps"
    assert log[-1]["loss"] < 0.3 * log[0]["loss"]
    assert log[-1]["corner"] < log[0]["corner"]
    assert not (tmp_path / "warm" / WORK).exists()


def test_the_tower_alone_learns_first(colours: Path, tmp_path: Path) -> None:
    warm(colours, tmp_path / "none", steps=0, tower_steps=0)
    warm(colours, tmp_path / "some", steps=0, tower_steps=40, learning_rate=5e-3, checkpoint=20)
    before, after = (
        load_file(next((tmp_path / name / "warm").glob("weights-*/model.safetensors")))
        for name in ("none", "some")
    )
    changed = {name for name in before if not before[name].equal(after[name])}
    assert any("vision_tower" in name for name in changed)
    # what has no gradient decays, but learns nothing
    assert all(
        torch.allclose(before[n], after[n], rtol=0.01)
        for n in before
        if "layers" in n and "language" in n
    )
    log = read_log(tmp_path / "some" / "warm")
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]


def test_a_warm_start_goes_on_where_it_stopped(colours: Path, tmp_path: Path) -> None:
    warm(colours, tmp_path / "whole", steps=4, tower_steps=2)
    stopped = warm(colours, tmp_path / "parts", steps=4, tower_steps=2, limit_minutes=0.0)
    assert stopped["steps"] == "1 of 6"
    again = warm(colours, tmp_path / "parts", steps=4, tower_steps=2)
    assert again["ended"] == "all steps"
    states = [
        next((tmp_path / name / "warm").glob("weights-*/model.safetensors")).read_bytes()
        for name in ("whole", "parts")
    ]
    assert states[0] == states[1]


def test_images_that_are_not_those_the_policy_sees(colours: Path, tmp_path: Path) -> None:
    options = {"frame_options": {"scale": 8, "factor": 64, "max_pixels": 4096}}
    with pytest.raises(UsageError, match="64 x 64 pixels, but the policy sees 32"):
        warm(colours, tmp_path, options=options)


def test_what_has_learnt_does_not_begin_from_nothing(colours: Path, tmp_path: Path) -> None:
    assert "--method sft" in warm(colours, tmp_path, steps=1)["next"]
    learnt = TrainRequest(str(tmp_path / "warm"), str(colours), tmp_path / "again", method="warm")
    with pytest.raises(UsageError, match=r"has learnt already.* --method sft or --method grpo"):
        train(learnt)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"head": 4}, "key train: head = 4, but the shape has 3 layers"),
        ({"learning_rate": 1e30}, "no number at step 2: lower learning_rate"),
    ],
)
def test_a_wrong_setting_of_a_warm_start(
    colours: Path, tmp_path: Path, changes: dict[str, float], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        warm(colours, tmp_path, steps=3, **changes)
    assert not read_log(tmp_path / "warm")
