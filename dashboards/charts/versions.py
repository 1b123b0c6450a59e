"""Versions of the policy over time, and how many of those concerned were notified before each took effect.

Here: two drawings. Not here: whether that was enough (the promise sets the target).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import (
    BAD,
    INFO,
    NEUTRAL,
    SOFT_INFO,
    SOFT_UNSURE,
    TEXT,
    axis,
    by_kind,
    percent_axis,
    target_rule,
    tips,
)
from promisekept.presentation import formats, periods

KINDS = {"In force": INFO, "Was in force": SOFT_INFO, "Published, not in effect": NEUTRAL}
NOTICES = {"Notified before effect": INFO, "Notified late": SOFT_UNSURE, "Not notified": BAD}


@dataclass(frozen=True, slots=True)
class VersionInterval:
    """One version on local dates: published, in effect until (today while it lasts), notified on; its label."""

    name: str
    published: date | None
    effective: date | None
    until: date | None
    notified: date | None
    in_force: bool
    words: str


@drawn
def timeline(spans: Sequence[VersionInterval], today: date) -> alt.LayerChart:
    """Each version in its lane, the newest on top; dates as day numbers, so that no browser's zone moves them."""
    days = [day for span in spans for day in (span.published, span.effective, span.until, span.notified) if day] + [today]
    origin, last = min(days) - timedelta(days=5), max(days)
    width = max((last - origin).days, 30)

    def at(day: date) -> int:
        return (day - origin).days

    bars = pd.DataFrame(_bars(spans, at, today))
    order = [span.name for span in spans]
    ticks = _ticks(origin, last)
    titles = "{" + ", ".join(f"{at(day)}: '{day:%b %Y}'" for day in ticks) + "}[datum.value]"
    scale = alt.Scale(domain=[0, width * 1.04], nice=False)
    x = alt.X("from:Q", scale=scale, axis=axis(values=[at(day) for day in ticks], labelExpr=titles, grid=True))
    y = alt.Y("lane:N", sort=order, scale=alt.Scale(domain=order, paddingInner=0.62), axis=axis(labelOpacity=0.9))
    layers: list[alt.Chart] = [
        alt.Chart(bars)
        .mark_bar(cornerRadius=2)
        .encode(
            x=x,
            x2=alt.X2("to:Q"),
            y=y,
            color=by_kind(KINDS, bars["kind"], offset=18),
            tooltip=tips(lane="Version", kind="State", dates="Days"),
        )
    ]
    notices = pd.DataFrame(
        [{"lane": span.name, "at": at(span.notified), "day": formats.day(span.notified)} for span in spans if span.notified]
    )
    if len(notices):
        layers.append(
            alt.Chart(notices)
            .mark_point(filled=True, size=70, color=TEXT, opacity=1, shape="diamond")
            .encode(
                x=alt.X("at:Q", scale=scale),
                y=y,
                tooltip=tips(lane="Version", day="First notified on"),
            )
        )
    for left in (True, False):  # a layer without a mark would be an image without a name to a screen reader
        words = [row for row in _words(spans, at) if (row["from"] < width * 0.5) == left]
        if words:
            layers.append(
                alt.Chart(pd.DataFrame(words))
                .transform_calculate(edge="datum.from" if left else str(width))
                .mark_text(align="left" if left else "right", dy=-19, fontSize=11.5, color=TEXT)
                .encode(x=alt.X("edge:Q", scale=scale), y=y, text=alt.Text("words:N"))
            )
    return alt.layer(*layers)


def _bars(spans: Sequence[VersionInterval], at: Callable[[date], int], today: date) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for span in spans:
        segments = []
        if span.published and (span.effective is None or span.published < span.effective):
            segments.append(("Published, not in effect", span.published, span.effective or today))
        if span.effective and span.until and span.until > span.effective:
            segments.append(("In force" if span.in_force else "Was in force", span.effective, span.until))
        rows += [
            {
                "lane": span.name,
                "kind": kind,
                "from": at(start),
                "to": max(at(end), at(start) + 1),
                "dates": f"{formats.day(start)}{formats.TO}{formats.day(end)}",
            }
            for kind, start, end in segments
        ]
    return rows


def _words(spans: Sequence[VersionInterval], at: Callable[[date], int]) -> list[dict[str, Any]]:
    return [
        {"lane": span.name, "from": at(begin), "words": span.words}
        for span in spans
        if (begin := span.published or span.effective)
    ]


def _ticks(origin: date, last: date) -> list[date]:
    months = []
    month = periods.containing(origin, "month")
    while month.end and month.end <= last:
        months.append(month.end)
        month = periods.containing(month.end, "month")
    step = max(1, -(-len(months) // 6))
    return months[::step]


@drawn
def notified(parts: Sequence[tuple[str, int, int, int]], target: tuple[str, float] | None) -> alt.LayerChart:
    """Of those concerned by each version: notified before it took effect, notified late, not notified.

    Args:
        parts: version, notified before, notified late, audience.
        target: what a promise asks of the share notified before.
    """
    rows = [
        {
            "lane": f"{name} {formats.out_of(before, audience)}",
            "kind": kind,
            "order": place,
            "share": number / audience,
            "shown": formats.out_of(number, audience),
        }
        for name, before, after, audience in parts
        for place, (kind, number) in enumerate(zip(NOTICES, (before, after, audience - before - after), strict=True))
    ]
    data = pd.DataFrame(rows)
    order = list(dict.fromkeys(str(row["lane"]) for row in rows))
    extent = 7 * max(map(len, order))  # else the font that comes late clips the names
    bars = (
        alt.Chart(data)
        .mark_bar(cornerRadius=1.5)
        .encode(
            x=alt.X("share:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(grid=True)),
            y=alt.Y(
                "lane:N",
                sort=order,
                axis=axis(labelOpacity=0.9, minExtent=extent),
                scale=alt.Scale(paddingInner=0.45),
            ),
            color=by_kind(NOTICES, NOTICES, offset=20),
            order=alt.Order("order:Q"),
            tooltip=tips(lane="Version", kind="Persons", shown="Of"),
        )
    )
    return alt.layer(bars, *target_rule(target, "x"))
