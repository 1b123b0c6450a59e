"""How a number is written, wherever it is shown: the same on screen and in the report, whatever the machine's locale.

Here: counts, values in their unit, targets, and how many decimals keep a rate from being rounded across an edge. Not here: how
many decimals a face begins with, dates and sentences (dashboards/notation.py, evidence/report/notation.py).
"""

from __future__ import annotations

from collections.abc import Iterable

NULL = "–"  # noqa: RUF001 - an en dash is how the product writes "no value"
MINUS = "−"  # noqa: RUF001
FIXED = "\u00a0"
SHARES = ("share", "rate")
"""Units of a metric whose value is written as percent."""

_MOST = 9


def count(value: float | None) -> str:
    """`1,204`; one decimal where the value has any."""
    if value is None:
        return NULL
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.replace("-", MINUS)


def at_risk(units: int, unit: str, operator: str | None) -> str:
    """`of 84 acts at risk`: what a count that must not rise could have been; `of 84` where nothing is forbidden."""
    return f"of {count(units)} {unit} at risk" if operator == "=" else f"of {count(units)}"


def target_number(value: float, unit: str | None) -> str:
    """`98%`: a target without its operator, with as many decimals as it has."""
    return f"{value * 100:.6f}".rstrip("0").rstrip(".") + "%" if unit in SHARES else count(value)


def decimals(value: float, edges: Iterable[float], least: int) -> int:
    """The fewest decimals, `least` or more, with which a share in percent stays on its side of every edge."""
    beside = tuple(edges)
    for number in range(least, _MOST):
        shown = round(value * 100, number)
        if all(_side(shown, edge * 100) == _side(value, edge) for edge in beside):
            return number
    return _MOST


def edges(target: float | None) -> tuple[float, ...]:
    """What no rate may be rounded across: nothing, everything, and its target."""
    return (0.0, 1.0) if target is None else (0.0, 1.0, target)


def _side(value: float, edge: float) -> int:
    gap = value - edge
    return 0 if abs(gap) < 1e-12 else (1 if gap > 0 else -1)
