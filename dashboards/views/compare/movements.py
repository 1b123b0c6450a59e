"""What else moved: measures without a new verdict, kinds of findings that are new or gone, and what both sides rest on.

Here: the lower half of the page. Not here: the changed verdicts (verdicts.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.charts import bridges as drawings
from dashboards.charts import theme
from dashboards.components import links, tables
from dashboards.components.sections import guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import changes as data
from dashboards.data import metrics
from dashboards.page import Page
from dashboards.views.compare.sides import Side
from promisekept.assessment.bridges import Movement, movements
from promisekept.assessment.changes import Assessment
from promisekept.presentation import formats, labels


@guarded
def draw(page: Page, before: Assessment, after: Assessment) -> None:
    """The largest movements as bars and in figures, side by side."""
    found = movements(before, after)
    names = metrics.names(page.ref)
    if not found:
        with section("Biggest movements without a new verdict", "Percentage points"):
            nothing("No measure moved", "0 measures of promises whose verdict stayed are others than before.", good=True)
        return
    named = [(f"{one.clause_id} {_name(one, names)}", one.improvement * 100, formats.points(one.improvement)) for one in found]

    def bars() -> None:
        note = f"Percentage points, {before.label} to {after.label}: to the left worse, to the right better"
        with section("Biggest movements without a new verdict", note):
            spoken = "; ".join(f"{name} {words}" for name, _, words in named)
            theme.show(drawings.movements(named), spoken=spoken, height=theme.LOW)

    def figures() -> None:
        columns = (
            Column("Measure", lambda one: f"{one.clause_id} {_name(one, names)}"),
            Column(before.label, "", shown=lambda one: _shown(one.before)),
            Column(after.label, "", shown=lambda one: _shown(one.after)),
            Column("Target", "", shown=lambda one: formats.target(one.after["operator"], one.after["target"], one.after["unit"])),
        )
        with section("In figures", "Cases and population; measures of fewer than 10 cases are left out"):
            tables.small(columns, found)

    pair(bars, figures)


def _name(one: Movement, names: dict[str, tuple[str, str]]) -> str:
    row = one.after
    name = names.get(row["metric_code"], (labels.sentence(row["metric_code"]), ""))[0]
    return name if row["dimension"] == "all" else f"{name}: {labels.dimension_value(row['dimension'], row['dimension_value'])}"


def _shown(row: dict[str, Any]) -> str:
    return f"**{formats.measured(row['value'], row['unit'], row['target'])}** · {formats.base(row)}"


def kinds_and_basis(base: Side, now: Side) -> None:
    """Kinds of findings that only one side has, beside what the figures of both rest on."""
    pair(lambda: _kinds(base, now), lambda: _basis(base, now))


@guarded
def _kinds(base: Side, now: Side) -> None:
    before, after = data.kinds(base.ref, base.period), data.kinds(now.ref, now.period)
    found = [("new", row, 0, row["findings"]) for code, row in after.items() if code not in before]
    found += [("gone", row, row["findings"], 0) for code, row in before.items() if code not in after]
    found.sort(key=lambda one: (one[0] != "new", -max(one[2:]), one[1]["word"]))
    new = sum(kind == "new" for kind, *_ in found)
    badges = {"new": ":red-badge[:material/add_circle: New]", "gone": ":gray-badge[:material/remove: Gone]"}
    columns = (
        Column("Kind of finding", "", shown=lambda one: f"{badges[one[0]]} {markdown.plain(labels.clause(one[1]['word']))}"),
        Column("Promise", "", shown=lambda one: _clauses(one[1]["clauses"])),
        Column(base.label, "", shown=lambda one: formats.count(one[2]) if one[2] else formats.NULL),
        Column(now.label, "", shown=lambda one: formats.count(one[3]) if one[3] else formats.NULL),
    )
    with section(
        f"New and gone kinds of findings · {new} new, {len(found) - new} gone", "A kind is new if the baseline has none of it"
    ):
        if not found:
            nothing("No kind of finding is new or gone", f"{len(after)} of {len(after)} kinds stand on both sides.")
            return
        tables.small(columns, found)
        if links.leads_to("Findings") and new:
            links.link("Findings", "All findings", {})


def _clauses(clauses: list[str] | None) -> str:
    shown = [markdown.plain(clause) for clause in (clauses or [])[:3]]
    more = len(clauses or []) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "") or formats.NULL


@guarded
def _basis(base: Side, now: Side) -> None:
    sides = [data.basis(side.ref, side.period) for side in (base, now)]
    restated = [_restated(side) for side in (base, now)]
    rows = [
        ("Rows landed, of rows read", [_rate(side["landed"], side["read"]) for side in sides]),
        ("Logs that passed their source gate", [formats.out_of(side["gates"], side["logs"]) for side in sides]),
        ("Figures that a failed log feeds", [formats.out_of(side["doubted"], side["figures"]) for side in sides]),
        ("Figures restated since first published", restated),
    ]
    columns = (
        Column(" ", lambda row: row[0]),
        Column(base.label, "", shown=lambda row: row[1][0]),
        Column(now.label, "", shown=lambda row: row[1][1]),
    )
    title = "What both rest on"
    with section(title, "So that a difference is not one of the evidence. Rows and gates are those of the snapshot"):
        tables.small(columns, rows)
        st.caption(f"{base.label}: snapshot {base.ref.id}; {now.label}: snapshot {now.ref.id}")


def _rate(part: int, whole: int) -> str:
    return f"{formats.rate(part / whole)} · {formats.out_of(part, whole)}" if whole else formats.NULL


def _restated(side: Side) -> str:
    """A period that is not over has no figure that could have been restated."""
    found = data.restated(side.ref, side.period)
    return formats.out_of(found["restated"], found["figures"]) if found else formats.NULL
