"""One finding in a drawer beside the worklist: what is wrong, which promise it breaks, and the landed row that records it.

Here: the drawer of one case. Not here: the lists (by_cause.py, every_case.py), the drawer of a group (group_drawer.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import landed_rows, links, tables
from dashboards.components.sections import guarded
from dashboards.page import Page
from dashboards.views.findings import wording
from promisekept.presentation import formats, statuses

NAME, GROUP = "finding", "group"
"""The parameters that open the drawer of a case and that of its group."""


def open_drawer(page: Page, row: dict[str, Any]) -> bool:
    """Open the drawer of a case; closing it leads back to its group where that is in the address; whether it is the sheet."""
    return tables.drawer("Finding", NAME, _drawer, page, row)


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    st.markdown(f"{statuses.SEVERITIES[row['severity']].badge()} {markdown.code(row['finding_code'])}")
    detail = markdown.plain(wording.detail(row, zone))
    st.markdown(f"**{markdown.plain(row['word'])}: {markdown.plain(wording.what(row))}.** {detail}")
    tables.facts(
        {
            "Promise": ", ".join(row["clauses"]) or f"{formats.NULL} no promise is measured by it",
            "Control": ", ".join(row["control_ids"]) or formats.NULL,
            "Happened": formats.instant(row["occurred_at"], zone) if row["occurred_at"] else f"{formats.NULL} not readable",
            "First seen": formats.instant(row["first_seen_at"], zone) if row["first_seen_at"] else formats.NULL,
            **({"Person": tables.shortened(row["subject_key"])} if row["subject_key"] else {}),
            "Key": row["finding_key"],
        }
    )
    to_group = {"icon": ":material/list:", "type": "tertiary", "key": "to_group"}
    if not parameters.printing() and st.button("All cases of this cause", **to_group):
        parameters.drop([NAME])
        tables.opened(GROUP, row["group_key"])
    st.markdown("**Where it comes from**")
    if row["batch_id"]:
        landed_rows.origin(page, row)
    else:
        about = f"source {markdown.code(row['source'])}" if row["source"] else "no single source"
        st.caption(f"It is not about one row: {about}. The entity is {markdown.code(row['entity'])}.")
    _links(page, row)


def _links(page: Page, row: dict[str, Any]) -> None:
    request = wording.request_of(row)
    with st.container(gap="xxsmall"):
        if request:
            label = "Open the request" if str(row["entity"]).endswith(request) else "Open the request that stopped it"
            links.link("Requests", label, page.carried | {"request": request})
        group = wording.group_of_act(row)
        if group:
            links.link("Findings", "The cause that was assigned or accepted", page.carried | {GROUP: group})
        area = wording.PAGES.get(row["area"], "")
        if area and not (request and area == "Requests"):
            links.link(area, f"{area}: the figures that it counts in", page.carried)
        for clause in row["clauses"]:
            links.link("Traceability", f"How {clause} is measured", page.carried | {"clause": clause})
