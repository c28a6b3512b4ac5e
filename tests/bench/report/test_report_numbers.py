"""Numbers as people read them."""

from __future__ import annotations

import pytest

from socioseg.bench.report.numbers import NONE, amount, percent, plain, seconds, signed

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.714, "2.71 s"), (312.0, "312 s"), (0.0014, "1.4 ms"), (4.2e-5, "42 µs"), (None, NONE)],
)
def test_seconds_have_three_figures_and_a_unit(value: float | None, text: str) -> None:
    assert seconds(value) == text


def test_shares_are_in_percent_with_a_true_minus() -> None:
    assert [percent(0.1234), percent(-0.5), percent(None)] == ["12.3", f"{MINUS}50.0", NONE]
    assert [signed(0.1), signed(-0.012), signed(None)] == ["+10.0", f"{MINUS}1.2", NONE]
    assert [plain(1.005), plain(None)] == ["1.00", NONE]
    assert [amount(1234567.0), amount(0.01234)] == ["1,234,567", "0.0123"]
