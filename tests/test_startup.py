"""Starting up: a command that only says something loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from socioseg.cli import app

HEAVY = {
    "accelerate", "aiohttp", "cv2", "datasets", "geopandas", "huggingface_hub", "jinja2", "mapnik",
    "numpy", "openai", "osmium", "osmnx", "pandas", "peft", "PIL", "pyarrow", "pycocotools",
    "pyproj", "rasterio", "requests", "scipy", "segment_anything", "segmentation_models_pytorch",
    "shapely", "tensorboard", "torch", "torchvision", "transformers",
}  # fmt: skip
SAY = """
import sys
from socioseg import cli
for words in {commands}:
    sys.argv = ["socioseg", *words.split()]
    try:
        cli.main()
    except SystemExit as end:
        assert not end.code, words
    print(words, sorted({heavy} & set(sys.modules)), file=sys.stderr)
"""


def _loaded(*commands: str) -> list[str]:
    """For each command, in one process, what heavy modules are loaded after it."""
    code = SAY.format(commands=list(commands), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


@pytest.mark.parametrize("words", ["--help", "--version", "list baselines", "list classes"])
def test_nothing_heavy_is_loaded(words: str) -> None:
    assert _loaded(words) == [f"{words} []"]


def test_nothing_heavy_is_loaded_to_explain_a_command() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    assert {"build", "bench", "redraw", "score"} <= set(group.commands)
    words = [f"{name} --help" for name in group.commands]
    assert _loaded(*words) == [f"{each} []" for each in words]
