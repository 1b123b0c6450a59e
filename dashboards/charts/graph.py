"""A promise and what decides it, as five columns of boxes that can be chosen.

Here: places, boxes and the curves between them. Not here: what a step is (data/lineage.py).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import COLOURS, NEUTRAL, TEXT, tips
from dashboards.data.lineage import KINDS, Lineage

SELECTED = "step"
"""The name of the selection, as the page reads it back."""
_WIDTH, _HEIGHT = 0.82, 0.74
"""A box's share of its column and of its line."""
_LETTERS = 25
"""As many as a line of a box holds; a longer name stands on two lines."""
_STEPS = 12


def height(lineage: Lineage) -> int:
    """As high as the column with most boxes asks for, in pixels."""
    return 44 + 74 * max(2, *(len(lineage.of(kind)) for kind in KINDS))


@drawn
def graph(lineage: Lineage, chosen: str) -> alt.LayerChart:
    """Draw the steps; the chosen one and all that leads to it or from it stand out."""
    lines = max(2, *(len(lineage.of(kind)) for kind in KINDS))
    place = {
        node.id: (column, (lines - len(own)) / 2 + row + 0.5)
        for column, kind in enumerate(KINDS)
        for own in [lineage.of(kind)]
        for row, node in enumerate(own)
    }
    near = lineage.beside(chosen)
    boxes = pd.DataFrame(
        [
            {
                "id": node.id, "name": node.name, "lines": "\n".join(named),
                "state": node.summary, "kind": node.kind.capitalize(),
                "left": x, "right": x + _WIDTH, "text": x + 0.035,
                "top": y - _HEIGHT / 2, "bottom": y + _HEIGHT / 2,
                "upper": y - 0.1 * len(named), "lower": y + 0.06 + 0.07 * len(named),
                "colour": COLOURS[node.colour], "fill": 0.26 if node.id == chosen else 0.09,
                "line": 2.4 if node.id == chosen else 1.1, "shown": 1.0 if node.id in near else 0.6,
            }
            for node in lineage.nodes
            for x, y in [place[node.id]]
            for named in [textwrap.wrap(node.name, _LETTERS, max_lines=2, placeholder=" …")]
        ]
    )  # fmt: skip
    x_scale, y_scale = (
        alt.Scale(domain=[0, len(KINDS) - 1 + _WIDTH], nice=False),
        alt.Scale(domain=[-0.42, lines], reverse=True, nice=False),
    )
    x, y = alt.X("left:Q", scale=x_scale, axis=None), alt.Y("top:Q", scale=y_scale, axis=None)
    pick = alt.selection_point(name=SELECTED, fields=["id"], on="click")
    box = (
        alt.Chart(boxes)
        .mark_rect(cornerRadius=4, cursor="pointer")
        .encode(
            x=x, x2=alt.X2("right:Q"), y=y, y2=alt.Y2("bottom:Q"),
            color=alt.Color("colour:N", scale=None), stroke=alt.Stroke("colour:N", scale=None),
            fillOpacity=alt.FillOpacity("fill:Q", scale=None), strokeWidth=alt.StrokeWidth("line:Q", scale=None),
            strokeOpacity=alt.StrokeOpacity("shown:Q", scale=None),
            tooltip=tips(kind="Step", name="Name", state="State"),
        )
        .add_params(pick)
    )  # fmt: skip
    words = alt.Chart(boxes).encode(x=alt.X("text:Q", scale=x_scale, axis=None), opacity=alt.Opacity("shown:Q", scale=None))
    limit = alt.expr(f"width / {len(KINDS)} * {_WIDTH} * 0.98")
    names = words.mark_text(
        align="left", fontSize=12, fontWeight=600, color=TEXT, limit=limit, lineBreak="\n", cursor="pointer"
    ).encode(y=alt.Y("upper:Q", scale=y_scale, axis=None), text=alt.Text("lines:N"))
    states = words.mark_text(align="left", fontSize=11.5, color=TEXT, limit=limit, cursor="pointer").encode(
        y=alt.Y("lower:Q", scale=y_scale, axis=None), text=alt.Text("state:N")
    )
    heads = (
        alt.Chart(pd.DataFrame([{"x": column, "y": -0.22, "kind": kind.capitalize()} for column, kind in enumerate(KINDS)]))
        .mark_text(align="left", fontSize=12, color=TEXT, opacity=0.72)
        .encode(x=alt.X("x:Q", scale=x_scale, axis=None), y=alt.Y("y:Q", scale=y_scale, axis=None), text=alt.Text("kind:N"))
    )
    curves = _curves(lineage.edges, place, near)
    layers: list[alt.Chart] = [heads, box, names, states]
    if not curves.empty:
        layers.insert(
            0,
            alt.Chart(curves)
            .mark_line(color=NEUTRAL, strokeWidth=1.2)
            .encode(
                x=alt.X("x:Q", scale=x_scale, axis=None), y=alt.Y("y:Q", scale=y_scale, axis=None),
                detail=alt.Detail("edge:N"), order=alt.Order("step:Q"), opacity=alt.Opacity("shown:Q", scale=None),
            ),
        )  # fmt: skip
    return alt.layer(*layers)


def _curves(edges: Sequence[tuple[str, str]], place: dict[str, tuple[int, float]], near: set[str]) -> pd.DataFrame:
    """Every edge as points of a line that leaves and arrives level."""
    points = []
    for number, (start, end) in enumerate(edges):
        (x0, y0), (x1, y1) = place[start], place[end]
        for step in range(_STEPS + 1):
            share = step / _STEPS
            smooth = share * share * (3 - 2 * share)
            points.append(
                {
                    "edge": number,
                    "step": step,
                    "x": x0 + _WIDTH + (x1 - x0 - _WIDTH) * share,
                    "y": y0 + (y1 - y0) * smooth,
                    "shown": 0.9 if start in near and end in near else 0.25,
                }
            )
    return pd.DataFrame(points)
