"""One group of findings in a drawer beside the worklist: what is wrong, what was done about it, and its cases.

Here: the drawer of a cause. Not here: one case down to its landed row (drawer.py), the list (by_cause.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import links, tables
from dashboards.components.sections import guarded
from dashboards.data import findings
from dashboards.data.findings import Selection
from dashboards.page import Page
from dashboards.views.findings import drawer, wording
from promisekept.presentation import formats, statuses

_SIZE = 8
_PAGE = "cases"


def open_drawer(page: Page, row: dict[str, Any]) -> None:
    """Open the drawer of a group."""
    tables.drawer("Finding, by cause", drawer.GROUP, _drawer, page, row)


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    due = f":gray-badge[:material/event: Due {formats.day(row['due_date'])}]" if row["due_date"] else ""
    severity, state = statuses.SEVERITIES[row["severity"]], wording.state(row)
    st.markdown(" ".join(filter(None, (severity.badge(), state.badge(), due, markdown.code(row["finding_code"])))))
    st.markdown(f"**{markdown.plain(formats.days(row['cases'], of='case'))}: {markdown.plain(wording.group(row))}**")
    tables.facts(
        {
            "Promise": ", ".join(row["clauses"]) or f"{formats.NULL} no promise is measured by it",
            "First, last case": _days(row),
            "Owner": row["owner"],
            "Key": row["group_key"],
        }
    )
    _history(page, row)
    _list(page, row)
    _links(page, row)


def _days(row: dict[str, Any]) -> str:
    if row["first_day"] is None:
        return f"{formats.NULL} not readable"
    return f"{formats.day(row['first_day'])}{formats.TO}{formats.day(row['last_day'])}"


def _history(page: Page, row: dict[str, Any]) -> None:
    st.markdown("**What was done**")
    seen = formats.instant(row["first_seen_at"], page.snapshot.zone) if row["first_seen_at"] else formats.NULL
    st.markdown(f":material/radio_button_unchecked: First seen · {markdown.plain(seen)}")


def _list(page: Page, row: dict[str, Any]) -> None:
    """The cases, newest first, each with the way to its landed row."""
    zone = page.snapshot.zone
    key = f"{_PAGE}_{row['group_key']}"
    number, shown = row["cases"], int(st.session_state.get(key, 1))
    begin = _SIZE * (shown - 1)
    chosen = Selection(groups=(row["group_key"],))
    cases = findings.page(page.ref, chosen, "newest", zone, (begin, begin + _SIZE))
    of = f"{formats.count(begin + 1)}{formats.TO}{formats.count(begin + len(cases))} of {formats.count(number)}"
    st.markdown(f"**Cases** :small[:gray[{of}, newest first]]")
    with st.container(gap=None):
        for case in cases:
            happened = formats.instant(case["occurred_at"], zone) if case["occurred_at"] else "not readable"
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f":small[{markdown.plain(f'{happened} · {wording.what(case)} · {tables.landed(case)}')}]")
                if st.button("Landed row", key=f"case_{case['finding_key']}", type="tertiary"):
                    tables.opened(drawer.NAME, case["finding_key"])
    if number > _SIZE:
        st.pagination(-(-number // _SIZE), key=key)


def _links(page: Page, row: dict[str, Any]) -> None:
    with st.container(gap="xxsmall"):
        area = wording.PAGES.get(row["area"], "")
        if area:
            links.link(area, f"{area}: the figures that it counts in", page.carried)
        for clause in row["clauses"]:
            links.link("Traceability", f"How {clause} is measured", page.carried | {"clause": clause})
