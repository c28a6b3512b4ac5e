"""The folder of a trained reasoning model: `model.yaml`, and the weights that it names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import yaml

from socioseg.files import atomic_write
from socioseg.models.options import changed
from socioseg.models.registry import FOLDER_RECIPE
from socioseg.train.state import weights_errors

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.models.registry import ModelRecipe
    from socioseg.train.policy.policy import Policy

_WEIGHTS = "weights-"


def export(out: Path, work: Path, policy: Policy, recipe: ModelRecipe, step: int) -> None:
    """Make `out` what `socioseg bench --model OUT` runs: the recipe with the policy's weights.

    They lie in `weights-STEP`, a folder as those on the Hub. `model.yaml` changes from the old
    ones to the new ones at once, so `out` can be run at any time.

    Parameters
    ----------
    work
        Where the folder is written before it is moved into `out`; of the same disk.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    name = f"{_WEIGHTS}{step}"
    part, place = work / name, out / name
    with weights_errors(out):
        for old in (part, place):
            shutil.rmtree(old, ignore_errors=True)
        policy.save(part)
        part.rename(place)
    options = changed(recipe.options, {"chat.weights": name})
    options["chat"].pop("revision", None)
    kept = recipe.model_copy(update={"options": options, "revision": ""})
    text = yaml.safe_dump(kept.model_dump(mode="json", exclude_defaults=True), sort_keys=False)
    atomic_write(out / FOLDER_RECIPE, text.encode())
    for old in out.glob(f"{_WEIGHTS}*"):
        if old != place:
            shutil.rmtree(old, ignore_errors=True)
