"""Counts: promises missed by month, the waterfall of requests, days to the due date, reasons of denial.

Here: bars; they all begin at 0 and carry their number. Not here: shares with intervals (rates.py), curves (request_durations.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, COLOURS, RULE, SOFT_INFO, SOFT_UNSURE, axis, by_kind, month_labels, tips, words_beside
from promisekept.presentation import formats
from promisekept.presentation.statuses import REQUESTS, WATERFALL

BAR = "bar"
"""The name of the selection that a click on a bar of a month makes; its fields are `period` and `status`."""
_GROUPS = {"Missed": "missed", "Not assessable": "not_assessable"}
_MISSED, _TIMELY = {"Missed": BAD, "Not assessable": SOFT_UNSURE}, {"Overdue": BAD, "In time": SOFT_INFO}


@drawn
def missed_by_month(points: Sequence[tuple[date, int, int]]) -> alt.LayerChart:
    """Stacked bars: promises missed (at the baseline, with their number) and not assessable."""
    rows = [
        {"sort": index, "kind": kind, "promises": number, "order": order, "full": f"{month:%b %Y}"}
        | {"period": f"{month:%Y-%m}", "status": _GROUPS[kind]}
        for index, (month, missed, unknown) in enumerate(points)
        for order, (kind, number) in enumerate(zip(_MISSED, (missed, unknown), strict=True))
    ]
    data = pd.DataFrame(rows)
    most = max(missed + unknown for _, missed, unknown in points)
    x = alt.X(
        "sort:O",
        axis=axis(labelAngle=0, labelExpr=month_labels([month for month, *_ in points])),
        scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2),
    )
    bars = (
        alt.Chart(data)
        .mark_bar(cursor="pointer")
        .encode(
            x=x,
            y=alt.Y(
                "promises:Q",
                stack="zero",
                axis=axis(grid=True, tickMinStep=1, tickCount=min(5, most or 1), title="Promises"),
                scale=alt.Scale(domain=[0, max(most, 1) * 1.05], nice=False),
            ),
            color=by_kind(_MISSED, _MISSED),
            order=alt.Order("order:Q"),
            tooltip=tips(full="Month", kind="Verdict", promises="Promises"),
        )
        .add_params(alt.selection_point(name=BAR, fields=["period", "status"], on="click", clear=False))
    )
    numbers = (
        alt.Chart(data)
        .transform_filter(f"datum.kind === 'Missed' && datum.promises > {most * 0.09}")
        .mark_text(color="#FFFFFF", fontWeight=600, fontSize=11, dy=9)
        .encode(x=x, y=alt.Y("promises:Q"), text=alt.Text("promises:Q"))
    )
    return alt.layer(bars, numbers)


@drawn
def waterfall(parts: Mapping[str, int]) -> alt.LayerChart:
    """Where every request went: one bar per status, each beginning where the last one ended."""
    whole, begun, rows = sum(parts.values()), 0, []
    for status in WATERFALL:
        number = parts.get(status, 0)
        word = REQUESTS[status]
        words = f"{formats.count(number)} · {formats.share(number, whole)}" if number else "0"
        bar = {"status": word.text, "from": begun, "to": begun + number, "n": number, "words": words}
        rows.append(bar | {"colour": COLOURS[word.colour]})
        begun += number
    data = pd.DataFrame(rows)
    order = [row["status"] for row in rows]
    base = alt.Chart(data).encode(
        y=alt.Y("status:N", sort=order, axis=axis(labelOpacity=0.9), scale=alt.Scale(paddingInner=0.38))
    )
    scale = alt.Scale(domain=[0, whole * 1.24], nice=False)
    bars = base.mark_bar(cornerRadius=1.5, minBandSize=2).encode(
        x=alt.X(
            "from:Q", scale=scale, axis=axis(grid=True, tickCount=4, title="Requests received", titleAnchor="end", format=",d")
        ),
        x2=alt.X2("to:Q"),
        color=alt.Color("colour:N", scale=None),
        tooltip=tips(status="Status", words="Requests"),
    )
    ticks = (
        base.transform_filter("datum.n > 0")
        .mark_tick(thickness=2, bandSize=13)
        .encode(x=alt.X("from:Q"), color=alt.Color("colour:N", scale=None))
    )
    return alt.layer(bars, ticks, words_beside(base, x=alt.X("to:Q")))


@drawn
def days_left(rows: Sequence[dict[str, Any]]) -> alt.LayerChart:
    """Open requests by days to their due date, in weeks; overdue ones left of the rule."""
    bins: dict[int, int] = {}
    for row in rows:
        week = max(-8, min(12, row["days_left"] // 7))
        bins[week] = bins.get(week, 0) + row["n"]
    data = pd.DataFrame(
        [
            {
                "week": week,
                "end": week + 1,
                "n": bins.get(week, 0),
                "kind": "Overdue" if week < 0 else "In time",
                "days": _days(week),
            }
            for week in range(min(bins), max(bins) + 1)
        ]
    )
    ticks = [week for week in range(min(bins), max(bins) + 2) if week % 2 == 0]
    bars = (
        alt.Chart(data)
        .mark_bar(binSpacing=2)
        .encode(
            x=alt.X(
                "week:Q",
                bin="binned",
                axis=axis(values=ticks, labelExpr="datum.value * 7", title="Days to the due date", titleAnchor="end", grid=False),
            ),
            x2=alt.X2("end:Q"),
            y=alt.Y("n:Q", axis=axis(grid=True, tickMinStep=1, tickCount=4, title="Requests")),
            color=by_kind(_TIMELY, _TIMELY),
            tooltip=tips(days="Days left", n="Requests"),
        )
    )
    today = alt.Chart(pd.DataFrame({"week": [0]})).mark_rule(**RULE).encode(x=alt.X("week:Q"))
    return alt.layer(bars, today)


@drawn
def by_reason(rows: Sequence[tuple[str, int]]) -> alt.LayerChart:
    """Horizontal bars, most first, with number and share at their end."""
    whole = sum(number for _, number in rows)
    data = pd.DataFrame(
        [
            {"reason": reason, "n": number, "words": f"{formats.count(number)} · {formats.share(number, whole)}"}
            for reason, number in rows
        ]
    )
    base = alt.Chart(data).encode(
        y=alt.Y("reason:N", sort=[reason for reason, _ in rows], axis=axis(labelOpacity=0.9), scale=alt.Scale(paddingInner=0.4))
    )
    scale = alt.Scale(domain=[0, max(number for _, number in rows) * 1.25], nice=False)
    bars = base.mark_bar(color=SOFT_INFO).encode(
        x=alt.X(
            "n:Q", scale=scale, axis=axis(grid=True, tickCount=4, tickMinStep=1, title="Rows", titleAnchor="end", format=",d")
        )
    )
    return alt.layer(bars, words_beside(base, x=alt.X("n:Q")))


def _days(week: int) -> str:
    return f"{week * 7} to {week * 7 + 6}".replace("-", "−")  # noqa: RUF001
