"""One finding in a drawer beside the worklist: what is wrong, which promise it breaks, and the landed row that says so.

Here: the drawer, and how it is opened, closed and kept in the address. Not here: the worklist (findings.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import notation, onward, parameters, words
from dashboards.data import findings as data
from dashboards.figures import guarded
from dashboards.page import Page
from dashboards.views import finding_words
from promisekept.errors import PromisekeptError
from promisekept.publishing.provenance import deliveries, landed_row

_NAME = "finding"
_KEY = re.compile(r"^[0-9a-f]{32}$")


def frame_key(frame: str) -> str:
    """The key of the table that opens the drawer; a new one after each closing, so that no row stays selected."""
    return f"{frame}_{st.session_state.get(frame, 0)}"


def choose(frame: str, keys: Sequence[str]) -> None:
    """Keep the selected row's key in the address."""
    chosen = st.session_state[frame_key(frame)]["selection"]["rows"]
    parameters.put(_NAME, keys[chosen[0]] if chosen and chosen[0] < len(keys) else None)


def drawer_if_asked(page: Page, frame: str) -> None:
    """Open the drawer where the address names a finding that exists."""
    key = parameters.text(_NAME, 32)
    row = data.finding(page.ref, key) if _KEY.match(key) else {}
    if not row:
        return

    def close() -> None:
        st.session_state[frame] = st.session_state.get(frame, 0) + 1
        parameters.drop([_NAME])

    st.dialog("Finding", width=560, position="right", on_dismiss=close)(_drawer)(page, row)


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    st.markdown(f"{words.SEVERITIES[row['severity']].badge()} {notation.code(row['finding_code'])}")
    detail = notation.plain(finding_words.detail(row, zone))
    st.markdown(f"**{notation.plain(row['word'])}: {notation.plain(finding_words.what(row))}.** {detail}")
    _facts(
        {
            "Promise": ", ".join(row["clauses"]) or f"{notation.NULL} no promise is measured by it",
            "Control": ", ".join(row["control_ids"]) or notation.NULL,
            "Happened": notation.instant(row["occurred_at"], zone) if row["occurred_at"] else f"{notation.NULL} not readable",
            "First seen": notation.instant(row["first_seen_at"], zone) if row["first_seen_at"] else notation.NULL,
            **({"Person": shortened(row["subject_key"])} if row["subject_key"] else {}),
            "Key": row["finding_key"],
        }
    )
    st.markdown("**Where it comes from**")
    _origin(page, row)
    _links(page, row)


def _facts(facts: Mapping[str, str]) -> None:
    st.table(
        pd.DataFrame([{" ": name, "  ": notation.plain(value)} for name, value in facts.items()]),
        border="horizontal",
        hide_index=True,
        hide_header=True,
    )


def _origin(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    if not row["batch_id"]:
        about = f"source {notation.plain(row['source'])}" if row["source"] else "no single source"
        st.caption(f"It is not about one row: {about}. The entity is {notation.code(row['entity'])}.")
        return
    facts = {"Source": row["source"] or notation.NULL, "Batch": row["batch_id"]}
    home = Path(page.ref.home)
    try:
        brought = deliveries(home, [row["batch_id"]]).get(row["batch_id"])
        landed = landed_row(home, row["batch_id"], row["row_number"]) if brought and row["row_number"] is not None else None
        why = (
            "The ledger of this home does not know the batch."
            if brought is None
            else "Its file was cleared by our own retention."
        )
    except PromisekeptError as error:
        brought, landed, why = None, None, str(error).partition("\n")[0]
    if brought:
        again = ", landed again since" if brought.superseded else ""
        facts |= {
            "Batch": f"{brought.batch_id}, landed {notation.instant(brought.landed_at, zone)}{again}",
            "File": brought.file,
        }
    facts["Row"] = notation.count(row["row_number"])
    if brought:
        facts["File hash"] = f"sha256 {shortened(brought.origin_sha256)}"
    _facts(facts)
    if landed is None:
        st.caption(notation.plain(f"The landed row itself can't be shown. {why}"))
        return
    st.code(as_text(landed), language=None, wrap_lines=True)
    st.caption("As it landed: codes and pseudonyms only; empty columns are left out")


def shortened(key: str) -> str:
    """A key or hash that is told apart by its ends."""
    return f"{key[:4]}…{key[-4:]}"


def as_text(landed: Mapping[str, Any]) -> str:
    """A landed row, one column per line, persons shortened, empty columns left out."""
    told = {name: _cell(name, value) for name, value in landed.items() if value is not None}
    width = max(map(len, told), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in told.items())


def _cell(name: str, value: object) -> str:
    if name.endswith("_key"):
        return f"{shortened(str(value))} (pseudonym)"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _links(page: Page, row: dict[str, Any]) -> None:
    request = finding_words.request_of(row)
    with st.container(gap="xxsmall"):
        if request:
            label = "Open the request" if str(row["entity"]).endswith(request) else "Open the request that stopped it"
            onward.link("Requests", label, page.carried | {"request": request})
        area = finding_words.PAGES.get(row["area"], "")
        if not (request and area == "Requests"):
            onward.link(area, f"{area}: the figures that it counts in", page.carried)
        for clause in row["clauses"]:
            onward.link("Traceability", f"How {clause} is measured", page.carried | {"clause": clause})
