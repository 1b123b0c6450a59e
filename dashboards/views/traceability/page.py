"""Traceability: where does this number come from? From a promise over its measures to the sources that decide it.

Here: the page, its graph and the steps as a table. Not here: what a step is in words (definition.py), how steps follow each
other (data/lineage.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import layout, markdown, parameters
from dashboards.charts import graph, theme
from dashboards.components import controls, export, tables
from dashboards.components.sections import guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import lineage as data
from dashboards.data import promises
from dashboards.data.lineage import Lineage, LineageNode
from dashboards.page import Page
from dashboards.views.traceability import definition
from promisekept.presentation import formats

_SENTENCE = "From a promise to the rows that decide it. Select a box to see what it is and where it is defined"


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Traceability")
    clauses = data.clauses(page.ref)
    layout.header(page, "Traceability", _SENTENCE)
    if not clauses:
        nothing("The policy pack holds no promise", "0 clauses; add one to clauses.csv.")
        return
    steps(page, clauses)


@st.fragment
@guarded
def steps(page: Page, clauses: dict[str, str]) -> None:
    """The choice of a promise, its graph, and what the chosen step is; they rerun nothing else."""
    worst = promises.promises(page.ref, page.period)[0]["clause_id"]
    clause = parameters.one("clause", clauses, worst) or worst
    found = data.lineage(page.snapshot, clause, page.period)
    chosen = parameters.one("node", [node.id for node in found.nodes], found.deciding.id) or found.deciding.id

    def draw_controls() -> None:
        titles = {code: f"{code} · {words}" for code, words in clauses.items()}
        controls.choice("clause", "Promise", titles, clause, worst, drops=("node",), width=420)

    with section(
        f"What decides {clause}",
        f"{_counted(found)}; assessed for {page.period.words}",
        draw_controls,
    ):
        _graph(found, chosen)
    pair(lambda: definition.draw(page, found.node(chosen), found), lambda: _table(found, chosen))


def _counted(found: Lineage) -> str:
    numbers = [(len(found.of(kind)), kind) for kind in data.KINDS[1:]]
    return ", ".join(formats.plural(number, kind) for number, kind in numbers)


def _graph(found: Lineage, chosen: str) -> None:
    spoken = "; ".join(f"{node.kind} {node.name}: {node.state}" for node in found.nodes)
    # Another promise is another chart: a click on one must not be taken for a click on the other.
    key = f"graph_{found.of('promise')[0].name}"

    def take() -> None:
        picked: list[dict[str, Any]] = st.session_state[key]["selection"].get(graph.SELECTED) or []
        names = {node.id for node in found.nodes}
        if picked and picked[0].get("id") in names:
            _choose(picked[0]["id"], found)

    with st.container(border=True):
        theme.show(
            graph.graph(found, chosen),
            spoken=spoken,
            height=graph.height(found),
            key=key,
            on_select=take,
            selection_mode=graph.SELECTED,
        )


def _table(found: Lineage, chosen: str) -> None:
    with section("All steps as a table", "The graph for keyboard and screen reader; a name opens what it is"):
        if parameters.printing():
            tables.listed("steps", _COLUMNS, [_row(node) for node in found.nodes], alt="Steps from the promise to its sources")
            return
        widths = [15, 50, 35]
        for name, cell in zip(("Step", "Name", "State"), st.columns(widths), strict=True):
            cell.caption(name)
        with st.container(gap=None):
            for node in found.nodes:
                step, name, state = st.columns(widths, vertical_alignment="center")
                step.markdown(f":small[{node.kind.capitalize()}]")
                name.button(
                    f"**{markdown.plain(node.name)}**" if node.id == chosen else markdown.plain(node.name),
                    key=f"step_{node.id}",
                    type="tertiary",
                    on_click=_choose,
                    args=(node.id, found),
                )
                state.markdown(f":{node.colour}-badge[{markdown.plain(node.summary)}]")
        export.button(f"steps of {found.of('promise')[0].name}", [_row(node) for node in found.nodes])


def _row(node: LineageNode) -> dict[str, str]:
    return {"Step": node.kind.capitalize(), "Name": node.name, "Code": node.code, "State": node.state}


_COLUMNS = tuple(Column(name, name) for name in ("Step", "Name", "Code", "State"))


def _choose(node: str, found: Lineage) -> None:
    parameters.put("node", node, found.deciding.id)


if __name__ == "__main__":
    main()
