"""Run a model on the samples of a dataset; what it says is logged, and nothing runs twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from socioseg.bench.ask import ask
from socioseg.bench.choose import ALL, WHOLE, choose
from socioseg.bench.fit import fit
from socioseg.bench.log import Line, open_log, read_log
from socioseg.bench.openset import open_samples
from socioseg.bench.runfile import RunInfo, begin, new_session, run_key
from socioseg.bench.samples import BadSample, queries
from socioseg.models.base import Prediction
from socioseg.models.registry import load_model
from socioseg.progress import Progress, quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from socioseg.bench.log import Log
    from socioseg.bench.samples import Key, Samples
    from socioseg.models.registry import LoadedModel
    from socioseg.sample import Query


@dataclass(frozen=True)
class BenchRequest:
    """What to run; the options of `socioseg bench`.

    Attributes
    ----------
    model
        As `socioseg.models.registry.find_model` takes it.
    dataset
        As `socioseg.bench.openset.open_samples` takes it.
    out
        The run's folder.
    split
        "train", "validation" or "test".
    level
        "name", "class", "function" or "all".
    ids
        Only these samples.
    limit
        Only the first so many samples of the split and level.
    shard
        i/n: only the ith of n shares of them; see `socioseg.bench.merge`.
    retry_failed
        Ask again at the samples whose last answer is a failure, too.
    batch_size
        Queries that the model gets at a time; None for what its recipe says.
    options
        Arguments of the model's class that take the place of the recipe's.
    revision
        Of a dataset on the Hub.
    progress
        Called with a word, how many are done, and of how many.
    """

    model: str
    dataset: str
    out: Path
    split: str = "test"
    level: str = ALL
    ids: Sequence[str] = ()
    limit: int | None = None
    shard: str = WHOLE
    retry_failed: bool = False
    batch_size: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    progress: Progress = quiet


def bench(request: BenchRequest) -> dict[str, Any]:
    """Run the model on every sample chosen that this run has no line of yet.

    With `retry_failed`, also on those that ended as a failure; what they end as then counts.
    Stopped at any point, even by `kill -9`, the same request goes on where it was.

    Returns
    -------
    dict
        For the command line: where the run is, and how its samples ended, by status.

    Raises
    ------
    UsageError, RecipeError
        If model, level, split or an id is wrong.
    DatasetError, ServiceError
        If there is no such dataset, or it cannot be read.
    OutputError
        If `out` holds the run of another model, dataset or setting, is being written by another
        process, or cannot be written.
    """
    samples = open_samples(request.dataset, request.split, request.revision)
    keys = choose(samples, request.level, ids=request.ids, limit=request.limit, shard=request.shard)
    model = load_model(request.model, request.options)
    with open_log(request.out) as log:
        settled = log.done - log.failed if request.retry_failed else log.done
        todo = [key for key in keys if key.id not in settled]
        begin(request.out, _info(request, model, samples, len(keys)), idle=not todo)
        if todo:
            fit(model.model, samples, request.out)
            _run(request, model, samples, todo, log)
    return summary(request.out, keys)


def summary(run: Path, keys: Sequence[Key]) -> dict[str, Any]:
    """How the samples `keys` of the run in the folder `run` ended."""
    wanted = {key.id for key in keys}
    found = Counter(line.status for line in read_log(run) if line.id in wanted)
    return {"run": str(run), "samples": len(keys), "status": dict(found.most_common())}


def _info(request: BenchRequest, model: LoadedModel, samples: Samples, chosen: int) -> RunInfo:
    session = new_session(
        chosen,
        level=request.level,
        limit=request.limit,
        ids=len(request.ids) or None,
        shard=request.shard,
        retry_failed=request.retry_failed,
    )
    return RunInfo(
        key=run_key(model, samples),
        dataset=request.dataset,
        path=str(samples.root.resolve()),
        sees_truth=model.needs_truth,
        sessions=[session],
    )


def _run(
    request: BenchRequest, model: LoadedModel, samples: Samples, todo: Sequence[Key], log: Log
) -> None:
    size = request.batch_size or model.recipe.batch_size
    asked = queries(samples, todo, seed=model.recipe.seed, truth=model.needs_truth)
    done = 0
    request.progress("samples", done, len(todo))
    for batch in _batches(asked, size):
        log.append(_answers(model, batch))
        done += len(batch)
        request.progress("samples", done, len(todo))


def _answers(model: LoadedModel, batch: Sequence[Query | BadSample]) -> Iterator[Line]:
    """A line for each of `batch`; samples that cannot be shown are failures of their own."""
    good = [query for query in batch if not isinstance(query, BadSample)]
    predictions = ask(model.model, good) if good else []
    for query, prediction in zip(good, predictions, strict=True):
        yield Line.of(prediction, query.level)
    for bad in batch:
        if isinstance(bad, BadSample):
            failed = Prediction(bad.key.id, None, "bad_image", bad.detail)
            yield Line.of(failed, bad.key.level)


def _batches(items: Iterable[Query | BadSample], size: int) -> Iterator[list[Query | BadSample]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
