"""The timeline of one request: its events, its deadline, an extension and its systems, in lanes.

Here: the lanes, on one scale or on two side by side, and where their words stand. Not here: which day is of which kind
(views/requests/timeline.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, INFO, NEUTRAL, OK, RULE, SOFT_UNSURE, TEXT, UNSURE, axis, by_kind, tips
from promisekept.presentation import formats

LANES = ("Events", "Deadline", "Extension", "Systems")
KINDS = {"Running": INFO, "Paused": "#A9B2BC", "Overdue": BAD, "Extended": OK, "No effect": SOFT_UNSURE}
_LEVELS = (-13, 14, -26, 27)
"""Where the words of a moment may stand, in pixels from its lane."""
_WIDTH = 10_000
"""The places from the first day to the last; whole numbers, by which the axis finds its labels."""
_LEFT, _RIGHT = (0, 6_200), (6_900, _WIDTH)
"""The places of the part until the due date and of the part after it, where each has a scale of its own."""
_EDGE = 200
"""The places before the first day and after the last."""
_LETTER = 82
"""The places of a letter where the chart is as narrow as on paper."""
_BESIDE = 90
"""The places between words and what they must not touch."""
_OVER = 45
"""The places by which words reach over the middle of their dot."""
_NARROW = alt.expr("width < 560 ? 0 : 1")
"""Where there is no room for words, the marks keep theirs for who points at them."""
_STEPS = (1, 2, 7, 14)
_MOST_DAYS = 100
"""Days of a panel in which weekends are seen."""


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


@dataclass(frozen=True, slots=True)
class _Panel:
    """A part of the axis: its days, and their places."""

    first: date
    last: date
    places: tuple[int, int]

    def at(self, day: date) -> int:
        begin, end = self.places
        return begin + round((end - begin) * (day - self.first).days / max((self.last - self.first).days, 7))

    def ticks(self, most: int) -> list[date]:
        """Days, or the first days of months where there are many."""
        span = (self.last - self.first).days
        for step in _STEPS:
            if span <= step * most:
                return [self.first + timedelta(days=place) for place in range(0, span + 1, step)]
        months = _months(self.first, self.last)
        return months[:: -(-len(months) // most)]


def _months(first: date, last: date) -> list[date]:
    """The first days of the months that begin in these days."""
    at = date(first.year, first.month, 1)
    months = []
    while at <= last:
        months += [at] if at >= first else []
        at = (at + timedelta(days=31)).replace(day=1)
    return months


@drawn
def timeline(
    segments: Sequence[Segment], moments: Sequence[EventMark], rules: Sequence[tuple[date, str]], due: date | None = None
) -> alt.LayerChart:
    """One request in lanes; days are local dates, drawn as places so that no browser's zone moves them.

    Args:
        segments: the bars.
        moments: the dots.
        rules: days with their words.
        due: where the axis is in two, the last day of the first part.
    """
    days = [day for s in segments for day in (s.start, s.end)] + [m.day for m in moments] + [day for day, _ in rules]
    panels = _panels(min(days), max(days), due)

    def at(day: date) -> int:
        return panels[-1 if day > panels[0].last else 0].at(day)

    scale = alt.Scale(domain=[-_EDGE, _WIDTH + _EDGE], nice=False)
    used = {s.lane for s in segments} | {m.lane for m in moments}
    domain = [lane for lane in LANES if lane in used]
    lanes = alt.Y("lane:N", sort=domain, scale=alt.Scale(domain=domain, paddingInner=0.55), axis=axis(labelOpacity=0.9))
    x = alt.X("from:Q", scale=scale, axis=_axis(panels))
    ruled = [at(day) for day, _ in rules]
    bars = pd.DataFrame([row for segment in segments for row in _bar(segment, panels, ruled)])
    base = alt.Chart(bars)
    bar = base.mark_bar(cornerRadius=2, height=20).encode(
        x=x,
        x2=alt.X2("to:Q"),
        y=lanes,
        color=by_kind(KINDS, bars["kind"], offset=38 if len(rules) > 1 else 20),
        tooltip=tips(kind="Deadline", dates="Days"),
    )
    inside = (
        base.transform_filter("datum.words")
        .mark_text(fontSize=11, fontWeight=600, color="#10151B", opacity=_NARROW)
        .encode(x=alt.X("middle:Q", scale=scale), y=lanes, text=alt.Text("words:N"))
    )
    layers: list[alt.Chart] = [*_weekends(panels, x), bar, inside]
    if moments:
        layers += _dots(moments, at, ruled, lanes, scale)
    if rules:
        layers += _rules(list(zip(ruled, (words for _, words in rules), strict=True)), x)
    if due:
        layers += _titles(panels, scale)
    return alt.layer(*layers)


def _panels(first: date, last: date, due: date | None) -> tuple[_Panel, ...]:
    if due is None:
        return (_Panel(first, last, (0, _WIDTH)),)
    return _Panel(first, due, _LEFT), _Panel(due, last, _RIGHT)


def _axis(panels: Sequence[_Panel]) -> alt.Axis:
    """Its days, each panel by its own step; with the year below the first one and wherever it changes."""
    ticks = [(panel.at(day), day) for panel in panels for day in panel.ticks(10 if len(panels) == 1 else 5)]
    years = [day.year for _, day in ticks]
    labels = [
        formats.short_day(day) + (f"|{day.year}" if before != day.year else "")
        for (_, day), before in zip(ticks, [0, *years], strict=False)
    ]
    places = [place for place, _ in ticks]
    words = f"split([{', '.join(map(repr, labels))}][indexof({places}, datum.value)], '|')"
    return axis(values=places, labelExpr=words, labelOverlap="greedy", labelSeparation=8)


def _weekends(panels: Sequence[_Panel], x: alt.X) -> list[alt.Chart]:
    """Saturdays and Sundays shaded, where a day is wide enough to be seen."""
    rows = [
        {"from": panel.at(day), "to": panel.at(day + timedelta(days=1))}
        for panel in panels
        for day in (panel.first + timedelta(days=number) for number in range((panel.last - panel.first).days))
        if day.weekday() >= 5 and (panel.last - panel.first).days <= _MOST_DAYS
    ]
    shaded = alt.Chart(pd.DataFrame(rows)).mark_rect(color=NEUTRAL, opacity=0.13)
    return [shaded.encode(x=x, x2=alt.X2("to:Q"))] if rows else []


def _bar(segment: Segment, panels: Sequence[_Panel], rules: Sequence[int]) -> list[dict[str, object]]:
    """A segment in each panel that it lies in; its words in the last, between two rules and where there is room for them."""
    shared = {
        "lane": segment.lane,
        "kind": segment.kind,
        "dates": f"{formats.day(segment.start)}{formats.TO}{formats.day(segment.end)}",
    }
    within = [panel for panel in panels if segment.start < panel.last and segment.end > panel.first] or [panels[-1]]
    rows = []
    for panel in within:
        begin, end = panel.at(max(segment.start, panel.first)), panel.at(min(segment.end, panel.last))
        edges = [begin, *(rule for rule in sorted(rules) if begin < rule < end), end]
        left, right = max(pairwise(edges), key=lambda piece: piece[1] - piece[0])
        words = segment.words if panel is within[-1] and right - left > _WIDTH // 11 else ""
        rows.append(shared | {"from": begin, "to": end, "middle": (left + right) // 2, "words": words})
    return rows


def _titles(panels: Sequence[_Panel], scale: alt.Scale) -> list[alt.Chart]:
    """What each part of the axis is, above the words of the rules."""
    until, since = panels
    marks = pd.DataFrame(
        [
            {"from": until.places[0], "words": f"Until the due date, {_days(until)}"},
            {"from": since.places[0], "words": f"Since the due date, {_days(since)}"},
        ]
    )
    text = alt.Chart(marks).mark_text(align="left", fontSize=11, color=TEXT, opacity=_NARROW)
    return [text.encode(x=alt.X("from:Q", scale=scale), y=alt.YValue(-24), text=alt.Text("words:N"))]


def _days(panel: _Panel) -> str:
    return formats.days((panel.last - panel.first).days)


def _rules(rules: Sequence[tuple[int, str]], x: alt.X) -> list[alt.Chart]:
    """Dashed rules with their words above the lanes, away from each other where they stand close, in lines where it is narrow."""
    places = [place for place, _ in rules]
    marks = pd.DataFrame(
        [
            {
                "from": place,
                "number": number,
                "words": words,
                "left": place > _LEFT[1] - 1 or any(place < other < place + 1_600 for other in places),
            }
            for number, (place, words) in enumerate(rules)
        ]
    )
    base = alt.Chart(marks).encode(x=x)
    texts = [
        base.transform_filter(f"datum.number === {number}")
        .mark_text(
            align="right" if left else "left",
            dx=-5 if left else 5,
            dy=alt.expr(f"width < 560 ? {-13 * number} : 0"),
            fontSize=11.5,
            fontWeight=600,
            color=TEXT,
        )
        .encode(y=alt.YValue(-7), text=alt.Text("words:N"))
        for number, left in enumerate(marks["left"])
    ]
    return [base.mark_rule(**RULE), *texts]


def _dots(
    moments: Sequence[EventMark], at: Callable[[date], int], rules: Sequence[int], lanes: alt.Y, scale: alt.Scale
) -> list[alt.Chart]:
    """Dots with their words beside them, on as many lines as keep them apart."""
    by_day: dict[tuple[str, date, bool], list[str]] = {}
    for moment in moments:
        by_day.setdefault((moment.lane, moment.day, moment.counts), []).append(moment.words)
    rows: list[dict[str, object]] = []
    taken: dict[tuple[str, int], int] = {}
    for (lane, day, counts), words in sorted(by_day.items(), key=lambda item: item[0][1]):
        label, place = ", ".join(words), at(day)
        ends = [taken.get((lane, level), -_WIDTH) for level in range(len(_LEVELS))]
        level, start, end = _place(place, len(label) * _LETTER, rules, ends)
        taken[(lane, level)] = end + _BESIDE
        is_left = start < place - _OVER
        row = {"lane": lane, "from": place, "beside": end if is_left else start, "left": is_left, "words": label, "level": level}
        rows.append(row | {"day": formats.day(day), "counts": counts})
    base = alt.Chart(pd.DataFrame(rows)).encode(y=lanes)
    at_place, shown_tips = alt.X("from:Q", scale=scale), tips(words="Event", day="Day")
    counting, without = base.transform_filter("datum.counts"), base.transform_filter("!datum.counts")
    dots = counting.mark_point(filled=True, size=60, color=NEUTRAL, opacity=1).encode(x=at_place, tooltip=shown_tips)
    crossed = [
        without.mark_point(shape="circle", size=90, strokeWidth=1.6, color=UNSURE, opacity=1).encode(
            x=at_place, tooltip=shown_tips
        ),
        without.mark_point(shape="cross", angle=45, size=40, filled=True, color=UNSURE, opacity=1).encode(x=at_place),
    ]
    texts = [
        base.transform_filter(f"datum.level === {level} && datum.left === {str(left).lower()}")
        .mark_text(align="right" if left else "left", dy=offset, fontSize=11, color=TEXT, opacity=_NARROW)
        .encode(x=alt.X("beside:Q", scale=scale), text=alt.Text("words:N"))
        for level, offset in enumerate(_LEVELS)
        for left in (True, False)
    ]
    return [dots, *(crossed if any(not moment.counts for moment in moments) else []), *texts]


def _place(place: int, width: int, rules: Sequence[int], taken: Sequence[int]) -> tuple[int, int, int]:
    """The level of words, and from where to where: from their dot on, or up to it where they would reach a rule or the end."""
    edges = [-_EDGE, *sorted(rules), _WIDTH + _EDGE]
    free = [(left + _BESIDE, right - _BESIDE) for left, right in pairwise(edges) if right - left - 2 * _BESIDE >= width]
    wanted = place - _OVER
    starts = [
        wanted if begin <= wanted <= end - width else max(begin, min(place + _OVER, end) - width)
        for begin, end in free or [(edges[0], edges[-1])]
    ]
    start = min(starts, key=lambda one: (max(one - place, place - one - width, 0), -one))
    levels = [level for level, last in enumerate(taken) if last <= start]
    return levels[0] if levels else min(range(len(taken)), key=taken.__getitem__), start, start + width
