"""Find a dataset to run on: a folder of either layout, a name, or the Hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from socioseg.bench.ours import OurSamples
from socioseg.bench.upstream import (
    FolderSamples,
    ParquetSamples,
    parquet_files,
    sample_folders,
)
from socioseg.dataset.load import find_dataset
from socioseg.dataset.report import REPORT
from socioseg.dataset.schema import SPLITS
from socioseg.errors import DatasetError, ServiceError, UsageError

if TYPE_CHECKING:
    from socioseg.bench.samples import Samples

_MOVE = " To train, move to it samples of train whose ground no other sample of train shows."
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


def open_samples(name: str, split: str, revision: str = "") -> Samples:
    """The samples of one split of the dataset that `name` means.

    Parameters
    ----------
    name
        A folder, as `socioseg build` makes it or in a layout of the paper's dataset (Parquet
        files, or `SPLIT/ID/`); the name of a dataset built here; or owner/name on the Hub.
    split
        "train", "validation" or "test".
    revision
        Of a dataset on the Hub: a commit, branch or tag.

    Raises
    ------
    UsageError
        If there is no such split.
    DatasetError
        If there is no such dataset, or it is of no layout known here.
    ServiceError
        If the Hub does not answer.
    """
    if split not in SPLITS:
        raise UsageError(f"There is no split {split!r}: choose one of {', '.join(SPLITS)}.")
    return _open(_folder(name) or _download(name, revision), split)


def _folder(name: str) -> Path | None:
    if not name:  # which Path takes for the folder one stands in
        return None
    return find_dataset(name) or (Path(name) if Path(name).is_dir() else None)


def _open(root: Path, split: str) -> Samples:
    if (root / REPORT).is_file():
        return OurSamples(root, split)
    if parquet_files(root, split):
        return ParquetSamples(root, split)
    if sample_folders(root, split):
        return FolderSamples(root, split)
    raise DatasetError(
        f"{root} holds no samples of split {split}: neither {REPORT} of a dataset built here, nor"
        f" Parquet files {split}-*.parquet, nor folders {split}/ID with question.json."
        + (_MOVE if split == "validation" else "")
    )


def _download(name: str, revision: str) -> Path:
    if not _HUB_ID.fullmatch(name):
        raise DatasetError(
            f"No dataset {name!r}: build it with `socioseg build`, or give its folder, or"
            " owner/name on the Hub."
        )
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - slow to import
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # noqa: PLC0415

    try:
        return Path(snapshot_download(name, repo_type="dataset", revision=revision or None))
    except (HfHubHTTPError, LocalEntryNotFoundError, httpx.HTTPError, OSError) as error:
        what = " ".join(str(error).split())[:300]
        raise ServiceError(
            f"The dataset {name} cannot be got from the Hub ({what}): check name, network and"
            " HF_TOKEN, or give a folder."
        ) from error
