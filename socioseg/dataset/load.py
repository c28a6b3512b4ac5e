"""Load a dataset by folder, by name, or from the Hub."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socioseg.dataset.schema import SPLITS
from socioseg.errors import DatasetError, ServiceError, UsageError
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasets import Dataset, DatasetDict

DATA_VARIABLE = "SOCIOSEG_DATA"
"""Environment variable: a folder that holds datasets, or is one."""
ALL = "all"
DEFAULT_NAME = "socioseg"
"""Folder that `socioseg build` makes below out/REGION."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_NAME = re.compile(r"\w[\w.-]*")


def load_dataset(
    name: str | os.PathLike[str],
    level: str | None = None,
    split: str | None = None,
    **options: Any,  # noqa: ANN401 - whatever `datasets.load_dataset` takes
) -> Dataset | DatasetDict:
    """Load a dataset of this format through Hugging Face `datasets`.

    Parameters
    ----------
    name
        A folder; the name of a dataset built here (see `find_dataset`); or "owner/name" on the
        Hub.
    level
        "name", "class", "function", or "all", which is the default.
    split
        "train", "validation" or "test", or a slice such as "test[:10]"; all of them by default.
    **options
        For `datasets.load_dataset`, such as `revision` or `cache_dir`.

    Returns
    -------
    Dataset or DatasetDict
        The rows of one split, or of every split by name.

    Raises
    ------
    UsageError
        If there is no such level or split.
    DatasetError
        If there is no such dataset, or it has no samples of that level and split.
    ServiceError
        If the Hub does not answer.
    """
    config = _config(level)
    _check_split(split)
    folder = find_dataset(name)
    if folder is None and not _HUB_ID.fullmatch(str(name)):
        raise DatasetError(_not_found(name))
    return _load(str(folder.resolve() if folder else name), config, split, options)


def find_dataset(name: str | os.PathLike[str]) -> Path | None:
    """Folder of a dataset; None where there is none.

    That is `name` itself, or where `name` is a bare word, the one that is a dataset of
    ./name, ./out/name, ./out/name/socioseg, ./out/*/name, ./data/name, $SOCIOSEG_DATA/name, and
    $SOCIOSEG_DATA.

    Raises
    ------
    DatasetError
        If several regions were built under that name.
    """
    found = [path for path in _candidates(str(name)) if is_dataset(path)]
    built = [path for path in found if path.name == str(name) and path.parent.parent == Path("out")]
    if found and found[0] in built and len(built) > 1:
        choices = ", ".join(str(path) for path in built)
        raise DatasetError(f"Several datasets are called {str(name)!r}: give one of {choices}.")
    return found[0] if found else None


def is_dataset(path: Path) -> bool:
    """Whether `path` looks like a dataset: a folder with a card and data."""
    return (path / "README.md").is_file() and (path / "data").is_dir()


def _candidates(name: str) -> Iterator[Path]:
    yield Path(name)
    if not _NAME.fullmatch(name):
        return
    yield Path("out") / name
    yield Path("out") / name / DEFAULT_NAME
    yield from sorted(Path("out").glob(f"*/{name}"))
    yield Path("data") / name
    root = os.environ.get(DATA_VARIABLE)
    if root:
        yield Path(root) / name
        if Path(root).name == name:
            yield Path(root)


def _config(level: str | None) -> str:
    if level in {None, ALL}:
        return ALL
    try:
        return Level(str(level)).config
    except ValueError as error:
        choices = ", ".join([*Level, ALL])
        raise UsageError(f"There is no level {level!r}: choose one of {choices}.") from error


def _check_split(split: str | None) -> None:
    words = re.findall(r"[a-z]+", re.sub(r"\[[^\]]*\]|\([^)]*\)", "", split or ""))
    wrong = [word for word in words if word not in {*SPLITS, ALL}]
    if wrong:
        raise UsageError(f"There is no split {wrong[0]!r}: choose one of {', '.join(SPLITS)}.")


def _not_found(name: str | os.PathLike[str]) -> str:
    places = ", ".join(str(path) for path in _candidates(str(name)))
    return (
        f"No dataset {str(name)!r} (looked for README.md and data/ in {places}): build it with"
        f" `socioseg build`, give its folder or owner/name on the Hub, or set {DATA_VARIABLE}."
    )


def _load(
    source: str, config: str, split: str | None, options: dict[str, Any]
) -> Dataset | DatasetDict:
    import datasets  # noqa: PLC0415 - slow to import, and only needed here

    try:
        return datasets.load_dataset(source, config, split=split, **options)
    except datasets.exceptions.DatasetNotFoundError as error:
        raise DatasetError(
            f"There is no dataset {source} on the Hub, or HF_TOKEN may not see it."
        ) from error
    except ConnectionError as error:
        raise ServiceError(
            f"{source} cannot be got from the Hub ({error}): check the network, or give a folder."
        ) from error
    except (ValueError, datasets.exceptions.DatasetsError) as error:
        raise DatasetError(
            f"{source} cannot be loaded with config {config} and split {split or ALL}: {error}"
        ) from error
