"""One finding in a drawer beside the worklist: what is wrong, which promise it breaks, and the landed row that records it.

Here: the drawer of one case. Not here: the lists (by_cause.py, every_case.py), the drawer of a group (group_drawer.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import links, tables
from dashboards.components.sections import guarded
from dashboards.page import Page
from dashboards.views.findings import wording
from promisekept.errors import PromisekeptError
from promisekept.presentation import formats, statuses
from promisekept.publishing.provenance import deliveries, landed_row

NAME, GROUP = "finding", "group"
"""The parameters that open the drawer of a case and that of its group."""


def open_drawer(page: Page, row: dict[str, Any]) -> None:
    """Open the drawer of a case; closing it leads back to its group where that is in the address."""
    tables.drawer("Finding", NAME, _drawer, page, row)


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
    if st.button("All cases of this cause", icon=":material/list:", type="tertiary", key="to_group"):
        parameters.drop([NAME])
        tables.opened(GROUP, row["group_key"])
    st.markdown("**Where it comes from**")
    _origin(page, row)
    _links(page, row)


def _origin(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    if not row["batch_id"]:
        about = f"source {markdown.code(row['source'])}" if row["source"] else "no single source"
        st.caption(f"It is not about one row: {about}. The entity is {markdown.code(row['entity'])}.")
        return
    facts = {"Source": row["source"] or formats.NULL, "Batch": row["batch_id"]}
    home = Path(page.ref.home)
    try:
        brought = deliveries(home, [row["batch_id"]]).get(row["batch_id"])
        landed = landed_row(home, row["batch_id"], row["row_number"]) if brought and row["row_number"] is not None else None
        why = (
            "The ledger of this project does not hold the batch."
            if brought is None
            else "Its file was deleted under our own retention."
        )
    except PromisekeptError as error:
        brought, landed, why = None, None, str(error).partition("\n")[0]
    if brought:
        again = ", landed again since" if brought.superseded else ""
        facts |= {
            "Batch": f"{brought.batch_id}, landed {formats.instant(brought.landed_at, zone)}{again}",
            "File": brought.file,
        }
    facts["Row"] = formats.count(row["row_number"])
    if brought:
        facts["File hash"] = f"sha256 {tables.shortened(brought.origin_sha256)}"
    tables.facts(facts)
    if landed is None:
        st.caption(markdown.plain(f"The landed row itself can't be shown. {why}"))
        return
    st.code(as_text(landed), language=None, wrap_lines=True)
    st.caption("As it landed: codes and pseudonyms only; empty columns are left out")


def as_text(landed: Mapping[str, Any]) -> str:
    """A landed row, one column per line, persons shortened, empty columns left out."""
    cells = {name: _cell(name, value) for name, value in landed.items() if value is not None}
    width = max(map(len, cells), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in cells.items())


def _cell(name: str, value: object) -> str:
    if name.endswith("_key"):
        return f"{tables.shortened(str(value))} (pseudonym)"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _links(page: Page, row: dict[str, Any]) -> None:
    request = wording.request_of(row)
    with st.container(gap="xxsmall"):
        if request:
            label = "Open the request" if str(row["entity"]).endswith(request) else "Open the request that stopped it"
            links.link("Requests", label, page.carried | {"request": request})
        area = wording.PAGES.get(row["area"], "")
        if area and not (request and area == "Requests"):
            links.link(area, f"{area}: the figures that it counts in", page.carried)
        for clause in row["clauses"]:
            links.link("Traceability", f"How {clause} is measured", page.carried | {"clause": clause})
