"""YAML head of the card: what the Hub and `datasets` read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from socioseg.dataset.schema import ARROW_SCHEMA, CONFIGS, SPLITS

if TYPE_CHECKING:
    from socioseg.dataset.report import DataFile, ImageryEntry, Report

DEFAULT_CONFIG = "all"
_HUB_LICENCES = frozenset(
    {
        "cc0-1.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "etalab-2.0", "odbl", "odc-by",
        "pddl", "apache-2.0", "mit",
    }
)  # fmt: skip
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)


def front_matter(report: Report) -> str:
    """YAML of `card_head` between two lines of dashes."""
    text = yaml.safe_dump(card_head(report), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n"


def card_head(report: Report) -> dict[str, Any]:
    """Licences, tags, configs and features of the dataset, in the Hub's terms."""
    configs = [DEFAULT_CONFIG, *CONFIGS]
    files = {config: _files(report, config) for config in configs}
    files = {config: splits for config, splits in files.items() if splits}
    return {
        **_licence(report.imagery),
        "pretty_name": f"SocioSeg {report.region.name}",
        "language": ["en"],
        "size_categories": [_size(sum(file.rows for file in report.files))],
        "task_categories": ["image-segmentation"],
        "annotations_creators": ["crowdsourced"],
        "source_datasets": ["original"],
        "tags": _tags(report),
        "configs": [_config(name, splits) for name, splits in files.items()],
        "dataset_info": [_info(name, splits) for name, splits in files.items()],
    }


def _licence(imagery: list[ImageryEntry]) -> dict[str, Any]:
    found = {source.license: source for source in imagery}
    ids = [_hub_licence(name) for name in found]
    head: dict[str, Any] = {"license": list(dict.fromkeys(["odbl", *ids]))}
    if "other" in ids:
        # The labels' licence has its own id; these two fields speak of the first other one.
        name = list(found)[ids.index("other")]
        head["license_name"] = name
        head["license_link"] = found[name].license_url or "LICENSE-DATA.md"
    return head


def _hub_licence(spdx: str) -> str:
    """The Hub's word for an SPDX id; it knows one version of the ODbL and writes none."""
    name = spdx.lower().replace("odbl-1.0", "odbl")
    return name if name in _HUB_LICENCES else "other"


def _size(samples: int) -> str:
    return next((name for limit, name in _SIZES if samples < limit), "10M<n<100M")


def _tags(report: Report) -> list[str]:
    tags = ["geospatial", "openstreetmap", "remote-sensing", "socio-semantic-segmentation"]
    return [*tags, "synthetic"] if report.synthetic else tags


def _files(report: Report, config: str) -> dict[str, list[DataFile]]:
    """Files of `config` by split, without splits that have none: `datasets` refuses those."""
    splits: dict[str, list[DataFile]] = {}
    for split in SPLITS:
        for file in report.files:
            if file.split == split and config in {DEFAULT_CONFIG, file.config}:
                splits.setdefault(split, []).append(file)
    return splits


def _config(name: str, splits: dict[str, list[DataFile]]) -> dict[str, Any]:
    default = {"default": True} if name == DEFAULT_CONFIG else {}
    data_files = [
        {"split": split, "path": [file.path for file in files]} for split, files in splits.items()
    ]
    return {"config_name": name, **default, "data_files": data_files}


def _info(name: str, splits: dict[str, list[DataFile]]) -> dict[str, Any]:
    size = sum(file.bytes for files in splits.values() for file in files)
    counts = [
        {
            "name": split,
            "num_bytes": sum(file.bytes for file in files),
            "num_examples": sum(file.rows for file in files),
        }
        for split, files in splits.items()
    ]
    columns = [{"name": field.name, **_feature(field.type)} for field in ARROW_SCHEMA]
    return {
        "config_name": name,
        "features": columns,
        "splits": counts,
        "download_size": size,
        "dataset_size": size,
    }


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """One column in the YAML form of `datasets`."""
    if pa.types.is_struct(kind):
        return {"dtype": "image"}
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        inner = _feature(kind.value_type)
        feature: dict[str, Any] = {"list": inner.get("dtype", inner)}
        if pa.types.is_fixed_size_list(kind):
            feature["length"] = kind.list_size
        return feature
    return {"dtype": "float64" if pa.types.is_float64(kind) else str(kind)}
