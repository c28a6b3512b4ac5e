"""Models by name, by file, by class; and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import socioseg.models
from socioseg.errors import RecipeError, UsageError
from socioseg.models.registry import find_model, load_model, load_part
from socioseg.models.segmenters import Fill

MINE = """
from socioseg.models.base import Prediction

class Mine:
    name = "mine"
    revision = "w1"
    def __init__(self, threshold=0.5):
        self.threshold = threshold
    def predict(self, samples):
        return [Prediction(s.id, s.sat[..., 1] > 255 * self.threshold) for s in samples]

class Mute:
    name = "mute"
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a module and a recipe of the user's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, "my_model", raising=False)
    (tmp_path / "my_model.py").write_text(MINE)
    recipe = "model: my_model:Mine\noptions: {threshold: 0.25}\nbatch_size: 3\n"
    (tmp_path / "mine.yaml").write_text(recipe)
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "here.yaml").write_text(recipe)
    return tmp_path


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("spec", "threshold"), [("my_model:Mine", 0.5), ("mine.yaml", 0.25), ("here", 0.25)]
)
def test_a_model_of_ones_own(spec: str, threshold: float) -> None:
    loaded = load_model(spec)
    assert loaded.model.threshold == threshold  # type: ignore[attr-defined]
    assert loaded.revision.startswith("w1+")
    assert not loaded.needs_truth


@pytest.mark.usefixtures("mine")
def test_options_take_the_place_of_the_recipes() -> None:
    name, recipe = find_model("here", {"threshold": 0.75})
    assert (name, recipe.options, recipe.batch_size) == ("here", {"threshold": 0.75}, 3)


def test_other_code_is_another_revision(mine: Path) -> None:
    first = load_model("my_model:Mine").revision
    (mine / "my_model.py").write_text(f"{MINE}# changed\n")
    assert load_model("my_model:Mine").revision != first


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("centr", "did you mean centre"),
        ("zzzz", "known: "),
        ("nowhere.at_all:Mine", "cannot be imported"),
        ("my_model:Mina", "did you mean Mine"),
        ("my_model:Mute", "no method `predict`"),
        ("my model:Mine", "correct it"),
        ("nowhere.yaml", "no such recipe file"),
    ],
)
def test_a_wrong_name_gives_one_sentence(spec: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        load_model(spec)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("mine")
def test_a_wrong_option_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'tresh'; its options: threshold"):
        load_model("my_model:Mine", {"tresh": 1})


def test_a_wrong_key_of_a_recipe_is_named(mine: Path) -> None:
    (mine / "mine.yaml").write_text("model: my_model:Mine\nbatchsize: 3\n")
    with pytest.raises(RecipeError, match=r"batchsize.*did you mean batch_size"):
        load_model("mine.yaml")


def test_parts_by_name_and_by_class() -> None:
    assert isinstance(load_part("fill", "segmenter"), Fill)
    assert isinstance(load_part({"name": "socioseg.models.segmenters:Fill"}, "segmenter"), Fill)
    assert load_part({"name": "grabcut", "side": 64}, "segmenter").side == 64
    with pytest.raises(UsageError, match=r"no segmenter 'grabcat'; did you mean grabcut"):
        load_part("grabcat", "segmenter")


@pytest.mark.parametrize(
    "name", ["empty", "full", "centre", "oracle-fill", "oracle-box", "oracle-box-points"]
)
def test_every_reference_loads(name: str) -> None:
    assert load_model(name).needs_truth == name.startswith("oracle")


def test_models_import_nothing_heavy() -> None:
    heavy = "{'torch', 'rasterio', 'osmium', 'mapnik', 'osmnx', 'datasets', 'pyarrow', 'cv2'}"
    folder = Path(socioseg.models.__file__).parent
    imports = ", ".join(f"socioseg.models.{path.stem}" for path in folder.glob("*.py"))
    code = f"import sys, {imports}\nprint({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.strip() == b"set()"
