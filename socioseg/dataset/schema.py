"""Columns of the dataset, as Arrow and as Hugging Face `datasets` know them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import datasets

SPLITS = ("train", "validation", "test")
CONFIGS = {level.config: level for level in Level}
"""Config name to level; the config `all` lists the files of these three."""
IMAGE_COLUMNS = ("map_image", "sat_image", "mask_label")

_IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
_COLUMNS: dict[str, pa.DataType] = {
    "id": pa.string(),
    "problem": pa.string(),
    "map_image": _IMAGE,
    "sat_image": _IMAGE,
    "mask_label": _IMAGE,
    "level": pa.string(),
    "socio_name": pa.string(),
    "socio_class": pa.string(),
    "socio_function": pa.string(),
    "boxes": pa.list_(pa.list_(pa.int32(), 4)),
    "instances": pa.int32(),
    "region": pa.string(),
    "crs": pa.string(),
    "transform": pa.list_(pa.float64(), 6),
    "zoom": pa.int32(),
    "gsd": pa.float64(),
    "osm_ids": pa.list_(pa.string()),
    "osm_timestamp": pa.string(),
    "image_source": pa.string(),
    "image_license": pa.string(),
    "image_attribution": pa.string(),
    "map_style": pa.string(),
}
COLUMNS = tuple(_COLUMNS)
FACTS = frozenset(COLUMNS) - {"id", "problem", "level", *IMAGE_COLUMNS}
"""What a row tells beside its query and its images."""
_DTYPES = {pa.string(): "string", pa.int32(): "int32", pa.float64(): "float64"}


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """`kind` as `datasets` writes it into the metadata of a Parquet file."""
    if kind == _IMAGE:
        return {"_type": "Image"}
    if pa.types.is_fixed_size_list(kind):
        feature = _feature(kind.value_type)
        return {"feature": feature, "length": kind.list_size, "_type": "List"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": _DTYPES[kind], "_type": "Value"}


def _metadata() -> dict[str, str]:
    """Tell a plain `datasets.load_dataset` which columns are images.

    Written out here because importing `datasets` takes most of a second in every worker.
    """
    columns = {name: _feature(kind) for name, kind in _COLUMNS.items()}
    return {"huggingface": json.dumps({"info": {"features": columns}})}


ARROW_SCHEMA = pa.schema(_COLUMNS.items(), metadata=_metadata())


def facts_in(schema: pa.Schema) -> frozenset[str]:
    """Those of `FACTS` that Parquet files of others have, in the types that they have here.

    Text and lists may be of Arrow's other kinds (large, or of any length), which is what pandas,
    polars and `datasets` make of them.
    """
    return frozenset(
        name for name in FACTS.intersection(schema.names) if _same(schema.field(name), name)
    )


def _same(field: pa.Field, name: str) -> bool:
    return _plain(field.type) == _plain(_COLUMNS[name])


def _plain(kind: pa.DataType) -> str:
    """The type, whichever way Arrow holds it."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"list of {_plain(kind.value_type)}"
    return str(kind).removeprefix("large_")


def features() -> datasets.Features:
    """Columns as `datasets.Features`."""
    from datasets import Features  # noqa: PLC0415 - slow to import, and rarely needed

    return Features.from_arrow_schema(ARROW_SCHEMA)


def image_path(sample_id: str, column: str, data: bytes) -> str:
    """Name that an image has when it is taken out of its row: "<id>_map.png"."""
    extension = "jpg" if data.startswith(b"\xff\xd8") else "png"
    return f"{sample_id}_{column.partition('_')[0]}.{extension}"


def rows_to_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Arrow table of `rows`, in their order.

    Parameters
    ----------
    rows
        One mapping per sample with a value for every one of `COLUMNS`; those of the image
        columns are the bytes of a PNG or JPEG file.

    Raises
    ------
    KeyError
        If a column is missing.
    pyarrow.ArrowInvalid, pyarrow.ArrowTypeError
        If a value does not fit its column.
    """
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in COLUMNS}
    for name in IMAGE_COLUMNS:
        columns[name] = [
            {"bytes": data, "path": image_path(sample_id, name, data)}
            for sample_id, data in zip(columns["id"], columns[name], strict=True)
        ]
    return pa.table(columns, schema=ARROW_SCHEMA)
