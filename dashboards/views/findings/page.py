"""Findings: everything that is wrong, one line per cause or one per case, in one worklist across all logs.

Here: the page, its filters as the address has them, and which drawer is open. Not here: the two lists (by_cause.py,
every_case.py), the drawers (group_drawer.py, drawer.py), the rows (data/).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboards import layout, parameters, snapshots
from dashboards.components import act_dialog, controls, tables
from dashboards.components.sections import guarded
from dashboards.data import finding_groups as groups
from dashboards.data import findings as data
from dashboards.data.findings import FindingFilters
from dashboards.data.query import Row
from dashboards.page import Page
from dashboards.views.findings import by_cause, drawer, every_case, group_drawer
from promisekept.presentation import formats

VIEWS = {"groups": "By cause", "cases": "Every case"}


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Findings")
    view = parameters.one("view", VIEWS, "groups") or ""
    if tables.alone(_drawer_of_address, page):
        return
    layout.header(page, "Findings", _sentence(page), lambda: _views(view), by_period=False)
    worklist(page, view)


def _drawer_of_address(page: Page) -> bool:
    """Open the drawer of the case or the group that the address names; whether it is the sheet."""
    name, row = _opened(page) or ("", {})
    if not row:
        return False
    return drawer.open_drawer(page, row) if name == drawer.NAME else group_drawer.open_drawer(page, row)


def _sentence(page: Page) -> str:
    found = [row for row in groups.groups(page.ref, FindingFilters(), page.snapshot.zone) if row["cases"]]
    number = groups.counts(found)
    cases = sum(row["cases"] for row in found)
    causes = f"**{formats.plural(len(found), 'cause')} with {formats.plural(cases, 'case')}**" if found else "nothing"
    states = (
        f": {formats.count(number[''] - number['accepted'])} open, {formats.count(number['accepted'])} accepted" if found else ""
    )
    overdue = f"; {formats.plural(number['overdue'], 'remediation is', 'remediations are')} overdue" if number["overdue"] else ""
    return f"What is wrong on {formats.day(page.today)}: {causes}{states}{overdue}{_news(page)}"


def _news(page: Page) -> str:
    earlier = snapshots.before(page.ref)
    if earlier is None:
        return ""
    known_at, as_of = (page.snapshot.as_of.fromisoformat(earlier[name]) for name in ("known_at", "as_of"))
    new = data.seen_after(page.ref, known_at, as_of)
    return f". {formats.plural(new, 'case')} that happened or came since snapshot {earlier['id']}"


def _views(view: str) -> None:
    controls.segments("view", "One line per", VIEWS, view, "groups", drops=("page", "sort"))


def read(page: Page, view: str) -> FindingFilters:
    """The filters in the address; a value that the snapshot does not hold is dropped."""
    _, areas, clauses = data.kinds(page.ref)
    selection = FindingFilters(
        severity=parameters.one("severity", data.SEVERITIES) or "",
        area=parameters.several("area", areas),
        clause=parameters.several("clause", clauses),
        since=parameters.day("since") if view == "cases" else None,
        search=parameters.text("q", 80).strip(),
    )
    found = groups.groups(page.ref, selection, page.snapshot.zone)
    selection = replace(
        selection,
        state=parameters.one("state", groups.STATES) or "",
        owner=parameters.one("owner", groups.named_owners(found)) or "",
    )
    if view == "groups" or not (selection.state or selection.owner):
        return selection
    # Without a state, every case of an owner: the list of cases leaves out no state by itself.
    states = (selection.state,) if selection.state else ("", "resolved")
    chosen = [row for state in states for row in groups.in_state(found, state, selection.owner)]
    return replace(selection, groups=tuple(sorted(row["group_key"] for row in chosen)))


@st.fragment
@guarded
def worklist(page: Page, view: str) -> None:
    """The filters, the list and the drawer; they rerun nothing else."""
    opened = _opened(page)
    if opened is not None and not opened[1]:
        st.warning("No such finding in this snapshot.", icon=":material/search_off:")
    selection = read(page, view)
    (by_cause if view == "groups" else every_case).draw(page, selection)
    if opened is None or not opened[1]:
        return
    name, row = opened
    if name == drawer.NAME:
        drawer.open_drawer(page, row)
    elif act_dialog.opened(page, [row["group_key"]]):
        act_dialog.open_dialog(page, group_drawer.subject(page, row))
    else:
        group_drawer.open_drawer(page, row)


def _opened(page: Page) -> tuple[str, Row] | None:
    """Which drawer the address names, and its row: empty where this snapshot holds no such finding."""
    name = next((name for name in (drawer.NAME, drawer.GROUP) if st.query_params.get(name)), None)
    if name is None:
        return None
    key = parameters.key(name)
    if key is None:
        return name, {}
    return name, data.finding(page.ref, key) if name == drawer.NAME else groups.group(page.ref, key, page.snapshot.zone)


if __name__ == "__main__":
    main()
