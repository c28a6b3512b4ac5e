"""The contract of a model: queries in, predictions out, and what becomes of a bad one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socioseg.sample import Level, Query

OK = "ok"
Finite = Annotated[float, Field(allow_inf_nan=False)]
Point = tuple[float, float]
"""x, y in pixels of the sample; 0, 0 is the upper left corner of its first pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What one stage of a model in several stages came to.

    Attributes
    ----------
    name
        Of the stage, in a word.
    mask
        (H, W) bool, of the size of the query's images; None where the stage made none.
    boxes, points
        As in `Prediction`: what the segmenter was given in this stage.
    notes
        What was left out of the answer, and why; what the model did with the rest.
    """

    name: str
    mask: NDArray[np.bool_] | None = None
    boxes: Sequence[Sequence[float]] = ()
    points: Sequence[Sequence[Sequence[float]]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a model says to one query; a failure has a `status` that says why, and no mask.

    Attributes
    ----------
    id
        Of the query.
    mask
        (H, W) bool, of the size of the query's images.
    status
        "ok", or the reason of the failure in a word, such as "no_boxes".
    detail
        The reason in more words.
    boxes
        xyxy in pixels of the sample: what the segmenter was given, if any.
    points
        For each of `boxes` the points (x, y) that go with it; empty where there are none.
    texts
        What a language model wrote, as it wrote it, stage by stage.
    seconds
        Time that each part took, by the part's name.
    stages
        For a model in several stages, what each came to.
    usage
        What it cost: `prompt_tokens`, `tokens`, and `cost` where prices are known.
    confidence
        How sure the model is, 0 to 1; None where it does not say.
    """

    id: str
    mask: NDArray[np.bool_] | None
    status: str = OK
    detail: str = ""
    boxes: Sequence[Sequence[float]] = ()
    points: Sequence[Sequence[Sequence[float]]] = ()
    texts: Sequence[str] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    stages: Sequence[Stage] = ()
    usage: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a mask to score."""
        return self.status == OK


class Model(Protocol):
    """What `socioseg bench` runs.

    A model may also say `needs_truth = True`, which makes it an oracle (`Query.truth` is filled
    in), give a `revision` of its weights, or be a `Learner`.
    """

    name: str

    def predict(self, samples: Sequence[Query], /) -> Sequence[Prediction]:
        """One prediction for each of `samples`, in their order."""
        ...


@runtime_checkable
class Learner(Protocol):
    """A model that is first shown the training masks; what it learns is kept in the run."""

    def fit(self, masks: Iterable[tuple[Level, NDArray[np.bool_]]], /) -> dict[str, Any]:
        """Learn from `masks`; returns what was learnt, as JSON can hold it."""
        ...

    def restore(self, learnt: dict[str, Any], /) -> None:
        """Take back what `fit` once returned."""
        ...


class _Pointed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    boxes: list[tuple[Finite, Finite, Finite, Finite]] = []
    points: list[list[tuple[Finite, Finite]]] = []


class StageTrace(_Pointed):
    """A stage as a log can hold it, but for its mask; see `Stage` for the fields."""

    name: str
    notes: list[str] = []


class Trace(_Pointed):
    """How a model came to its mask, as a log can hold it; see `Prediction` for the fields."""

    texts: list[str] = []
    seconds: dict[str, Finite] = {}
    usage: dict[str, Finite] = {}
    confidence: Annotated[Finite, Field(ge=0, le=1)] | None = None


class _Traces(Trace):
    stages: list[StageTrace] = []


class _Flaw(NamedTuple):
    status: str
    detail: str


def failure(query: Query, status: str, detail: str = "") -> Prediction:
    """The prediction that says that there is none."""
    return Prediction(query.id, None, status, plain_text(detail))


def plain_text(text: object) -> str:
    """`text` as UTF-8 can hold it: half a surrogate pair becomes a question mark."""
    return str(text).encode(errors="replace").decode()


def check_prediction(query: Query, prediction: object) -> Prediction:
    """`prediction` in plain values, or the failure that it amounts to.

    Nothing that a model returns raises here. The failures are `not_a_prediction`, `wrong_id`,
    `bad_trace` (boxes, points, texts or seconds), `no_mask`, `not_an_array`, `wrong_size`,
    `not_finite`, `not_boolean`, and `failed` for a failure without a word of its own.
    """
    if not isinstance(prediction, Prediction):
        return failure(query, "not_a_prediction", f"the model returned {_kind(prediction)}")
    if prediction.id != query.id:
        return failure(query, "wrong_id", f"the model answered to {str(prediction.id)[:80]!r}")
    trace = _trace(prediction)
    if isinstance(trace, _Flaw):
        return failure(query, *trace)
    for stage in prediction.stages:
        flaw = None if stage.mask is None else _mask_flaw(stage.mask, query.size)
        if flaw:
            return failure(query, "bad_trace", f"stage {stage.name}: {flaw.detail}")
    if not prediction.ok:
        word = plain_text(prediction.status or "failed")
        return _with(prediction, trace, _Flaw(word, plain_text(prediction.detail)))
    return _with(prediction, trace, _mask_flaw(prediction.mask, query.size))


def _with(prediction: Prediction, trace: _Traces, flaw: _Flaw | None) -> Prediction:
    plain = dict(trace)  # field by field, not dumped
    pairs = zip(prediction.stages, trace.stages, strict=True)
    plain["stages"] = [Stage(mask=stage.mask, **dict(found)) for stage, found in pairs]
    if flaw:
        return Prediction(prediction.id, None, flaw.status, flaw.detail, **plain)
    return Prediction(prediction.id, prediction.mask, OK, plain_text(prediction.detail), **plain)


def _mask_flaw(mask: object, size: tuple[int, int]) -> _Flaw | None:
    if mask is None:
        return _Flaw("no_mask", "the prediction is ok but has no mask")
    if not isinstance(mask, np.ndarray):
        return _Flaw("not_an_array", f"the mask is {_kind(mask)}")
    if mask.shape != size:
        return _Flaw("wrong_size", f"the mask measures {mask.shape}, the sample {size}")
    if mask.dtype == np.bool_:
        return None
    if np.issubdtype(mask.dtype, np.inexact) and not np.isfinite(mask).all():
        return _Flaw("not_finite", "the mask holds NaN or infinity")
    return _Flaw("not_boolean", f"the mask is of {mask.dtype}; threshold it")


def _trace(prediction: Prediction) -> _Traces | _Flaw:
    try:
        given = {name: getattr(prediction, name) for name in Trace.model_fields}
        given["stages"] = [
            {name: getattr(stage, name) for name in StageTrace.model_fields}
            for stage in prediction.stages
        ]
        text = json.dumps(given, default=_to_list, allow_nan=False, ensure_ascii=False)
        return _Traces.model_validate_json(text.encode(errors="replace"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return _Flaw("bad_trace", f"{where}: {first['msg']}")
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        return _Flaw("bad_trace", f"boxes, points, texts, seconds or stages: {error}")


def _to_list(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Arrays and numbers of numpy as Python's own."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{_kind(value)} where a number, a text or a list should be")


def _kind(value: object) -> str:
    return f"a value of type {type(value).__name__}"
