"""Whether a dataset is whole: everything is there that its report names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.dataset.check_files import TEXTS
from socioseg.dataset.report import REPORT, Report, read_report
from socioseg.files import Receipt

if TYPE_CHECKING:
    from pathlib import Path


def whole_report(root: Path) -> Report | None:
    """Report of the dataset in `root`; None where a file is missing or not as the report says.

    Raises
    ------
    DatasetError
        If the report is not as this version writes it.
    """
    if not (root / REPORT).exists() or not all((root / name).exists() for name in TEXTS):
        return None
    report = read_report(root)
    receipts = ((root / f.path, Receipt(f.rows, f.bytes, f.sha256)) for f in report.files)
    return report if all(receipt.matches(path) for path, receipt in receipts) else None
