"""Notification deadlines of incidents: one lane each, in hours since detection, up to the end that the jurisdiction sets.

Here: one drawing. Not here: an incident's status (the mart holds it), timelines of requests (request_durations.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, INFO, NEUTRAL, SOFT_INFO, TEXT, axis, by_kind, tips, words_beside
from promisekept.presentation import formats

KINDS = {"Within the hours": INFO, "Past the hours": BAD, "Hours left": SOFT_INFO, "No deadline": NEUTRAL}
SHAPES = {
    "Contained": "square",
    "Assessed as no risk": "diamond",
    "Authority notified": "circle",
    "Individuals notified": "triangle-up",
}
EVEN = 240.0
"""Up to so many hours the axis is even; a longer one is compressed: no mark is cut off, and the first days stay legible."""
_TICKS = (0, 12, 24, 48, 72, 168, 336, 720, 1440, 2880, 5760, 11520)


@dataclass(frozen=True, slots=True)
class Lane:
    """One incident: segments (kind, from, to) and events (name, at), in hours since detection; its label.

    `due` is its deadline; None where the jurisdiction sets none.
    """

    name: str
    segments: Sequence[tuple[str, float, float]]
    events: Sequence[tuple[str, float]]
    due: float | None
    words: str


@drawn
def lanes(shown: Sequence[Lane]) -> alt.LayerChart:
    """Every incident in its lane, in the order given."""
    order = [lane.name for lane in shown]
    ends = [end for lane in shown for _, _, end in lane.segments] + [lane.due or 0.0 for lane in shown]
    last = max([*ends, *(at for lane in shown for _, at in lane.events), 12.0])
    scale, ticks, title = _scale(last)
    y = alt.Y("lane:N", sort=order, scale=alt.Scale(domain=order, paddingInner=0.5), axis=axis(labelOpacity=0.9))
    x_axis = axis(values=ticks, grid=True, title=title, titleAnchor="end", format=",d")
    bars = pd.DataFrame(
        [
            {
                "lane": lane.name,
                "kind": kind,
                "from": start,
                "to": end,
                "shown_of": f"{formats.count(round(end - start, 1))} hours",
            }
            for lane in shown
            for kind, start, end in lane.segments
        ]
    )
    bar = (
        alt.Chart(bars)
        .mark_bar(cornerRadius=2, height={"band": 1})
        .encode(
            x=alt.X("from:Q", scale=scale, axis=x_axis),
            x2=alt.X2("to:Q"),
            y=y,
            color=by_kind(KINDS, bars["kind"]),
            tooltip=tips(lane="Incident", kind="Deadline", shown_of="Length"),
        )
    )
    layers: list[alt.Chart] = [bar]
    dues = pd.DataFrame([{"lane": lane.name, "due": lane.due} for lane in shown if lane.due is not None])
    if len(dues):
        layers.append(
            alt.Chart(dues)
            .mark_tick(thickness=2, color=TEXT, bandSize=22, orient="vertical")
            .encode(
                x=alt.X("due:Q", scale=scale),
                y=y,
                tooltip=tips(due="Hours to notify the authority"),
            )
        )
    events = pd.DataFrame(
        [
            {"lane": lane.name, "event": name, "at": at, "shown_of": f"{formats.count(round(at, 1))} hours after detection"}
            for lane in shown
            for name, at in lane.events
        ]
    )
    if len(events):
        names = [name for name in SHAPES if name in set(events["event"])]
        layers.append(
            alt.Chart(events)
            .mark_point(filled=True, size=62, opacity=1, color=TEXT)
            .encode(
                x=alt.X("at:Q", scale=scale),
                y=y,
                shape=alt.Shape(
                    "event:N",
                    scale=alt.Scale(domain=names, range=[SHAPES[name] for name in names]),
                    legend=alt.Legend(orient="bottom"),
                ),
                tooltip=tips(lane="Incident", event="Event", shown_of="When"),
            )
        )
    ending = {
        lane.name: max([end for _, _, end in lane.segments] + [at for _, at in lane.events] + [lane.due or 0.0]) for lane in shown
    }
    labels = pd.DataFrame([{"lane": lane.name, "at": ending[lane.name], "words": lane.words} for lane in shown])
    layers.append(words_beside(alt.Chart(labels), x=alt.X("at:Q", scale=scale), y=y, dx=12))
    return alt.layer(*layers).resolve_scale(color="independent", shape="independent")


def _scale(last: float) -> tuple[alt.Scale, list[int], str]:
    """The axis of hours with its ticks and its title; room at its end for the label of the longest lane."""
    title = "Hours since it was detected"
    if last <= EVEN:
        step = next(width for width in (6, 12, 24, 48) if last / width <= 11)
        return alt.Scale(domain=[0, last * 1.3], nice=False), list(range(0, int(last) + 1, step)), title
    scale = alt.Scale(type="symlog", constant=24, domain=[0, last * 4], nice=False)
    return scale, [tick for tick in _TICKS if tick <= last], f"{title}, compressed: the later, the denser"
