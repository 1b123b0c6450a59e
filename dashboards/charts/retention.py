"""How long data is kept: age against the schedule, the share retained beyond schedule by month and by where.

Here: three drawings. Not here: what is counted (data/records.py), category by system (heatmap.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rates import month_line, months_axis
from dashboards.charts.rendering import drawn
from dashboards.charts.theme import (
    BAD,
    INFO,
    RULE,
    SOFT_INFO,
    SOFT_UNSURE,
    TEXT,
    axis,
    by_kind,
    percent_axis,
    target_rule,
    tips,
    words_beside,
)
from dashboards.data.metrics import Figure
from promisekept.presentation import formats

KINDS = {"within": "Within the period", "over": "Retained beyond schedule", "on_hold": "On hold"}
_KIND_COLOURS = {"Within the period": SOFT_INFO, "Retained beyond schedule": BAD, "On hold": SOFT_UNSURE}


@dataclass(frozen=True, slots=True)
class Bar:
    """Records of one age and kind; `start` and `end` in months or days since the trigger."""

    start: int
    end: int
    kind: str
    records: int
    sets: int


@drawn
def ages(bars: Sequence[Bar], limit: int, unit: str, words: str) -> alt.LayerChart:
    """Records by age, with the day by which the schedule wants them gone."""
    data = pd.DataFrame(
        [
            {
                "from": bar.start,
                "to": bar.end,
                "kind": KINDS[bar.kind],
                "records": bar.records,
                "shown": formats.count(bar.records),
                "sets": formats.count(bar.sets),
                "age": f"{bar.start} to {bar.end - 1} {unit}s" if bar.end - bar.start > 1 else formats.days(bar.start, of=unit),
            }
            for bar in bars
        ]
    )
    last = max(limit, *(bar.end for bar in bars))
    scale = alt.Scale(domain=[0, last * 1.02], nice=False)
    marks = (
        alt.Chart(data)
        .mark_bar(binSpacing=1.5)
        .encode(
            x=alt.X(
                "from:Q",
                bin="binned",
                scale=scale,
                axis=axis(tickCount=7, grid=False, title=f"Age in {unit}s", titleAnchor="end", format="d", tickMinStep=1),
            ),
            x2=alt.X2("to:Q"),
            y=alt.Y("records:Q", stack="zero", axis=axis(grid=True, tickMinStep=1, tickCount=4, title="Records", format="~s")),
            color=by_kind(_KIND_COLOURS, data["kind"], offset=20),
            order=alt.Order("kind:N", sort="descending"),
            tooltip=tips(age="Age", kind="State", shown="Records", sets="Record sets"),
        )
    )
    mark = pd.DataFrame({"limit": [limit], "words": [words]})
    rule = alt.Chart(mark).mark_rule(**RULE).encode(x=alt.X("limit:Q", scale=scale))
    right = limit > last * 0.62
    text = (
        alt.Chart(mark)
        .mark_text(align="right" if right else "left", dx=-5 if right else 5, dy=-7, baseline="bottom", fontSize=11, color=TEXT)
        .encode(x=alt.X("limit:Q", scale=scale), y=alt.YValue(5), text=alt.Text("words:N"))
    )
    return alt.layer(marks, rule, text)


@drawn
def share_by_month(
    points: Sequence[tuple[date, Figure]], target: tuple[str, float] | None, at: date, running: date
) -> alt.LayerChart:
    """The share beyond schedule at the end of each month: a line from 0 with the target; the month looked at is marked."""
    rows = [
        {
            "month": f"{month:%b %Y}",
            "value": figure.value,
            "shown": formats.rate(figure.value, target[1] if target else None),
            "of": formats.out_of(figure.numerator, figure.denominator),
            "at": month == at,
            "running": month >= running,
        }
        for month, figure in points
        if figure.value is not None
    ]
    data = pd.DataFrame(rows)
    top = max([*(float(figure.value or 0) for _, figure in points), target[1] if target else 0.0, 0.01])
    scale = alt.Scale(domain=[0, top * 1.15], nice=False)
    x = months_axis(rows, 0.15)
    y = alt.Y("value:Q", scale=scale, axis=percent_axis(grid=True) if top >= 0.04 else axis(format=".1%", tickCount=5, grid=True))
    base = alt.Chart(data).encode(x=x)
    dots = base.mark_point(filled=True, color=INFO, opacity=1).encode(
        y=y,
        size=alt.SizeValue(26, condition={"test": "datum.at", "value": 110}),
        tooltip=tips(month="End of", shown="Retained beyond schedule", of="Records"),
    )
    values = [float(figure.value) for _, figure in points if figure.value is not None]
    return alt.layer(*month_line(base, y, rows), dots, *target_rule(target, "y", values, top * 1.15))


@drawn
def over_retained_by(points: Sequence[tuple[str, Figure]], target: tuple[str, float] | None) -> alt.LayerChart:
    """The share retained beyond schedule by category or by system: bars, the largest share first."""
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "value": figure.value or 0.0,
            "end": max(figure.value or 0.0, target[1] if target else 0.0),
            "words": f"{formats.rate(figure.value)} · {formats.out_of(figure.numerator, figure.denominator)}",
        }
        for name, figure in points
    ]
    data = pd.DataFrame(rows)
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=[row["name"] for row in rows], axis=axis(labelOpacity=0.9), scale=alt.Scale(paddingInner=0.4))
    )
    most = max([*(row["value"] for row in rows), target[1] if target else 0.0, 0.01])
    scale = alt.Scale(domain=[0, most * 1.6], nice=False)
    bars = base.mark_bar(color=SOFT_INFO).encode(x=alt.X("value:Q", scale=scale, axis=percent_axis(grid=True)))
    return alt.layer(bars, words_beside(base, x=alt.X("end:Q", scale=scale)), *target_rule(target, "x"))
