"""The second look: who gets one, what it shows, and when its outcome is not trusted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.reason.pointer import Question, answer_part
from socioseg.models.reason.points import USUAL, points_asked
from socioseg.models.reason.prompts import fill
from socioseg.models.reason.render import render

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.models.reason.family import Family
    from socioseg.models.reason.found import Found
    from socioseg.models.reason.look import Look
    from socioseg.models.reason.prompts import Prompts
    from socioseg.models.reason.settings import Settings

KNOWN = 0.5
"""A further find is taken for one that is known where the known cover this share of its mask."""


def wants_second(first: Found, settings: Settings) -> bool:
    """Whether to look again at what the first stage found.

    The released code always does, even where the first answer cannot be read.
    """
    if settings.stages == 1:
        return False
    if settings.released:
        return True
    if not (first.ok and first.items):
        return False
    return settings.sure is None or first.score < settings.sure


def second_question(
    first: Found,
    embedded: object,
    family: Family,
    prompts: Prompts,
    settings: Settings,
) -> Question:
    """The question of the second stage about what was found in the first."""
    look = first.look
    boxes = look.drawn(first.items)
    labels = [str(item.id) for item in first.items] if family.numbered else []
    images = tuple(render(image, boxes, first.mask, labels, family.pen) for image in look.images)
    places = {
        **places_of(look),
        "boxes": boxes_text(first),
        "answer": answer_part(first.text),
        "points": points_asked(first.items, look.frame) if settings.points == "size" else USUAL,
    }
    return Question(look, images, fill(prompts.refine, places), embedded, first)


def more_question(found: Found, embedded: object, family: Family, prompts: Prompts) -> Question:
    """The question for what is left of the first stage, with what was found drawn in."""
    look = found.look
    images = tuple(render(image, [], found.mask, (), family.pen) for image in look.images)
    return Question(look, images, fill(prompts.more, places_of(look)), embedded)


def places_of(look: Look) -> dict[str, str]:
    """What any prompt about `look` may have filled in; what a stage lacks is empty."""
    size = {"width": str(look.frame.width), "height": str(look.frame.height)}
    return {"query": look.query.text, **size, "boxes": "", "answer": "", "points": USUAL}


def boxes_text(found: Found) -> str:
    """The boxes of an answer as JSON in the model's frame, in whole pixels."""
    return json.dumps(
        [{"bbox_2d": [round(value) for value in item.box]} for item in found.items if item.box]
    )


def new_ones(known: Found, further: Found) -> list[bool]:
    """Which of the things in `further` are not among the `known`, nor one before them."""
    taken = known.segments.union()
    new = []
    for mask in further.segments.masks:
        area = int(mask.sum())
        fresh = area > 0 and int((mask & taken).sum()) < KNOWN * area
        new.append(fresh)
        taken = taken | mask if fresh else taken
    return new


def why_not(first: Found, second: Found, settings: Settings) -> str:
    """Why the outcome of the second stage is not to be trusted; empty where it is."""
    if not second.ok:
        return f"the second answer could not be read ({second.status})"
    if second.score < first.score:
        return f"the segmenter's score fell from {first.score:.3f} to {second.score:.3f}"
    away = stray_share(first, second.mask)
    if away > settings.stray:
        return f"{away:.0%} of the second mask lies outside the first boxes"
    return ""


def stray_share(first: Found, mask: NDArray[np.bool_]) -> float:
    """Share of `mask`, in the sample's pixels, outside the boxes of `first`; 0 for no mask."""
    inside = np.zeros_like(mask)
    for box in first.look.boxes(first.items):
        x0, y0, x1, y1 = (max(0, round(value)) for value in box)
        inside[y0:y1, x0:x1] = True
    area = int(mask.sum())
    return int((mask & ~inside).sum()) / area if area else 0.0
