"""The model that runs a trained network, and the folder that it runs."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import yaml

from socioseg.errors import CheckpointError, UsageError
from socioseg.models.registry import load_model
from socioseg.models.supervised.folder import load, save
from socioseg.models.supervised.model import Supervised, cut, margin
from socioseg.models.supervised.network import Network, architecture
from socioseg.models.supervised.pixels import mask_pixels, query_pixels
from socioseg.models.supervised.spec import SegformerSpec, Spec, UnetSpec, Word
from socioseg.sample import Level, Query

if TYPE_CHECKING:
    from pathlib import Path

NETS = {
    "unet": UnetSpec(kind="unet", encoder="resnet18", decoder=(16, 8, 8)),
    "segformer": SegformerSpec(
        kind="segformer",
        config={
            "hidden_sizes": [8, 8, 16, 16],
            "depths": [1, 1, 1, 1],
            "num_attention_heads": [1, 1, 2, 2],
            "decoder_hidden_size": 16,
        },
    ),
}
WORDS = (Word.of(Level.CLASS, "bank"), Word.of(Level.CLASS, "School"))


def a_spec(kind: str = "unet", setting: str = "binary", inputs: str = "satellite") -> Spec:
    words = () if setting == "binary" else WORDS
    return Spec.model_validate(
        {"network": NETS[kind], "setting": setting, "inputs": inputs, "size": 32, "words": words}
    )


def a_query(number: int = 0, text: str = "school", level: Level = Level.CLASS) -> Query:
    sat, drawn = np.random.default_rng(number).integers(0, 255, (2, 50, 70, 3), dtype=np.uint8)
    return Query(f"class_{number}", level, text, sat, drawn)


def make(folder: Path, spec: Spec) -> Path:
    torch.manual_seed(0)
    save(folder, Network(spec), spec, "A title")
    return folder


@pytest.mark.parametrize("kind", ["unet", "segformer"])
@pytest.mark.parametrize("setting", ["binary", "multi-class", "multi-label"])
@pytest.mark.parametrize("inputs", ["satellite", "satellite+map"])
def test_what_is_saved_is_what_answers(
    tmp_path: Path, kind: str, setting: str, inputs: str
) -> None:
    spec = a_spec(kind, setting, inputs)
    torch.manual_seed(0)
    network = Network(spec).eval()
    spec = architecture(network, spec).model_copy(update={"threshold": 0.4})
    save(tmp_path, network, spec, "A title")
    query = a_query()
    channel = spec.channel(query.level, query.text)
    assert channel == {"binary": 0, "multi-class": 2, "multi-label": 1}[setting]
    expected = margin(network, query_pixels(query, spec), channel, query.size) > cut(0.4)
    (found,) = load_model(str(tmp_path)).model.predict([query])
    assert found.mask is not None
    assert np.array_equal(found.mask, expected)
    assert found.mask.shape == (50, 70)
    assert load(tmp_path).spec == spec


def test_the_map_matters_only_where_it_is_looked_at(tmp_path: Path) -> None:
    query, other = a_query(0), a_query(1)
    mixed = Query(query.id, query.level, query.text, query.sat, other.map)
    for inputs, same in (("satellite", True), ("satellite+map", False)):
        spec = a_spec(inputs=inputs)
        assert np.array_equal(query_pixels(query, spec), query_pixels(mixed, spec)) is same


def test_of_maps_that_exclude_each_other_the_highest_wins() -> None:
    spec = a_spec(setting="multi-class")
    torch.manual_seed(1)
    network, query = Network(spec).eval(), a_query()
    margins = [margin(network, query_pixels(query, spec), c, query.size) for c in range(3)]
    assert (np.sum([found > 0 for found in margins], axis=0) == 1).all()


def test_binary_ignores_the_query_and_the_batch_changes_nothing(tmp_path: Path) -> None:
    model = Supervised(checkpoint=str(make(tmp_path, a_spec())))
    first, second = model.predict([a_query(text="school"), a_query(text="zoo", level=Level.NAME)])
    assert np.array_equal(first.mask, second.mask)  # type: ignore[arg-type]
    (alone,) = model.predict([a_query(text="school")])
    assert np.array_equal(first.mask, alone.mask)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "level", "detail"),
    [
        ("zoo", Level.CLASS, "'zoo' is none of the 2 queries"),
        ("Oak School", Level.NAME, "queries of level class, not name"),
        ("school", Level.FUNCTION, "queries of level class, not function"),
    ],
)
def test_a_query_without_a_map_is_a_failure_with_a_name(
    tmp_path: Path, text: str, level: Level, detail: str
) -> None:
    model = Supervised(checkpoint=str(make(tmp_path, a_spec(setting="multi-label"))))
    known, unknown = model.predict([a_query(), a_query(text=text, level=level)])
    assert known.ok
    assert (unknown.status, unknown.mask) == ("unknown_query", None)
    assert detail in unknown.detail


def test_all_names_are_one_word() -> None:
    words = (*WORDS, Word.of(Level.NAME, "Oak School"))
    spec = a_spec(setting="multi-label").model_copy(update={"words": words})
    assert spec.channel(Level.NAME, "City Zoo") == 2
    assert spec.channel(Level.CLASS, "City Zoo") is None


def test_words_are_known_whatever_their_case() -> None:
    spec = a_spec(setting="multi-label")
    assert spec.channel(Level.CLASS, "SCHOOL ") == spec.channel(Level.CLASS, "school") == 1


@pytest.mark.parametrize("setting", ["binary", "multi-label"])
def test_words_go_with_the_setting(setting: str) -> None:
    words = WORDS if setting == "binary" else ()
    with pytest.raises(ValueError, match="has no words, every other has some"):
        Spec.model_validate({"network": NETS["unet"], "setting": setting, "words": words})


def test_the_share_of_a_pixel_that_a_mask_covers() -> None:
    mask = np.zeros((64, 64), dtype=np.bool_)
    mask[:, :33] = True
    found = mask_pixels(mask, a_spec())
    assert found[:, :16].min() == 255
    assert set(found[:, 16].tolist()) == {128}
    assert found[:, 17:].max() == 0


def test_a_model_that_is_moved_stays_the_same(tmp_path: Path) -> None:
    one = load_model(str(make(tmp_path / "a" / "mine", a_spec())))
    other = load_model(str(shutil.copytree(tmp_path / "a" / "mine", tmp_path / "b" / "mine")))
    assert (one.name, one.revision, one.recipe) == (other.name, other.revision, other.recipe)
    assert one.name == "mine"
    make(tmp_path / "c" / "mine", a_spec().model_copy(update={"threshold": 0.3}))
    assert load_model(str(tmp_path / "c" / "mine")).revision != one.revision


def test_a_checkpoint_given_as_an_option(tmp_path: Path) -> None:
    folder = str(make(tmp_path, a_spec()))
    assert load_model("unet", {"checkpoint": folder}).name == "unet"
    with pytest.raises(UsageError, match="holds a unet, not a segformer: run `--model unet`"):
        load_model("segformer", {"checkpoint": folder})


@pytest.mark.parametrize("name", ["unet", "segformer"])
def test_without_a_checkpoint_it_says_how_to_train(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} has no weights yet.*train --model {name}"):
        load_model(name)


def damage_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def damage_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"format": 1')


def other_network(folder: Path) -> None:
    content = json.loads((folder / "config.json").read_text())
    content["spec"]["inputs"] = "satellite+map"
    (folder / "config.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (damage_weights, "model.safetensors is cut off or of another training"),
        (damage_config, "config.json: the file: "),
        (other_network, "does not fit its config.json"),
        (lambda folder: (folder / "model.safetensors").unlink(), "holds no trained network"),
        (lambda folder: (folder / "config.json").unlink(), "holds no trained network"),
    ],
)
def test_a_damaged_checkpoint_gives_one_sentence(
    tmp_path: Path, damage: object, sentence: str
) -> None:
    make(tmp_path, a_spec())
    assert callable(damage)
    damage(tmp_path)
    with pytest.raises(CheckpointError, match=sentence) as caught:
        load_model(str(tmp_path))
    assert "train it again" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_folder_holds_no_code_and_no_place(tmp_path: Path) -> None:
    make(tmp_path, a_spec())
    assert {path.name for path in tmp_path.iterdir()} == {
        "model.yaml",
        "config.json",
        "model.safetensors",
    }
    recipe = yaml.safe_load((tmp_path / "model.yaml").read_text())
    assert recipe["title"] == "A title"
    assert str(tmp_path) not in (tmp_path / "model.yaml").read_text()
