"""One system that has to confirm a withdrawal, in a drawer: when it should have, when it did, and the landed row.

Here: the drawer and its parameter. Not here: the list it is opened from (propagation.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import access, parameters
from dashboards.components import landed_rows, tables
from dashboards.components.sections import guarded
from dashboards.data import names
from dashboards.data import withdrawals as data
from dashboards.page import Page
from promisekept.presentation import formats

NAME = "withdrawal"
"""The parameter that opens the drawer."""

_INSTANTS = {
    "Withdrawn": "withdrawn_at",
    "Confirm by": "confirm_by",
    "Confirmed": "applied_at",
    "Given again": "consented_again_at",
}


def drawer_of_address(page: Page) -> bool:
    """Open the drawer where the address names a withdrawal and a system that exist; whether it is the sheet."""
    key = parameters.key(NAME)
    row = data.withdrawal(page.ref, key) if key and access.may("rows") else {}
    if row:
        return tables.drawer("Withdrawal of consent", NAME, _drawer, page, row)
    return False


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    purpose, system = (names.written(page.ref, name, row[name]) for name in ("purpose_code", "system"))
    st.markdown(f"{purpose}, to be applied by {system}")
    tables.facts(
        {
            "Person": tables.person(row["subject_key"]),
            **{name: formats.instant(row[column], zone) if row[column] else formats.NULL for name, column in _INSTANTS.items()},
        }
    )
    st.markdown("**Where it comes from**")
    landed_rows.origin(page, row)
