"""How counts of promises became others, and how far measures moved: the charts of a comparison.

Here: one bridge, and the bars of movements. Not here: what changed (promisekept/assessment), rates over time (rates.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, COLOURS, NEUTRAL, OK, RULE, TEXT, axis, tips
from promisekept.assessment.bridges import Bridge
from promisekept.presentation.formats import MINUS

_FROM, _TO = "#8E97A3", "#5F6873"


@drawn
def bridge(shown: Bridge, base: str, now: str, most: int) -> alt.LayerChart:
    """Bars from one count to the other; all bridges of a page share the scale that ends at `most`."""
    rows = [{"place": 0, "words": base, "low": 0, "high": shown.before, "label": str(shown.before), "colour": _FROM}]
    level = shown.before
    for step in shown.steps:
        after = level + step.number
        sign = "+" if step.number > 0 else MINUS
        label = f"{sign}{abs(step.number)}"
        rows.append(
            {
                "place": len(rows),
                "words": step.words,
                "low": min(level, after),
                "high": max(level, after),
                "label": label,
                "colour": COLOURS[step.colour],
            }
        )
        level = after
    rows.append({"place": len(rows), "words": now, "low": 0, "high": shown.after, "label": str(shown.after), "colour": _TO})
    data = pd.DataFrame(rows)
    words = ", ".join(f"split('{row['words']}', ' ')" for row in rows)
    x = alt.X(
        "place:O",
        axis=axis(labelAngle=0, labelExpr=f"[{words}][datum.value]", labelFontSize=10.5),
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1),
    )
    scale = alt.Scale(domain=[0, most * 1.15], nice=False)
    based = alt.Chart(data).encode(x=x, tooltip=tips(words="Promises", label="Number"))
    bars = based.mark_bar().encode(
        y=alt.Y("low:Q", scale=scale, axis=None), y2=alt.Y2("high:Q"), color=alt.Color("colour:N", scale=None)
    )
    numbers = based.mark_text(dy=-8, fontWeight=600, fontSize=12, color=TEXT).encode(
        y=alt.Y("high:Q", scale=scale, axis=None), text=alt.Text("label:N")
    )
    return alt.layer(bars, numbers)


@drawn
def movements(rows: Sequence[tuple[str, float, str]]) -> alt.LayerChart:
    """Bars of (measure, points, points in words): to the left worse, to the right better."""
    data = pd.DataFrame(
        [{"measure": name, "points": points, "words": words, "colour": BAD if points < 0 else OK} for name, points, words in rows]
    )
    order = [name for name, *_ in rows]
    reach = max(abs(points) for _, points, _ in rows)
    scale = alt.Scale(domain=[min(0, *data["points"]) - reach * 0.9, max(0, *data["points"]) + reach * 0.9], nice=False)
    base = alt.Chart(data).encode(
        y=alt.Y("measure:N", sort=order, axis=axis(labelOpacity=0.9, labelLimit=230), scale=alt.Scale(paddingInner=0.45)),
        tooltip=tips(measure="Measure", words="Moved by"),
    )
    bars = base.mark_bar().encode(
        x=alt.X("points:Q", scale=scale, axis=axis(grid=True, tickCount=5, title="Percentage points", titleAnchor="end")),
        color=alt.Color("colour:N", scale=None),
    )
    labels = [
        base.transform_filter(f"datum.points {side} 0")
        .mark_text(align=align, dx=dx, color=TEXT, fontSize=11.5)
        .encode(x=alt.X("points:Q", scale=scale), text=alt.Text("words:N"))
        for side, align, dx in (("<", "right", -5), (">", "left", 5))
    ]
    zero = alt.Chart(pd.DataFrame({"points": [0]})).mark_rule(**{**RULE, "strokeDash": [1, 0], "color": NEUTRAL})
    return alt.layer(bars, *labels, zero.encode(x=alt.X("points:Q", scale=scale)))
