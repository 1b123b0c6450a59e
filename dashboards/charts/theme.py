"""The look that all charts share, and how one is put on a page.

Here: colours, axes, target rule, `show`. Not here: any chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import parameters
from dashboards.charts.rendering import Drawing
from dashboards.components import export, paper
from promisekept.presentation import formats

OK, BAD, UNSURE, INFO, VIOLET, NEUTRAL = "#12906F", "#D4561F", "#B58613", "#4479DB", "#8A63D2", "#7F8995"
ROSE, HEAT = "#C2557F", "#C2470F"
SOFT_INFO, SOFT_UNSURE = "#8FAEE6", "#CDBB84"
COLOURS = {"green": OK, "red": BAD, "yellow": UNSURE, "blue": INFO, "violet": VIOLET, "gray": NEUTRAL}
"""Colour of a status -> that of its marks."""
TEXT = "currentColor"
LOW, MIDDLE, HIGH = 190, 230, 320
"""The only heights that a chart has: none moves what is below it."""
FONT = "Inter, sans-serif"
_SIZE = 12


def height(rows: int, low: int, middle: int) -> int:
    """LOW for up to so many rows, MIDDLE for up to so many, else HIGH."""
    return LOW if rows <= low else MIDDLE if rows <= middle else HIGH


def axis(**given: Any) -> alt.Axis:
    """An axis without lines and ticks, its titles whole and in the page's colour."""
    shared: dict[str, Any] = {
        "labelOverlap": False,
        "labelLimit": 260,
        "domain": False,
        "ticks": False,
        "title": None,
        "labelPadding": 6,
    }
    return alt.Axis(**{**shared, **given})


def month_labels(months: Sequence[date]) -> str:
    """The expression of an axis by place: the month, with its year below at the first one and at each turn of the year."""
    words = [f"{month:%b}|{month:%Y}" if not at or month.month == 1 else f"{month:%b}" for at, month in enumerate(months)]
    return f"split([{', '.join(map(repr, words))}][datum.value], '|')"


def percent_axis(**given: Any) -> alt.Axis:
    """An axis of shares."""
    return axis(format=".0%", tickCount=5, **given)


RULE = {"strokeDash": [4, 3], "color": TEXT, "opacity": 0.75}
"""How a target, a limit or today is ruled."""
_WORDS_WIDE, _WORDS_HIGH = 0.25, 0.12
"""What the words of a target take of a chart's width and height."""


def tips(**titles: str) -> list[alt.Tooltip]:
    """What pointing at a mark shows: columns with their titles."""
    return [alt.Tooltip(column, title=title) for column, title in titles.items()]


def by_kind(colours: Mapping[str, str], used: Iterable[str], **legend: Any) -> alt.Color:
    """The colours of column `kind`: those in use, in their order; `legend` as `alt.Legend` takes it."""
    kinds = [kind for kind in colours if kind in set(used)]
    scale = alt.Scale(domain=kinds, range=[colours[kind] for kind in kinds])
    return alt.Color("kind:N", scale=scale, legend=alt.Legend(**legend))


def words_beside(base: alt.Chart, dx: int = 6, **encoded: Any) -> alt.Chart:
    """The column `words` at the right of a mark, so many pixels from it."""
    return base.mark_text(align="left", dx=dx, color=TEXT, fontSize=11.5).encode(text=alt.Text("words:N"), **encoded)


def target_rule(
    target: tuple[str, float] | None, channel: Literal["x", "y"], line: Sequence[float] = (), span: float = 1.0
) -> list[alt.LayerChart]:
    """A dashed rule at a target of shares, with its words where the `line` on an axis of this `span` is not; else nothing."""
    if target is None:
        return []
    words = f"Target {formats.target(target[0], target[1], 'share')}"
    base = alt.Chart(pd.DataFrame({"target": [target[1]], "words": [words]}))
    if channel == "x":
        text: dict[str, Any] = {"baseline": "bottom", "dy": -4}
        at: Any = alt.X("target:Q")
        end: dict[str, Any] = {"y": alt.YValue(0)}
    else:
        is_left, is_below = _free_end(target[1], line, span)
        text = {"align": "left" if is_left else "right", "dy": 9 if is_below else -7}
        at = alt.Y("target:Q")
        end = {"x": alt.XValue(0 if is_left else "width")}
    return [
        base.mark_rule(**RULE).encode(**{channel: at})
        + base.mark_text(color=TEXT, fontSize=11, **text).encode(text=alt.Text("words:N"), **{channel: at}, **end)
    ]


def _free_end(target: float, line: Sequence[float], span: float) -> tuple[bool, bool]:
    """At which end of the rule its words stand, and on which side: left, below; where no part of the line crosses them."""
    near = max(2, round(len(line) * _WORDS_WIDE))

    def crossings(place: tuple[bool, bool]) -> int:
        is_left, is_below = place
        points = line[:near] if is_left else line[-near:]
        between = [(start * (4 - part) + end * part) / 4 for start, end in pairwise(points) for part in range(5)]
        low, high = (target - _WORDS_HIGH * span, target) if is_below else (target, target + _WORDS_HIGH * span)
        return sum(low < point < high for point in between)

    return min(((False, False), (False, True), (True, False), (True, True)), key=crossings)


def read_out(numbers: Sequence[Mapping[str, Any]]) -> str:
    """Rows in words: `Aug 2026: Missed 10, Not assessable 11; Sep 2026: Missed 9, ...`."""

    def written(value: Any) -> str:
        return formats.count(value) if value is None or isinstance(value, int | float) else str(value)

    return "; ".join(
        f"{written(first)}: {', '.join(f'{title} {written(value)}' for title, value in rest)}"
        for (_, first), *rest in (row.items() for row in numbers)
    )


_PADDING = {"left": 6, "right": 8, "top": 4, "bottom": 2}
_CONFIG = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "mark": {"tooltip": None},  # a mark that names no fields in words shows none
    "axis": {
        "labelColor": TEXT,
        "labelOpacity": 0.72,
        "labelFontSize": _SIZE,
        "titleColor": TEXT,
        "titleOpacity": 0.72,
        "titleFontSize": _SIZE,
        "titleFontWeight": "normal",
        "gridColor": NEUTRAL,
        "gridOpacity": 0.2,
        "grid": False,
    },
    "legend": {
        "labelColor": TEXT,
        "labelFontSize": _SIZE,
        "title": None,
        "orient": "top",
        "direction": "horizontal",
        "symbolType": "square",
        "symbolSize": 90,
        "offset": 6,
        "labelOpacity": 0.8,
    },
}


def show(
    chart: Drawing,
    numbers: Sequence[dict[str, Any]] = (),
    name: str = "",
    *,
    spoken: str = "",
    height: int = MIDDLE,
    **clicked: Any,
) -> None:
    """Put a chart into a section: fixed height, the section's title and the figures as text, its numbers behind a quiet button.

    Args:
        chart: what a chart's function gives.
        numbers: the rows behind it, in the reader's words.
        name: what the numbers are, for the button's label.
        spoken: the figures that matter, for a reader who does not see it; by default all the numbers.
        height: LOW, MIDDLE or HIGH.
        clicked: `key` and `on_select`, for a chart that can be clicked.
    """
    styled = {**chart.specification, "height": height, "padding": _PADDING, "config": _CONFIG, "datasets": chart.frames}
    is_paper = parameters.printing()
    styled = paper.embedded(styled) if is_paper else styled
    st.vega_lite_chart(
        spec=styled, theme=None, width="stretch", alt=f"{export.section()}. {spoken or read_out(numbers)}.", **clicked
    )
    if numbers and not is_paper:
        with st.popover(f"Data table: {name}" if name else "Data table", type="tertiary", icon=":material/table_rows:"):
            st.dataframe(
                pd.DataFrame(list(numbers)),
                hide_index=True,
                width="content",  # a popover is as wide as its button, which would hide the last columns
                height="content" if len(numbers) <= 12 else 420,
                placeholder=formats.NULL,
            )
            export.button(name or "numbers", numbers)
