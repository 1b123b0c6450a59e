"""Lives of requests: how long they stay open.

Here: the survival curve. Not here: the timeline of one request (request_timeline.py), bars (counts.py), shares (rates.py).
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import INFO, TEXT, axis, percent_axis, tips
from promisekept.presentation import formats


@drawn
def survival(curve: pd.DataFrame, median: float | None) -> alt.LayerChart:
    """Share still open by days since receipt, with its 95% band and the median."""
    start = pd.DataFrame(
        [{"day": 0, "at_risk": curve["at_risk"].iloc[0], "closed": 0, "still_open": 1.0, "low": 1.0, "high": 1.0}]
    )
    data = pd.concat([start, curve], ignore_index=True) if curve["day"].iloc[0] > 0 else curve
    shown = data.assign(share=[formats.rate(value) for value in data["still_open"]])
    shown = shown[shown["day"] <= drawn_until(curve)]
    x = alt.X("day:Q", axis=axis(tickCount=6, title="Days since receipt", titleAnchor="end"), scale=alt.Scale(nice=False))
    y = alt.Y("still_open:Q", scale=alt.Scale(domain=[0, 1.03], nice=False), axis=percent_axis(grid=True))
    base = alt.Chart(shown).encode(x=x)
    shown_tips = tips(day="Day", share="Still open", at_risk="At risk", closed="Closed that day")
    band = base.mark_area(opacity=0.18, color=INFO, interpolate="step-after").encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    line = base.mark_line(color=INFO, strokeWidth=2, interpolate="step-after").encode(y=y)
    dots = base.mark_point(opacity=0, size=60).encode(y=y, tooltip=shown_tips)
    layers: list[alt.Chart] = [band, line, dots]
    if median is not None:
        at = pd.DataFrame({"day": [median], "still_open": [0.5], "words": [f"Median {formats.days(int(median))}"]})
        layers.append(
            alt.Chart(at)
            .mark_point(filled=True, size=70, color=INFO, opacity=1)
            .encode(x=alt.X("day:Q"), y=alt.Y("still_open:Q"))
        )
        layers.append(
            alt.Chart(at)
            .mark_text(align="left", dx=8, dy=-8, color=TEXT, fontSize=11.5)
            .encode(x=alt.X("day:Q"), y=alt.Y("still_open:Q"), text=alt.Text("words:N"))
        )
    return alt.layer(*layers)


def drawn_until(curve: pd.DataFrame) -> int:
    """The last day that is drawn: a few requests open for years would squeeze all others to the left."""
    few = curve[curve["still_open"] <= 0.02]
    return int(max(60, 1.5 * few["day"].iloc[0])) if len(few) else int(curve["day"].iloc[-1])
