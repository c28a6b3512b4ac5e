"""Numbers as the page shows them."""

from __future__ import annotations

NONE = "\N{EN DASH}"
"""Stands where there is no number."""
_MINUS = str.maketrans("-", "\N{MINUS SIGN}")


def percent(value: float | None) -> str:
    """A share in percent, without the sign."""
    return NONE if value is None else f"{100 * value:.1f}".translate(_MINUS)


def plain(value: float | None) -> str:
    """A number that is no share."""
    return NONE if value is None else f"{value:.2f}"


def signed(value: float | None) -> str:
    """A difference of shares in percentage points."""
    return NONE if value is None else f"{100 * value:+.1f}".translate(_MINUS)


def seconds(value: float | None) -> str:
    """A time with three figures, and its unit."""
    if value is None:
        return NONE
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= scale or unit == "µs":
            return f"{_figures(value / scale)} {unit}"
    raise AssertionError


def amount(value: float) -> str:
    """A count or a cost: whole where it is large, else with three figures."""
    return _figures(value)


def _figures(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
