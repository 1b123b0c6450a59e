"""Shares: over months with their uncertainty, and ranked by place.

Here: the two drawings of a rate. Fewer than ten cases are drawn hollow and never ranked. Not here: what is rated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import floor
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import INFO, axis, target_rule, tips
from dashboards.data.metrics import Figure, wilson
from promisekept.presentation import formats

FEW = 10
_ROOM = 0.03
"""What an axis of shares has beyond its first and last value, as a share of it."""
_TICKS = 6
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
        interval_row(f"{month:%b %Y}", figure) | {"month": f"{month:%b %Y}", "running": month >= running}
        for month, figure in points
        if figure.denominator
    ]
    data = pd.DataFrame(rows)
    scale, ticks = _shares(rows, target)
    x = months_axis(rows, 0.3)
    y = alt.Y("value:Q", scale=scale, axis=axis(**ticks, titleAngle=0, titleAlign="left", titleX=0, titleY=-8))
    base = alt.Chart(data).encode(x=x)
    shown = tips(month="Month", shown="Share", of="Out of", interval="95% interval")
    band = base.mark_area(opacity=0.16, color=INFO).encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q"))
    dots = base.mark_point(color=INFO, size=34, strokeWidth=1.6, opacity=1).encode(
        y=y, fill=alt.FillValue(INFO), fillOpacity=HOLLOW, tooltip=shown
    )
    values, span = [row["value"] for row in rows], scale.domain[1] - scale.domain[0]
    return alt.layer(band, *month_line(base, y, rows), dots, *target_rule(target, "y", values, span))


def month_line(base: alt.Chart, y: alt.Y, rows: Sequence[Mapping[str, Any]]) -> list[alt.Chart]:
    """A line over the months, dashed on the way to one that is `running`."""
    line = base.mark_line(color=INFO, strokeWidth=2).encode(y=y).transform_filter("!datum.running")
    if not rows or not rows[-1]["running"]:
        return [line]
    months = [row["month"] for row in rows[-2:]]
    dashed = base.mark_line(color=INFO, strokeWidth=2, strokeDash=[4, 3]).encode(y=y)
    return [*([line] if len(rows) > 1 else []), dashed.transform_filter(alt.FieldOneOfPredicate("month", months))]


def months_axis(rows: Sequence[Mapping[str, Any]], padding: float) -> alt.X:
    """The months of some rows, every third named where they are many."""
    months = [row["month"] for row in rows]
    named = months[-1::-3][::-1] if len(months) > 8 else months
    return alt.X(
        "month:O",
        sort=months,
        axis=axis(values=named, labelAngle=0, labelOverlap=True, labelSeparation=6),
        scale=alt.Scale(type="point", padding=padding),
    )


@drawn
def ranked(points: Sequence[tuple[str, Figure]], target: tuple[str, float] | None, noun: str = "Jurisdiction") -> alt.LayerChart:
    """Dots with 95% intervals, lowest first; fewer than ten cases hollow and last. `noun` names what is ranked."""
    rows = sorted(
        (interval_row(name, figure) for name, figure in points if figure.denominator),
        key=lambda row: (row["n"] < FEW, row["value"], -row["n"]),
    )
    data = pd.DataFrame(rows)
    order = [row["label"] for row in rows]
    scale, ticks = _shares(rows, target)
    base = alt.Chart(data).encode(y=alt.Y("label:N", sort=order, axis=axis(labelOpacity=0.9)))
    shown = tips(name=noun, shown="Share", of="Out of", interval="95% interval")
    x_axis = axis(**ticks, titleAnchor="end")
    interval = base.mark_rule(color=INFO, strokeWidth=2, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, axis=x_axis), x2=alt.X2("high:Q")
    )
    dots = base.mark_point(color=INFO, size=46, strokeWidth=1.6, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=x_axis), fill=alt.FillValue(INFO), fillOpacity=HOLLOW, tooltip=shown
    )
    return alt.layer(interval, dots, *target_rule(target, "x"))


def _shares(rows: Sequence[dict[str, Any]], target: tuple[str, float] | None) -> tuple[alt.Scale, dict[str, Any]]:
    """The scale and axis of shares up to 100%: every point and interval is within, those of few cases too, and none on its edge.

    An axis that does not begin at 0 names where it begins.
    """
    least = min([*(row["low"] for row in rows), *([target[1]] if target else [])], default=0.0)
    start = max(0.0, floor(least * 50) / 50)
    room = (1 - start) * _ROOM
    step = next((step for step in (0.01, 0.02, 0.05, 0.1) if (1 - start) / step <= _TICKS), 0.2)
    values = [round(1 - place * step, 2) for place in range(_TICKS + 1) if 1 - place * step > start - room]
    title = f"Axis from {start:.0%}" if start else None
    return alt.Scale(domain=[start - room, 1 + room], nice=False), {
        "format": ".0%",
        "values": values[::-1],
        "grid": True,
        "title": title,
    }


def interval_row(name: str, figure: Figure) -> dict[str, Any]:
    """A share with its 95% interval, in numbers and in words."""
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
