"""The landed row that a fact leads back to, for whichever drawer ends with it.

Here: the delivery that brought a row, and the row with pseudonyms only. Not here: finding either (promisekept/publishing).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import tables
from dashboards.page import Page
from promisekept.errors import PromisekeptError
from promisekept.presentation import formats
from promisekept.publishing.provenance import deliveries, landed_row


def origin(page: Page, row: Mapping[str, Any]) -> None:
    """From `source`, `batch_id` and `row_number` of a fact to the delivery that brought it, and the row as it landed."""
    zone = page.snapshot.zone
    facts = {"Source": row["source"] or formats.NULL, "Batch · row": tables.landed(row)}
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
            "File hash": f"sha256 {tables.shortened(brought.origin_sha256)}",
        }
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
    if name.endswith("_key") and name != "group_key":
        return f"{tables.shortened(str(value))} (pseudonym)"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
