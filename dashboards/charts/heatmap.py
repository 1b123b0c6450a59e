"""What is retained beyond schedule, category by system: the stronger the colour the larger the share.

Here: one drawing, whose cells can be clicked. Not here: what is counted (data/records.py), what a click does (views/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import HEAT, NEUTRAL, TEXT, axis, tips
from promisekept.presentation import formats

CELL = "cell"
"""The name of the selection that a click on a cell makes; its fields are category and system."""


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """A category in a system: codes and labels, records beyond schedule of those alive, and whether it is among the chosen."""

    category: str
    system: str
    row: str
    column: str
    over: int
    alive: int
    chosen: bool


@drawn
def heat(cells: Sequence[HeatmapCell], rows: Sequence[str], columns: Sequence[str]) -> alt.LayerChart:
    """Category by system: the stronger the colour the larger the share; share and count in the cell. A click chooses it."""
    most = max((cell.over / cell.alive for cell in cells if cell.alive), default=0.0) or 1.0
    data = pd.DataFrame(
        [
            {
                "category": cell.category,
                "system": cell.system,
                "row": cell.row,
                "column": cell.column,
                "strength": 0.0 if not cell.over else 0.16 + 0.84 * (cell.over / cell.alive) / most,
                "share": formats.rate(cell.over / cell.alive) if cell.alive else formats.NULL,
                "of": f"{formats.compact(cell.over)} of {formats.compact(cell.alive)}",
                "shown_of": formats.out_of(cell.over, cell.alive),
                "dim": 1.0 if cell.chosen else 0.25,
                "text": (1.0 if cell.over else 0.62) * (1.0 if cell.chosen else 0.4),
                "strong": bool(cell.over and cell.chosen and (cell.over / cell.alive) / most > 0.9),
            }
            for cell in cells
        ]
    )
    ground = pd.DataFrame([{"row": row, "column": column} for row in rows for column in columns])
    y = alt.Y(
        "row:N",
        sort=list(rows),
        scale=alt.Scale(domain=list(rows), paddingInner=0.08),
        axis=axis(labelOpacity=0.9, labelLimit=170),
    )
    x = alt.X(
        "column:N",
        sort=list(columns),
        scale=alt.Scale(domain=list(columns), paddingInner=0.06),
        axis=axis(
            orient="top",
            labelAngle=0,
            labelOpacity=0.9,
            labelLimit=80,
            labelExpr="split(datum.label, /[_ ]/)",  # one word below the other; the first line is what the padding places
            labelPadding=6 + 14 * max((len(re.split("[_ ]", column)) - 1 for column in columns), default=0),
        ),
    )
    empty = alt.Chart(ground).mark_rect(cornerRadius=2, color=NEUTRAL, opacity=0.09).encode(x=x, y=y)
    base = alt.Chart(data).encode(x=x, y=y)
    filled = (
        base.mark_rect(cornerRadius=2, color=HEAT)
        .encode(opacity=alt.Opacity("fill:Q", scale=None))
        .transform_calculate(fill="datum.strength * datum.dim")
    )
    colour = alt.ColorValue(TEXT, condition={"test": "datum.strong", "value": "#FFFFFF"})
    texts = [
        base.mark_text(dy=dy, fontSize=size, fontWeight=weight).encode(
            text=alt.Text(text), color=colour, opacity=alt.Opacity("text:Q", scale=None)
        )
        for text, dy, size, weight in (("share:N", -6, 11.5, 600), ("of:N", 7, 10 if len(columns) < 6 else 9.5, 400))
    ]
    click = alt.selection_point(name=CELL, fields=["category", "system"], on="click", clear=False)
    over = (
        base.mark_rect(opacity=0, cursor="pointer")
        .encode(tooltip=tips(row="Category", column="System", share="Retained beyond schedule", shown_of="Records"))
        .add_params(click)
    )
    return alt.layer(empty, filled, *texts, over)
