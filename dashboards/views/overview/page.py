"""Overview: are we keeping our promises, what must I do today, which promise is worst?

Here: the order of the page. Not here: the four figures and what changed (figures.py), verdicts (the marts hold them), one promise
(promise_drawer.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import layout, markdown, parameters
from dashboards.components import tables
from dashboards.components.sections import pair
from dashboards.data import promises
from dashboards.page import Page
from dashboards.views.overview import actions, digest, figures, promise_drawer
from dashboards.views.overview import promises as table
from dashboards.views.overview.board_page import board_page
from promisekept.presentation import formats, labels, statuses
from promisekept.publishing.reader import Row


def main() -> None:
    """Draw the page; where the address asks for the promises of one figure, they come first."""
    page = layout.open_page("Overview")
    rows = promises.promises(page.ref, page.period)
    clauses = [row["clause_id"] for row in rows]
    if tables.alone(promise_drawer.drawer_of_address, page, clauses):
        return
    pack = page.snapshot.manifest["pack"]
    layout.header(
        page,
        "Overview",
        f"{formats.count(len(rows))} promises of policy pack {markdown.plain(pack['version'])}, assessed for {page.period.words}",
        lambda: _taken_along(page),
    )
    figures.draw(page, rows)
    wanted = parameters.one("status", statuses.VERDICT_GROUPS)
    if wanted:
        table.draw(page, rows, wanted)
    _today(page, rows)
    if not wanted:
        table.draw(page, rows, wanted)
    promise_drawer.drawer_of_address(page, clauses)


def _taken_along(page: Page) -> None:
    board_page(page)
    digest.control()


def _today(page: Page, rows: list[Row]) -> None:
    pair(lambda: actions.act(page), lambda: actions.trend(page, len(rows)), beside=True)
    st.caption("Counted apart:  " + " · ".join(_by_origin(rows)))


def _by_origin(rows: list[Row]) -> list[str]:
    lines = []
    for code, word in labels.ORIGINS.items():
        own = [row["status"] for row in rows if row["source"] == code]
        if own:
            kept, missed = sum(status in statuses.KEPT for status in own), sum(status == "missed" for status in own)
            lines.append(f"{word}: {kept} kept and {missed} missed of {len(own)}")
    return lines


if __name__ == "__main__":
    main()
