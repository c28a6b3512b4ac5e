"""Fine-tunings of seconds: they learn, stop, go on, and leave what can be run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from models.tinymodels import tiny_qwen
from safetensors.torch import load_file
from train.tinypolicy.tiny import warm

from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.score import score
from socioseg.errors import OutputError, RecipeError, UsageError
from socioseg.models.chat.local import LocalChat
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.registry import load_model
from socioseg.train.methods import TrainRequest, train
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import PolicySettings
from socioseg.train.record import RECORD, WORK, read_log, read_record


@pytest.fixture(scope="module")
def start(colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a policy that was warmed up for a few steps."""
    folder: Path = tmp_path_factory.mktemp("start")
    warm(colours, folder, steps=60, learning_rate=5e-3, checkpoint=60)
    return folder / "warm"


def tune(
    start: Path,
    data: Path,
    out: Path,
    *,
    limit_minutes: float | None = None,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Any]:
    return train(
        TrainRequest(
            str(start),
            str(data),
            out,
            method="sft",
            settings=settings,
            limit_minutes=limit_minutes,
            device="cpu",
        )
    )


def weights(out: Path) -> dict[str, Any]:
    return dict(load_file(next(out.glob("weights-*/model.safetensors"))))


def curve(out: Path) -> list[dict[str, float]]:
    return [{**line, "seconds": 0.0} for line in read_log(out)]


def test_what_is_learnt_is_run(colours: Path, start: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = tune(start, colours, out, steps=150, evaluations=3, patience=9)
    log = read_log(out)
    assert result["ended"] == "all steps"
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["invalid"] == 0
    bench(BenchRequest(str(out), str(colours), tmp_path / "run", split="train", level="class"))
    found = score(tmp_path / "run")["groups"]["all"]["all"]["giou"]["value"]
    assert found > 0.5  # of samples that it has seen
    texts = load_model(str(out)).recipe.train["sft"]
    assert texts["lessons"]["thinking"] == "$count"
    assert not (out / WORK).exists()


def test_its_own_scores_are_those_of_a_run(colours: Path, start: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tune(start, colours, out, steps=60, evaluations=1)
    bench(BenchRequest(str(out), str(colours), tmp_path / "run", split="validation", level="class"))
    scored = score(tmp_path / "run")["groups"]["all"]["all"]["giou"]["value"]
    record = read_record(out)
    assert record is not None
    assert record.best["giou"] == pytest.approx(scored, abs=1e-9)


def test_a_stopped_training_goes_on_as_if_it_had_not(
    colours: Path, start: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    tune(start, colours, whole, steps=6, evaluations=2, flips=True)
    stopped = tune(start, colours, parts, steps=6, evaluations=2, flips=True, limit_minutes=0.0)
    assert stopped["steps"] == "1 of 6"
    assert tune(start, colours, parts, steps=6, evaluations=2, flips=True)["ended"] == "all steps"
    assert curve(parts)[-1] == curve(whole)[-1]


def test_adapters_end_up_in_plain_weights(colours: Path, start: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tune(start, colours, out, steps=3, evaluations=1, policy={"lora": {"rank": 2}})
    before, after = weights(start), weights(out)
    assert before.keys() == after.keys()
    changed = [name for name in before if not before[name].equal(after[name])]
    assert changed
    assert not any("embed_tokens" in name or "norm" in name for name in changed)


def test_it_stops_early_when_nothing_gets_better(
    colours: Path, start: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = tune(start, colours, out, steps=20, evaluations=10, patience=2, learning_rate=1e-12)
    assert result["ended"] == "early stop"
    assert len(read_log(out)) == 3


def test_a_first_course_leaves_out_the_second_stage(
    colours: Path, start: Path, tmp_path: Path
) -> None:
    out, lessons = tmp_path / "out", {"stages": 1, "thinking": "$count"}
    tune(start, colours, out, steps=120, evaluations=1, lessons=lessons)
    line = read_log(out)[-1]
    assert line["giou"] == line["giou_stage1"]
    assert line["invalid"] == 0
    model = load_model(str(out)).model
    assert isinstance(model, Reasoner)
    assert model.settings.stages == 2


def test_tokens_of_numbers_weigh_more_where_asked(start: Path) -> None:
    chat = LocalChat(str(next(start.glob("weights-*"))))
    policy = Policy(chat, Path(), PolicySettings(checkpointing=False))
    text = '<think>12</think><answer>[{"bbox_2d": [3, 4, 10, 12]}]</answer>'
    ids = policy.tokens(text)
    found = policy.in_numbers(torch.tensor([ids, ids]))
    spelt = [chat.processor.tokenizer.decode([token]) for token in ids]
    assert found[0].tolist() == found[1].tolist() == [word.isdecimal() for word in spelt]
    assert found[0].sum() == 5


def test_weights_change_what_is_learnt_first(colours: Path, start: Path, tmp_path: Path) -> None:
    for name, numbers in (("flat", 1.0), ("weighted", 50.0)):
        tune(start, colours, tmp_path / name, steps=2, evaluations=1, numbers=numbers)
    losses = [read_log(tmp_path / name)[0]["loss"] for name in ("flat", "weighted")]
    assert losses[0] != losses[1]


def test_a_single_stage_family_learns_by_the_same_code(colours: Path, tmp_path: Path) -> None:
    options = {
        "family": "visionreasoner",
        "prompts": {"locate": "find $query"},
    }
    warm(colours, tmp_path, options=options, steps=0)
    out = tmp_path / "out"
    tune(tmp_path / "warm", colours, out, steps=80, evaluations=2)
    log = read_log(out)
    assert log[-1]["loss"] < 0.6 * log[0]["loss"]
    assert log[-1]["invalid"] == 0
    assert log[-1]["giou"] == log[-1]["giou_stage1"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"lesson": {}}, "unknown key 'lesson'; did you mean lessons"),
        ({"lessons": {"shift": -1}}, "lessons.shift"),
        ({"policy.lora.targets": ["nowhere"]}, "policy.lora"),
        ({"policy.lora.targets": ["q_proj", "nowhere"]}, "policy.lora: .* no layer 'nowhere'"),
        ({"learning_rate": 1e30}, "is no number at step"),
    ],
)
def test_a_wrong_setting(
    colours: Path, start: Path, tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((UsageError, RecipeError), match=sentence):
        tune(start, colours, tmp_path / "out", **{"steps": 2, "evaluations": 1, **settings})


def test_a_model_without_weights_of_its_own(colours: Path, tmp_path: Path) -> None:
    request = TrainRequest("gpt", str(colours), tmp_path / "out", method="sft", device="cpu")
    with pytest.raises(UsageError, match="gpt"):
        train(request)


def test_another_training_in_the_folder(colours: Path, start: Path, tmp_path: Path) -> None:
    tune(start, colours, tmp_path / "out", steps=1, evaluations=1)
    with pytest.raises(OutputError, match="holds another training"):
        tune(start, colours, tmp_path / "out", steps=2, evaluations=1)
    assert (tmp_path / "out" / RECORD).exists()


@pytest.mark.parametrize("policy", [{}, {"lora": {"rank": 2}}])
def test_the_real_architecture_learns_by_the_same_code(
    colours: Path, tmp_path: Path, policy: dict[str, Any]
) -> None:
    weights = tiny_qwen(tmp_path / "qwen")
    chat = {"name": "local", "weights": str(weights), "max_tokens": 8, "temperature": 0}
    model = {
        "model": "socioseg.models.reason.reasoner:Reasoner",
        "options": {"prompts": "light", "chat": chat, "segmenter": "fill"},
        "train": {"method": "sft", "learning_rate": 0.01, "level": "class"},
    }
    (tmp_path / "qwen.yaml").write_text(yaml.safe_dump(model))
    out = tmp_path / "out"
    settings = {"steps": 6, "evaluations": 2, "batch_size": 2, "accumulate": 2, "policy": policy}
    tune(tmp_path / "qwen.yaml", colours, out, validation_limit=2, **settings)
    log = read_log(out)
    assert log[-1]["loss"] < log[0]["loss"]
    bench(BenchRequest(str(out), str(colours), tmp_path / "run", level="class", limit=1))
