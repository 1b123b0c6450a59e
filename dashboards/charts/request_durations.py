"""Lives of requests: how long they stay open, and the timeline of one.

Here: the survival curve and the lanes of a request. Not here: bars (counts.py), shares (rates.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, INFO, NEUTRAL, OK, SOFT_UNSURE, TEXT, UNSURE, axis, by_kind, percent_axis, tips
from promisekept.presentation import formats

LANES = ("Events", "Deadline", "Extension", "Systems")
_LEVELS = (-13, 14, -26, 27)
"""Where the words of a moment may stand, in pixels from its lane."""
KINDS = {"Running": INFO, "Paused": "#A9B2BC", "Overdue": BAD, "Extended": OK, "No effect": SOFT_UNSURE}


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
    y = alt.Y("still_open:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(grid=True))
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


@dataclass(frozen=True, slots=True)
class Segment:
    """A bar in a lane, `end` exclusive; `words` stand in or above it."""

    lane: str
    kind: str
    start: date
    end: date
    words: str = ""


@dataclass(frozen=True, slots=True)
class EventMark:
    """A dot in a lane; a hollow one with a cross for what does not count."""

    lane: str
    day: date
    words: str
    counts: bool = True


@drawn
def timeline(
    segments: Sequence[Segment], moments: Sequence[EventMark], rules: Sequence[tuple[date, str]], *, is_half: bool = False
) -> alt.LayerChart:
    """One request in lanes; days are local dates, drawn as day numbers so that no browser's zone moves them.

    `is_half`: it is drawn beside another one, with room for half as many words.
    """
    days = [day for s in segments for day in (s.start, s.end)] + [m.day for m in moments] + [day for day, _ in rules]
    origin, last = min(days) - timedelta(days=1), max(days)
    span = max((last - origin).days, 7)
    step = next(width for width in (1, 2, 7, 14, 28, 56, 91, 182, 365, 730, 3650) if span / width <= (6 if is_half else 10))
    ticks = list(range(1, span + 2, step))
    titles = "[" + ", ".join(_tick_titles([origin + timedelta(days=tick) for tick in ticks])) + f"][(datum.value - 1) / {step}]"
    scale = alt.Scale(domain=[0, span * 1.08], nice=False)
    used = {s.lane for s in segments} | {m.lane for m in moments}
    domain = [lane for lane in LANES if lane in used]
    lanes = alt.Y("lane:N", sort=domain, scale=alt.Scale(domain=domain, paddingInner=0.55), axis=axis(labelOpacity=0.9))
    x = alt.X("from:Q", scale=scale, axis=axis(values=ticks, labelExpr=titles))

    def at(day: date) -> int:
        return (day - origin).days

    bars = pd.DataFrame(
        [
            {
                "lane": s.lane,
                "kind": s.kind,
                "from": at(s.start),
                "to": at(s.end),
                "words": s.words,
                "dates": f"{formats.day(s.start)}{formats.TO}{formats.day(s.end)}",
            }
            for s in segments
        ]
    )
    base = alt.Chart(bars)
    bar = base.mark_bar(cornerRadius=2, height=20).encode(
        x=x,
        x2=alt.X2("to:Q"),
        y=lanes,
        color=by_kind(KINDS, bars["kind"], offset=20),
        tooltip=tips(kind="Deadline", dates="Days"),
    )
    wide = base.transform_filter(f"datum.words && datum.to - datum.from > {span / 11}").transform_calculate(
        middle="(datum.from + datum.to) / 2"
    )
    inside = wide.mark_text(fontSize=11, fontWeight=600, color="#10151B").encode(
        x=alt.X("middle:Q", scale=scale), y=lanes, text=alt.Text("words:N")
    )
    weekends = _weekends(origin, span, x) if step <= 7 else []
    layers: list[alt.Chart] = [*weekends, bar, inside]
    if moments:
        layers += _dots(moments, at, lanes, scale, span, letter=span / (42 if is_half else 85))
    if rules:
        layers += _rules([(at(day), words) for day, words in rules], x, span)
    return alt.layer(*layers)


def _tick_titles(days: Sequence[date]) -> list[str]:
    """Of each tick its day, with the year below the first one and wherever it turns."""
    shown, year = [], None
    for day in days:
        lines = [f"'{formats.short_day(day)}'", *([f"'{day.year}'"] if day.year != year else [])]
        shown.append(f"[{', '.join(lines)}]")
        year = day.year
    return shown


def _weekends(origin: date, span: int, x: alt.X) -> list[alt.Chart]:
    days = [number for number in range(1, span + 1) if (origin + timedelta(days=number)).weekday() >= 5]
    shaded = pd.DataFrame({"from": days, "to": [number + 1 for number in days]})
    return [alt.Chart(shaded).mark_rect(color=NEUTRAL, opacity=0.13).encode(x=x, x2=alt.X2("to:Q"))] if days else []


def _rules(rules: Sequence[tuple[int, str]], x: alt.X, span: int) -> list[alt.Chart]:
    """Dashed rules with their words above the lanes, turned away from each other where they stand close."""
    places = [place for place, _ in rules]
    marks = pd.DataFrame(
        [
            {
                "from": place,
                "words": words,
                "left": place > span * 0.86 or any(place < other < place + span * 0.13 for other in places),
            }
            for place, words in rules
        ]
    )
    base = alt.Chart(marks).encode(x=x)
    texts = [
        base.transform_filter(f"datum.left === {str(left).lower()}")
        .mark_text(align="right" if left else "left", dx=-5 if left else 5, fontSize=11.5, fontWeight=600, color=TEXT)
        .encode(y=alt.YValue(-6), text=alt.Text("words:N"))
        for left in (True, False)
    ]
    return [base.mark_rule(strokeDash=[5, 4], color=TEXT, opacity=0.7), *texts]


def _dots(
    moments: Sequence[EventMark], at: Callable[[date], int], lanes: alt.Y, scale: alt.Scale, span: int, *, letter: float
) -> list[alt.Chart]:
    """Dots with their words beside them, on as many lines as keep them apart; a letter is so many days wide."""
    by_day: dict[tuple[str, date, bool], list[str]] = {}
    for moment in moments:
        by_day.setdefault((moment.lane, moment.day, moment.counts), []).append(moment.words)
    rows: list[dict[str, object]] = []
    last_place: dict[tuple[str, int], float] = {}
    for (lane, day, counts), words in sorted(by_day.items(), key=lambda item: item[0][1]):
        label, where = ", ".join(words), at(day)
        wide = (len(label) + 2) * letter
        is_left = where + wide > span * 1.06
        begin = where - wide if is_left else where
        level = min(range(len(_LEVELS)), key=lambda level: (last_place.get((lane, level), -span * 1.0) > begin, level))
        last_place[(lane, level)] = begin + wide
        place = {"lane": lane, "from": where, "words": label, "level": level, "left": is_left}
        rows.append(place | {"day": formats.day(day), "counts": counts})
    base = alt.Chart(pd.DataFrame(rows)).encode(x=alt.X("from:Q", scale=scale), y=lanes)
    shown_tips = tips(words="Event", day="Day")
    counting, without = base.transform_filter("datum.counts"), base.transform_filter("!datum.counts")
    dots = counting.mark_point(filled=True, size=60, color=NEUTRAL, opacity=1).encode(tooltip=shown_tips)
    crossed = [
        without.mark_point(shape="circle", size=90, strokeWidth=1.6, color=UNSURE, opacity=1).encode(tooltip=shown_tips),
        without.mark_point(shape="cross", angle=45, size=40, filled=True, color=UNSURE, opacity=1),
    ]
    texts = [
        base.transform_filter(f"datum.level === {level} && datum.left === {str(left).lower()}")
        .mark_text(align="right" if left else "left", dx=4 if left else -4, dy=offset, fontSize=11, color=TEXT)
        .encode(text=alt.Text("words:N"))
        for level, offset in enumerate(_LEVELS)
        for left in (True, False)
    ]
    return [dots, *(crossed if any(not moment.counts for moment in moments) else []), *texts]
