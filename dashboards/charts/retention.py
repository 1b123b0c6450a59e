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

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, INFO, SOFT_INFO, SOFT_UNSURE, TEXT, axis, percent_axis, target_rule
from dashboards.data.metrics import Figure
from promisekept.presentation import formats

KINDS = {"within": "Within the period", "over": "Retained beyond schedule", "held": "On hold"}
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
                "sets": bar.sets,
                "age": f"{bar.start} to {bar.end - 1} {unit}s" if bar.end - bar.start > 1 else formats.days(bar.start, of=unit),
            }
            for bar in bars
        ]
    )
    last = max(limit, *(bar.end for bar in bars))
    kinds = [kind for kind in KINDS.values() if kind in set(data["kind"])]
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
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[_KIND_COLOURS[kind] for kind in kinds]),
                legend=alt.Legend(offset=20),
            ),
            order=alt.Order("kind:N", sort="descending"),
            tooltip=[
                alt.Tooltip("age", title="Age"),
                alt.Tooltip("kind", title="State"),
                alt.Tooltip("records", title="Records", format=","),
                alt.Tooltip("sets", title="Record sets", format=","),
            ],
        )
    )
    mark = pd.DataFrame({"limit": [limit], "words": [words]})
    rule = alt.Chart(mark).mark_rule(strokeDash=[4, 3], color=TEXT, opacity=0.75).encode(x=alt.X("limit:Q", scale=scale))
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
            "month": f"{month:%b %y}",
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
    months = [row["month"] for row in rows]
    shown = months[-1::-3][::-1] if len(months) > 8 else months
    top = max([*(float(figure.value or 0) for _, figure in points), target[1] if target else 0.0, 0.01])
    scale = alt.Scale(domain=[0, top * 1.15], nice=False)
    x = alt.X("month:O", sort=months, axis=axis(values=shown, labelAngle=0), scale=alt.Scale(type="point", padding=0.15))
    y = alt.Y("value:Q", scale=scale, axis=percent_axis(grid=True) if top >= 0.04 else axis(format=".1%", tickCount=5, grid=True))
    base = alt.Chart(data).encode(x=x)
    settled = base.mark_line(color=INFO, strokeWidth=2).encode(y=y).transform_filter("!datum.running")
    layers: list[alt.Chart] = [settled] if any(not row["running"] for row in rows) else []
    if rows and rows[-1]["running"]:
        layers.append(
            base.mark_line(color=INFO, strokeWidth=2, strokeDash=[4, 3])
            .encode(y=y)
            .transform_filter(alt.FieldOneOfPredicate("month", months[-2:]))
        )
    tips = [
        alt.Tooltip("month", title="End of"),
        alt.Tooltip("shown", title="Retained beyond schedule"),
        alt.Tooltip("of", title="Records"),
    ]
    layers.append(
        base.mark_point(filled=True, color=INFO, opacity=1).encode(
            y=y, size=alt.SizeValue(26, condition={"test": "datum.at", "value": 110}), tooltip=tips
        )
    )
    if target:
        layers.append(target_rule(target[1], f"Target {formats.target(target[0], target[1], 'share')}", "y"))
    return alt.layer(*layers)


@drawn
def kept_by(points: Sequence[tuple[str, Figure]], target: tuple[str, float] | None) -> alt.LayerChart:
    """The share retained beyond schedule by category or by system: bars, the largest share first."""
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "value": figure.value or 0.0,
            "end": max(figure.value or 0.0, target[1] if target else 0.0),
            "label": f"{formats.rate(figure.value)} · {formats.out_of(figure.numerator, figure.denominator)}",
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
    text = base.mark_text(align="left", dx=6, color=TEXT, fontSize=11.5).encode(
        x=alt.X("end:Q", scale=scale), text=alt.Text("label:N")
    )
    rule = [target_rule(target[1], f"Target {formats.target(target[0], target[1], 'share')}", "x")] if target else []
    return alt.layer(bars, text, *rule)
