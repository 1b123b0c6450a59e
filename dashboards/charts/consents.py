"""Consent: opt-in by purpose with its denominators, active consents over months, how long systems took to stop.

Here: the three drawings of the consent page. Not here: what is counted (data/), rates over months (rates.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rates import HOLLOW, interval_row
from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, INFO, NEUTRAL, OK, ROSE, RULE, TEXT, UNSURE, VIOLET, axis, tips
from dashboards.data.metrics import Figure
from promisekept.presentation import formats

LINES = (INFO, OK, VIOLET, UNSURE, ROSE, NEUTRAL)
"""As many lines as a reader can distinguish in one chart."""
_NARROW = 420
"""Pixels of a chart below which words stand at its right end, whatever lies there."""
_APART = 0.085
"""How far apart the names at the ends of lines are kept, as a share of the axis."""


@drawn
def opt_in(purposes: Sequence[tuple[str, Mapping[str, Figure]]], kinds: Mapping[str, str]) -> alt.LayerChart:
    """Dots with 95% intervals: one group a purpose, one dot a denominator; fewer than ten cases hollow."""
    rows = [
        interval_row(words, measures[code]) | {"purpose": purpose, "kind": words}
        for purpose, measures in purposes
        for code, words in kinds.items()
        if measures[code].denominator
    ]
    colours = alt.Scale(domain=list(kinds.values()), range=[INFO, VIOLET, NEUTRAL])
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y(
            "purpose:N",
            sort=[purpose for purpose, _ in purposes],
            axis=axis(labelOpacity=0.9),
            scale=alt.Scale(paddingInner=0.28, paddingOuter=0.1),
        ),
        yOffset=alt.YOffset("kind:N", sort=list(kinds.values())),
        color=alt.Color("kind:N", scale=colours, legend=alt.Legend(symbolOpacity=1)),
    )
    scale = alt.Scale(domain=[-0.02, 1.34], nice=False)
    ticks = axis(format=".0%", grid=True, values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    interval = base.mark_rule(strokeWidth=2, opacity=0.45).encode(x=alt.X("low:Q", scale=scale, axis=ticks), x2=alt.X2("high:Q"))
    dots = base.mark_point(size=42, strokeWidth=1.6, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=ticks),
        fill=alt.Fill("kind:N", scale=colours, legend=alt.Legend(symbolOpacity=1)),
        fillOpacity=HOLLOW,
        tooltip=tips(purpose="Purpose", kind="Out of", shown="Opt-in", of="Persons", interval="95% interval"),
    )
    text = base.mark_text(align="left", dx=7, fontSize=10.5).encode(
        x=alt.X("high:Q", scale=scale, axis=ticks), text=alt.Text("of:N"), color=alt.ColorValue(TEXT)
    )
    return alt.layer(interval, dots, text)


@drawn
def active(lines: Mapping[str, Sequence[tuple[date, float]]], months: Sequence[date]) -> alt.LayerChart:
    """Lines by month, each named at its end; the names are kept apart where lines end close to each other."""
    most = max((value for points in lines.values() for _, value in points), default=1) or 1
    place = {month: index for index, month in enumerate(months)}
    rows = [
        {"at": place[month], "purpose": name, "active": value, "month": f"{month:%b %Y}", "shown": formats.count(value)}
        for name, points in lines.items()
        for month, value in points
    ]
    ends = _apart({name: points[-1][1] for name, points in lines.items() if points}, most * _APART)
    titles = pd.DataFrame(
        [
            {"at": place[lines[name][-1][0]], "purpose": name, "height": height, "words": f"{name} {formats.count(value)}"}
            for name, (value, height) in ends.items()
        ]
    )
    ticks = list(range(len(months)))[-1::-3][::-1] if len(months) > 8 else list(range(len(months)))
    names = "[" + ", ".join(f"'{month:%b %Y}'" for month in months) + "][datum.value]"
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=[-0.02 * len(months), max(1, len(months) - 1) * 1.42], nice=False),
        axis=axis(values=ticks, labelExpr=names, labelOverlap="greedy", labelSeparation=6),
    )
    scale = alt.Scale(domain=[0, max([most * 1.06, *(height for _, height in ends.values())])], nice=False)
    colour = alt.Color("purpose:N", scale=alt.Scale(domain=list(lines), range=list(LINES[: len(lines)])), legend=None)
    base = alt.Chart(pd.DataFrame(rows)).encode(x=x, color=colour)
    y = alt.Y("active:Q", scale=scale, axis=axis(grid=True, tickCount=5, format="~s" if most >= 10_000 else ",d"))
    line = base.mark_line(strokeWidth=2).encode(y=y)
    dots = base.mark_point(opacity=0, size=70).encode(
        y=y,
        tooltip=tips(purpose="Purpose", month="End of", shown="Active consents"),
    )
    last = (
        alt.Chart(titles)
        .mark_text(align="left", dx=7, fontSize=11)
        .encode(x=x, y=alt.Y("height:Q", scale=scale), text=alt.Text("words:N"), color=colour)
    )
    return alt.layer(line, dots, last)


def _apart(ends: Mapping[str, float], gap: float) -> dict[str, tuple[float, float]]:
    """Value and height of each name, from the lowest up, no two closer than the gap."""
    placed: dict[str, tuple[float, float]] = {}
    height = -math.inf
    for name, value in sorted(ends.items(), key=lambda item: item[1]):
        height = max(value, height + gap)
        placed[name] = (value, height)
    return placed


@drawn
def took(systems: Sequence[Mapping[str, Any]], limits: Sequence[int]) -> alt.LayerChart:
    """Bars from the median to the 95th percentile of hours, slowest first, against the limits of the policy pack."""
    rows = [
        {
            "label": f"{row['called']} {formats.out_of(row['confirmed'], row['expected'])}",
            "system": row["called"],
            "of": formats.out_of(row["confirmed"], row["expected"]),
            "median": row["median"],
            "p95": row["p95"],
            "end": max([row["p95"] or 0, *row["limits"]]),
            "words": _words(row, named=len(limits) > 1),
            "limit": _limits(row["limits"]),
            "limits": row["limits"],
            "colour": BAD if row["is_over"] else INFO,
        }
        for row in systems
    ]
    order = [row["label"] for row in rows]
    most = max([*(row["p95"] or 0 for row in rows), *limits])
    scale = alt.Scale(domain=[0, most * 1.55], nice=False)
    y = alt.Y("label:N", sort=order, axis=axis(labelOpacity=0.9, labelLimit=300), scale=alt.Scale(paddingInner=0.4))
    base = alt.Chart(pd.DataFrame(rows)).encode(y=y)
    measured = base.transform_filter("isValid(datum.p95)")
    step = next((step for step in (1, 2, 4, 6, 12, 24, 48, 72, 168) if most / step <= 8), 24 * math.ceil(most / 192))
    x = alt.X(
        "median:Q",
        scale=scale,
        axis=axis(grid=True, values=list(range(0, math.ceil(most) + step, step)), title="Hours", titleAnchor="end"),
    )
    shown = tips(system="System", of="Confirmed", words="Median to 95th percentile", limit="Limit")
    bars = measured.mark_rule(strokeWidth=10, strokeCap="round").encode(
        x=x, x2=alt.X2("p95:Q"), color=alt.Color("colour:N", scale=None), tooltip=shown
    )
    words = alt.Text("words:N")
    texts = [
        measured.mark_text(align="left", dx=12, color=TEXT, fontSize=11.5, opacity=alt.expr(f"width < {_NARROW} ? 0 : 1")).encode(
            x=alt.X("end:Q", scale=scale), text=words
        ),
        measured.mark_text(align="right", color=TEXT, fontSize=11.5, opacity=alt.expr(f"width < {_NARROW} ? 1 : 0")).encode(
            x=alt.XValue("width"), text=words
        ),
    ]
    silent = (
        base.transform_filter("!isValid(datum.p95)")
        .mark_text(align="left", dx=4, color=TEXT, fontSize=11.5)
        .encode(x=alt.XValue(0), text=alt.Text("words:N"))
    )
    timed = [bars, *texts] if any(row["p95"] is not None for row in rows) else []
    never = [silent] if any(row["p95"] is None for row in rows) else []
    return alt.layer(*timed, *never, *_limited(base, rows, limits, scale))


def _limited(base: alt.Chart, rows: Sequence[Mapping[str, Any]], limits: Sequence[int], scale: alt.Scale) -> list[alt.Chart]:
    """One rule with its words where all have one limit; else a tick at each system's own, which its words name."""
    if len(limits) != 1:
        own = pd.DataFrame([{"label": row["label"], "at": at} for row in rows for at in row["limits"]])
        mark = alt.Chart(own).mark_tick(thickness=2, bandSize=17, color=TEXT, opacity=0.75)
        return [mark.encode(x=alt.X("at:Q", scale=scale), y=base.encoding.y)]
    rule = alt.Chart(pd.DataFrame([{"limit": limits[0], "words": f"Limit {limits[0]} h"}])).encode(
        x=alt.X("limit:Q", scale=scale)
    )
    return [
        rule.mark_rule(**RULE),
        rule.mark_text(baseline="bottom", dy=-4, color=TEXT, fontSize=11).encode(y=alt.YValue(0), text=alt.Text("words:N")),
    ]


def _words(row: Mapping[str, Any], *, named: bool) -> str:
    limit = _limits(row["limits"])
    if row["p95"] is None:
        state = "fewer than 95\u00a0% confirmed" if row["confirmed"] else "none confirmed"
        state = f"✕ {state}" if row["is_over"] else f"{state} yet"
        return f"{state} · limit {limit}" if named else state
    low, high = hours(row["median"]), hours(row["p95"])
    span = low if low == high else low + formats.TO + high
    if row["is_over"]:
        return f"{span}  ✕ over {limit if named else 'the limit'}"
    return f"{span} · limit {limit}" if named else span


def _limits(limits: Sequence[int]) -> str:
    return " and ".join(f"{limit} h" for limit in limits)


def hours(value: float) -> str:
    """`2.4 h`, `31 h`: one decimal below ten hours."""
    return f"{formats.count(round(value, 1) if value < 10 else round(value))}\u00a0h"
