"""Shares: over months with their uncertainty, and ranked by place.

Here: the two drawings of a rate. Fewer than ten cases are drawn hollow and never ranked. Not here: what is rated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import INFO, axis, percent_axis, target_rule
from dashboards.data.metrics import Figure, wilson
from promisekept.presentation import formats

FEW = 10
HOLLOW = alt.FillOpacityValue(1.0, condition={"test": f"datum.n < {FEW}", "value": 0.0})


@drawn
def over_months(points: Sequence[tuple[date, Figure]], target: tuple[str, float] | None, running: date) -> alt.LayerChart:
    """A line by month with its 95% band and the target.

    Args:
        points: month and figure, oldest first; months without a case are gaps.
        target: operator and value, or None.
        running: the month that has not ended; the way to it is dashed.
    """
    rows = [
        _row(f"{month:%b %y}", figure) | {"month": f"{month:%b %y}", "running": month >= running}
        for month, figure in points
        if figure.denominator
    ]
    data = pd.DataFrame(rows)
    months = [row["month"] for row in rows]
    shown = months[-1::-3][::-1] if len(months) > 8 else months
    scale = alt.Scale(domain=[_start(rows, target), 1.0], nice=False, clamp=True)
    x = alt.X("month:O", sort=months, axis=axis(values=shown, labelAngle=0), scale=alt.Scale(type="point", padding=0.1))
    y = alt.Y("value:Q", scale=scale, axis=percent_axis(grid=True))
    base = alt.Chart(data).encode(x=x)
    tips = [
        alt.Tooltip("month", title="Month"),
        alt.Tooltip("shown", title="Share"),
        alt.Tooltip("of", title="Out of"),
        alt.Tooltip("interval", title="95% interval"),
    ]
    band = base.mark_area(opacity=0.16, color=INFO).encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q"))
    settled = base.mark_line(color=INFO, strokeWidth=2).encode(y=y).transform_filter("!datum.running")
    last_two = months[-2:]
    unsettled = (
        base.mark_line(color=INFO, strokeWidth=2, strokeDash=[4, 3])
        .encode(y=y)
        .transform_filter(alt.FieldOneOfPredicate("month", last_two))
    )
    dots = base.mark_point(color=INFO, size=34, strokeWidth=1.6, opacity=1).encode(
        y=y, fill=alt.FillValue(INFO), fillOpacity=HOLLOW, tooltip=tips
    )
    layers = [band, settled, *([unsettled] if rows and rows[-1]["running"] else []), dots]
    if target:
        layers.append(target_rule(target[1], f"Target {formats.target(target[0], target[1], 'share')}", "y"))
    return alt.layer(*layers)


@drawn
def ranked(points: Sequence[tuple[str, Figure]], target: tuple[str, float] | None, noun: str = "Jurisdiction") -> alt.LayerChart:
    """Dots with 95% intervals, lowest first; fewer than ten cases hollow and last. `noun` says what is ranked."""
    rows = sorted(
        (_row(name, figure) for name, figure in points if figure.denominator),
        key=lambda row: (row["n"] < FEW, row["value"], -row["n"]),
    )
    data = pd.DataFrame(rows)
    order = [row["label"] for row in rows]
    scale = alt.Scale(domain=[_start(rows, target), 1.0], nice=False, clamp=True)
    base = alt.Chart(data).encode(y=alt.Y("label:N", sort=order, axis=axis(labelOpacity=0.9)))
    tips = [
        alt.Tooltip("name", title=noun),
        alt.Tooltip("shown", title="Share"),
        alt.Tooltip("of", title="Out of"),
        alt.Tooltip("interval", title="95% interval"),
    ]
    interval = base.mark_rule(color=INFO, strokeWidth=2, opacity=0.45).encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"))
    dots = base.mark_point(color=INFO, size=46, strokeWidth=1.6, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=percent_axis(grid=True)), fill=alt.FillValue(INFO), fillOpacity=HOLLOW, tooltip=tips
    )
    layers = [interval, dots]
    if target:
        layers.append(target_rule(target[1], f"Target {formats.target(target[0], target[1], 'share')}", "x"))
    return alt.layer(*layers)


def _start(rows: Sequence[dict[str, Any]], target: tuple[str, float] | None) -> float:
    """Where the axis begins: below every point and all intervals but those of few cases, which would squeeze the others."""
    lows = [row["low"] if row["n"] >= FEW else row["value"] for row in rows]
    least = min([*lows, target[1]] if target else lows)
    return max(0.0, int((least - 0.005) * 50) / 50)


def _row(name: str, figure: Figure) -> dict[str, Any]:
    k, n = figure.numerator or 0, figure.denominator or 1
    low, high = wilson(k, n)
    return {
        "name": name,
        "label": f"{name} {formats.out_of(k, n)}",
        "value": k / n,
        "n": n,
        "low": low,
        "high": high,
        "shown": formats.rate(k / n),
        "of": formats.out_of(k, n),
        "interval": f"{formats.rate(low)}{formats.TO}{formats.rate(high)}",
    }


def spoken(points: Sequence[tuple[str, Figure]], target: tuple[str, float] | None) -> str:
    """The figures of a rate chart as a sentence."""
    figures = "; ".join(
        f"{name} {formats.rate(figure.value)}, {formats.out_of(figure.numerator, figure.denominator)}"
        for name, figure in points
        if figure.denominator
    )
    against = f" Target {formats.target(target[0], target[1], 'share')}." if target else ""
    return f"{figures}.{against}"
