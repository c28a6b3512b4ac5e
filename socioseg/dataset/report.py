"""`report.json`: what a dataset was made of, what became of every planned sample, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from socioseg.errors import DatasetError
from socioseg.files import write_json

if TYPE_CHECKING:
    from pathlib import Path

REPORT = "report.json"
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Counts = dict[str, Count]
_PATH = r"^data/socio_(name|class|function)/(train|validation|test)-\d{5}-of-\d{5}\.parquet$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Region(_Part):
    """Where: a name for people, and west, south, east, north in degrees."""

    name: str = Field(min_length=1)
    bounds: tuple[float, float, float, float]


class Splits(_Part):
    """How samples were divided.

    `requested` is the wanted share of each split, `shares` its share of the samples made;
    `given_up` the share of planned samples lost to keep splits apart on the ground;
    `class_distance` the largest distance (total variation, 0 to 1) of a split's class shares from
    those of the whole; `details` what else the method states, such as the side of its blocks.
    """

    method: Literal["blocks", "random"]
    requested: dict[str, Share]
    shares: dict[str, Share]
    given_up: Share = 0.0
    class_distance: Share | None = None
    details: dict[str, str | int | float] = {}


class SampleCounts(_Part):
    """Samples planned, made (`ok`) and not made, by reason; `negatives` of those made are empty."""

    planned: Count
    ok: Count
    negatives: Count = 0
    by_reason: Counts = {}


class Failure(_Part):
    """Why a planned sample is not in the dataset."""

    reason: str = Field(min_length=1)
    detail: str = ""


class OsmSource(_Part):
    """The OSM data: where from, of when, what was skipped (`counts`) or has no class yet.

    `sha256` is that of the file; "" where the data came from no single file.
    """

    source: str = Field(min_length=1)
    sha256: str = ""
    timestamp: str = ""
    counts: Counts = {}
    notes: list[str] = []
    unknown_tags: Counts = {}


class ImageryEntry(_Part):
    """A source of pixels and the licence that they come under.

    `id`, `license` and `attribution` are the `image_source`, `image_license` and
    `image_attribution` of the rows; `license` is an SPDX id where one exists, `date` the day or
    year of the pictures, `checked_on` the day on which a person read the licence.
    """

    id: str = Field(min_length=1)
    license: str = Field(min_length=1)
    license_url: str = ""
    attribution: str = Field(min_length=1)
    redistribute: Literal["yes", "no", "ask"]
    date: str = ""
    checked_on: str = ""
    synthetic: bool = False


class DataFile(_Part):
    """Receipt of one Parquet file; `path` is relative to the dataset, with forward slashes."""

    path: str = Field(pattern=_PATH)
    rows: Annotated[int, Field(gt=0)]
    bytes: Annotated[int, Field(gt=0)]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def config(self) -> str:
        """Config whose folder the file lies in."""
        return self.path.split("/")[1]

    @property
    def split(self) -> str:
        """Split whose rows the file holds."""
        return self.path.split("/")[2].partition("-")[0]


class Report(_Part):
    """All of `report.json`. It holds no time and no path of the machine, so that it is repeatable.

    `fingerprint` names recipe and inputs; `socioseg` is the version that made the dataset;
    `failed` gives a reason for every id of `plan.jsonl` that is not a row; `permission` is the
    leave that a publisher has for imagery marked "ask".
    """

    format: Literal[1] = 1
    fingerprint: str = Field(min_length=1)
    socioseg: str
    recipe: dict[str, Any]
    region: Region
    splits: Splits
    counts: SampleCounts
    failed: dict[str, Failure] = {}
    osm: OsmSource
    imagery: list[ImageryEntry] = Field(min_length=1)
    files: list[DataFile]
    notes: list[str] = []
    permission: str = ""

    @property
    def synthetic(self) -> bool:
        """Whether any of the pixels were painted, not photographed."""
        return any(source.synthetic for source in self.imagery)


def read_report(root: Path) -> Report:
    """Report of the dataset in `root`.

    Raises
    ------
    DatasetError
        If it is missing, unreadable or not as this version writes it.
    """
    path = root / REPORT
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}): is {root} a finished dataset?"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DatasetError(
            f"{path} is not a report of this version ({where}: {first['msg']}): build it again."
        ) from error


def write_report(root: Path, report: Report) -> None:
    """Write `report.json` into `root`: the same report gives the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_json(root / REPORT, report.model_dump(mode="json"))
