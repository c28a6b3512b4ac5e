"""Make a tiny policy, and teach it to see before it learns to write: the method `warm`."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from socioseg.errors import UsageError
from socioseg.models.reason.families import find_family
from socioseg.models.reason.prompts import load_prompts
from socioseg.models.registry import trained_folder
from socioseg.models.supervised.device import pick_device
from socioseg.recipe import parse_recipe
from socioseg.train.record import WORK, begin, summary
from socioseg.train.setup import new_record, stores_of
from socioseg.train.sft.teacher import load_teacher
from socioseg.train.state import weights_errors
from socioseg.train.tinypolicy.loop import WarmLoop, words_of
from socioseg.train.tinypolicy.make import make_policy
from socioseg.train.tinypolicy.settings import FREE, TinySettings
from socioseg.train.tinypolicy.words import phrases

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.models.reason.family import Family
    from socioseg.train.methods import Job
    from socioseg.train.store import Store

_BLANK = "blank"


def train(job: Job) -> dict[str, Any]:
    """Make a policy of random weights and warm it up; the same job goes on where it was stopped.

    Returns
    -------
    dict
        For the command line: where it is, how far, and how good.

    Raises
    ------
    UsageError, RecipeError
        If a setting is wrong, or the model is no reasoning model.
    DatasetError, ServiceError
        If there is no such dataset, or it holds nothing to learn.
    OutputError
        If the folder holds another training, or cannot be written.
    """
    if trained_folder(job.request.model):
        raise UsageError(
            f"{job.request.model} has learnt already, and warm begins from nothing: go on from it"
            " with --method sft or --method grpo."
        )
    settings = parse_recipe(job.settings, TinySettings, f"{job.name}, key train")
    device = pick_device(job.request.device)
    stores = stores_of(job, settings)
    known = settings.model_dump(mode="json")
    record = new_record(job, "warm", known, stores, str(device), settings.total_steps)
    record = begin(job.request.out, record, FREE)
    if not record.finished:
        folder = job.request.out / WORK / _BLANK
        shutil.rmtree(folder, ignore_errors=True)
        with weights_errors(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            _make(job, settings, stores["train"], folder)
        changes = {"chat.weights": str(folder.resolve()), "chat.device": str(device)}
        reasoner = load_teacher(job, changes)
        record = WarmLoop(job, settings, reasoner, stores, record).run()
    best = record.best
    share = f"{100 * best['patch_iou']:.1f} at step {best['step']:.0f}" if best else "none"
    return summary(job.request.out, record, {"IoU_of_patches": share})


def _make(job: Job, settings: TinySettings, store: Store, folder: Path) -> None:
    family, options = _family(job), job.recipe.options
    side = settings.shape.side
    shown = family.sees((side, side))
    if (shown.width, shown.height) != (side, side):
        raise UsageError(
            f"{job.name} is shown images of {shown.width} x {shown.height} pixels, but the policy"
            f" sees {side}: let frame_options give that size."
        )
    prompts = load_prompts(options.get("prompts") or family.prompts)
    frame = family.answers_in((side, side))
    words = phrases(family, prompts, words_of(store), max(frame.width, frame.height))
    make_policy(folder, settings.shape, words, settings.seed)


def _family(job: Job) -> Family:
    """The family of the job's model, with the pixels that its recipe says."""
    options = job.recipe.options
    family = find_family(options.get("family", "socioreasoner"))
    if not options.get("frame"):
        return family
    return replace(family, frame=options["frame"], frame_options=options.get("frame_options") or {})
