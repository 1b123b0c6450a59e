"""Evidence: bundles that a stranger can check, and the log of who took what away.

Here: the page and the export log. Not here: the form (new_bundle.py), the bundles and what is done with one (bundles.py), making
or checking them (promisekept.evidence).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, frame, notation, parameters, words
from dashboards.data import bundles as data
from dashboards.figures import guarded, nothing, pair, section
from dashboards.page import Page
from dashboards.views import bundles, new_bundle
from promisekept.publishing.export_log import Entry

SIZE = 15


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Evidence")
    frame.header(
        page,
        "Evidence",
        "Bundles that an auditor can check without this program, and the log of who took what away",
        by_period=False,
    )
    _content(page)


@guarded
def _content(page: Page) -> None:
    entries = data.log(Path(page.ref.home))
    there = data.found(Path(page.ref.home), entries)
    with pair() as (left, right):
        with left:
            new_bundle.form(page)
        with right:
            bundles.without_us(page, there)
    bundles.section_of(page, there)
    _log(page, entries)


@guarded
def _log(page: Page, entries: list[Entry]) -> None:
    zone, number = page.snapshot.zone, len(entries)
    pages = max(1, -(-number // SIZE))
    at = parameters.number("page", 1, pages)
    shown = list(reversed(entries))[SIZE * (at - 1) : SIZE * at]

    def control() -> None:
        export.control("log", lambda: [_exact(entry) for entry in data.log(Path(page.ref.home))], number=number, of=number)

    said = "1 entry" if number == 1 else f"{notation.count(number)} entries"
    with section(
        "Export log",
        f"Append-only, part of the ledger; {said}, newest first",
        control,
    ):
        if not number:
            nothing("Nothing was taken away", "0 files left. Every CSV, bundle and download will stand here.", good=True)
            return
        st.table(pd.DataFrame([_said(entry, zone) for entry in shown]), border="horizontal", hide_index=True)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(
                f"Rows {SIZE * (at - 1) + 1}{notation.TO}{SIZE * (at - 1) + len(shown)} of {notation.count(number)}",
                width="content",
            )
            if pages > 1:
                st.session_state["page"] = at
                st.pagination(pages, key="page", on_change=lambda: parameters.put("page", str(st.session_state["page"]), "1"))


def _said(entry: Entry, zone: str) -> dict[str, str]:
    told = entry.export
    return {
        "When": notation.instant(entry.at, zone),
        "Who": notation.plain(told.who),
        "Role": notation.plain(told.role),
        "What": words.say(words.EXPORTS, told.kind),
        "Content": notation.plain(told.content),
        "Rows": notation.out_of(told.rows, told.of),
    }


def _exact(entry: Entry) -> dict[str, Any]:
    told = entry.export
    return {
        "Entry": entry.seq,
        "When": entry.at,
        "Who": told.who,
        "Role": told.role,
        "What": words.say(words.EXPORTS, told.kind),
        "Content": told.content,
        "Snapshot": told.snapshot,
        "Period": told.period,
        "Filters": "; ".join(f"{name}={','.join(values)}" for name, values in told.filters.items()),
        "Rows": told.rows,
        "Of": told.of,
        "SHA-256": told.sha256,
        "Fingerprint": told.fingerprint,
    }


if __name__ == "__main__":
    main()
