"""The look that all charts share, and how one is put on a page.

Here: colours, axes, target rule, `show`. Not here: any chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.charts.rendering import Drawing
from dashboards.components import export
from promisekept.presentation import formats

OK, BAD, UNSURE, INFO, VIOLET, NEUTRAL = "#12906F", "#D4561F", "#B58613", "#4479DB", "#8A63D2", "#7F8995"
ROSE, HEAT = "#C2557F", "#C2470F"
SOFT_INFO, SOFT_UNSURE = "#8FAEE6", "#CDBB84"
TEXT = "currentColor"
LOW, MIDDLE, HIGH = 190, 230, 320
"""The only heights that a chart has: none moves what is below it."""
FONT = "Inter, sans-serif"
_SIZE = 12


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


def percent_axis(**given: Any) -> alt.Axis:
    """An axis of shares."""
    return axis(format=".0%", tickCount=5, **given)


def target_rule(value: float, words: str, channel: str) -> alt.Chart:
    """A dashed rule at the target, with its words at the end of the line."""
    data = pd.DataFrame({"target": [value], "words": [words]})
    position = {channel: alt.Y("target:Q") if channel == "y" else alt.X("target:Q")}
    rule = alt.Chart(data).mark_rule(strokeDash=[4, 3], color=TEXT, opacity=0.75).encode(**position)
    if channel == "y":
        text = (
            alt.Chart(data)
            .mark_text(align="right", dy=-7, color=TEXT, fontSize=11)
            .encode(x=alt.XValue("width"), y=alt.Y("target:Q"), text=alt.Text("words:N"))
        )
    else:
        text = (
            alt.Chart(data)
            .mark_text(baseline="bottom", dy=-4, color=TEXT, fontSize=11)
            .encode(y=alt.YValue(0), x=alt.X("target:Q"), text=alt.Text("words:N"))
        )
    return rule + text


_PADDING = {"left": 6, "right": 8, "top": 4, "bottom": 2}
_CONFIG = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
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
    *,
    alternative: str,
    numbers: Sequence[dict[str, Any]] = (),
    height: int = MIDDLE,
    name: str = "",
    **clicked: Any,
) -> None:
    """Put a chart on the page: fixed height, text alternative, and its numbers behind a quiet button.

    Args:
        chart: what a chart's function gives.
        alternative: the text for a reader who does not see it, with the figures that matter.
        numbers: the rows behind it, in the reader's words.
        height: LOW, MIDDLE or HIGH.
        name: what the numbers are, for the button's label.
        clicked: `key` and `on_select`, for a chart that can be clicked.
    """
    styled = {**chart.specification, "height": height, "padding": _PADDING, "config": _CONFIG, "datasets": chart.frames}
    st.vega_lite_chart(spec=styled, theme=None, width="stretch", alt=alternative, **clicked)
    if numbers:
        with st.popover(f"Data table: {name}" if name else "Data table", type="tertiary", icon=":material/table_rows:"):
            st.dataframe(
                pd.DataFrame(list(numbers)),
                hide_index=True,
                height="content" if len(numbers) <= 12 else 420,
                placeholder=formats.NULL,
            )
            export.button(name or "numbers", numbers)
