"""One incident in a drawer: its deadlines with the law behind them, what happened when, and the landed row that records it.

Here: the drawer and its parameter. Not here: the list it is opened from (page.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import access, markdown, parameters
from dashboards.components import landed_rows, tables
from dashboards.components.sections import guarded
from dashboards.data import incidents as data
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

NAME = "incident"
"""The parameter that opens the drawer."""

_HAPPENED = {
    "occurred_at": "Occurred",
    "detected_at": "Detected",
    "contained_at": "Contained",
    "assessed_no_risk_at": "Assessed as no risk",
    "authority_notified_at": "Authority notified",
    "subjects_notified_at": "Individuals notified",
    "closed_at": "Closed",
}


def drawer_of_address(page: Page) -> bool:
    """Open the drawer where the address names an incident that exists; whether it is the sheet."""
    key = parameters.text(NAME)
    row = data.incident(page.ref, key) if key and access.may("rows") else {}
    if row:
        return tables.drawer("Incident", NAME, _drawer, page, row)
    return False


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    st.markdown(f"**{markdown.plain(row['incident_id'])}** {statuses.INCIDENTS[row['status']].badge()}")
    where = f"{labels.sentence(row['incident_type'])} in {labels.jurisdiction(row['jurisdiction'])}"
    st.caption(f"{markdown.plain(where)} · {formats.plural(row['affected_subjects'], 'person')} affected, as last stated")
    tables.facts(
        {
            **{name: formats.instant(row[column], zone) for column, name in _HAPPENED.items() if row.get(column)},
            "Notify authority by": _due(row, "authority", zone),
            "Notify individuals by": _due(row, "persons", zone),
            "Individuals": statuses.INCIDENTS[row["persons_status"]].text,
        }
    )
    st.markdown("**Where it comes from**")
    landed_rows.origin(page, row)


def _due(row: dict[str, Any], whom: str, zone: str) -> str:
    """The end of the period with the law that sets it, or a dash."""
    due, law = row.get(f"{whom}_due_at"), row.get(f"{whom}_citation")
    return f"{formats.instant(due, zone)}{f' ({law})' if law else ''}" if due else formats.NULL
