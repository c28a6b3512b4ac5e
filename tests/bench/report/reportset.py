"""A dataset and a model whose every text tries to become markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from dataset.tiny import make_dataset, make_row, square_mask

from socioseg.models.base import Prediction, Stage
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.sample import Query

EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=2>&amp;\"'`${1}\u2028"
CLASSES = ("zoo", "bank", "<b>bold</b>")
MODEL = "<img src=x onerror=window.hacked=3>"
"""Name of a model: that of its recipe's file."""
FEW, MANY = 4, 14


def make_hostile(root: Path, per_level: int = FEW) -> None:
    """`per_level` test samples of each level, all of one size, whose names are markup."""
    rows = [
        ("test", make_row(level, "test", number, square_mask(number), **_texts(level, number)))
        for level in Level
        for number in range(per_level)
    ]
    train = [("train", make_row(level, "train", 0)) for level in Level]
    make_dataset(root, train + rows)


def _texts(level: Level, number: int) -> dict[str, str]:
    kind = CLASSES[number % len(CLASSES)]
    texts = {"name": f"{number} {EVIL}", "class": kind, "function": "<i>green</i>"}
    return {
        "problem": texts[level],
        "socio_name": texts["name"] if level is Level.NAME else "",
        "socio_class": "" if level is Level.FUNCTION else kind,
        "socio_function": texts["function"],
        "image_attribution": f"Survey {EVIL}",
    }


class Chatty:
    """Answers in two stages, right to the names, half to the classes; fails at the functions."""

    name = "chatty"

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """Predictions with all that a log can hold."""
        return [self._answer(query) for query in samples]

    def _answer(self, query: Query) -> Prediction:
        said = {"texts": [EVIL, "second"], "usage": {f"tokens {EVIL}": 12}}
        if query.level is Level.FUNCTION:
            return Prediction(query.id, None, f"no {EVIL}", f"because {EVIL}", **said)
        rows, columns = (20, 26) if query.level is Level.NAME else (10, 26)
        top = 0 if not query.text[:1].isdigit() else int(query.text.split()[0])
        mask = np.zeros(query.size, dtype=np.bool_)
        mask[top : top + rows, 4 : 4 + columns] = True
        boxes, points = [[4, top, 30, top + rows]], [[[10.0, top + 5.0]]]
        stage = Stage(f"coarse {EVIL}", ~mask, boxes, points, [f"dropped {EVIL}"])
        return Prediction(
            query.id,
            mask,
            boxes=boxes,
            points=points,
            stages=[stage],
            confidence=0.5,
            seconds={"think": 0.25},
            **said,
        )
