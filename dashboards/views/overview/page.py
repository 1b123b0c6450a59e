"""Overview: are we keeping our promises, what must I do today, which promise is worst?

Here: the order of the page and the four figures. Not here: verdicts (the marts hold them), one promise (promise_drawer.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from dashboards import layout, markdown
from dashboards.components.sections import Card, cards, pair
from dashboards.data import promises
from dashboards.page import Page
from dashboards.views.overview import actions, promise_drawer
from dashboards.views.overview import promises as table
from dashboards.views.overview.board_page import board_page
from promisekept.presentation import formats, labels, statuses


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Overview")
    rows = promises.promises(page.ref, page.period)
    pack = page.snapshot.manifest["pack"]
    layout.header(
        page,
        "Overview",
        f"{formats.count(len(rows))} promises of policy pack {markdown.plain(pack['version'])}, assessed for {page.period.words}",
        lambda: board_page(page),
    )
    _verdicts(page, rows)
    pair(lambda: actions.act(page), lambda: actions.trend(page, len(rows)))
    table.draw(page, rows)
    promise_drawer.drawer_of_address(page, [row["clause_id"] for row in rows])


def _verdicts(page: Page, rows: list[dict[str, Any]]) -> None:
    earlier = page.period.before
    now = Counter(row["status"] for row in rows)
    before = Counter(row["status"] for row in promises.promises(page.ref, earlier)) if earlier else Counter()
    unknown = (*statuses.NOT_YET_MEASURABLE, "insufficient_evidence")
    is_known = any(number for status, number in before.items() if status not in unknown)

    def total(counter: Counter[str], codes: tuple[str, ...]) -> int:
        return sum(counter[code] for code in codes)

    def card(name: str, codes: tuple[str, ...], note: str, *, is_compared: bool = False, badge: str = "") -> Card:
        compared = f"{earlier.label}: {total(before, codes)} of {len(rows)} · " if is_compared and is_known and earlier else ""
        return Card(name, str(total(now, codes)), compared + note, f"of {len(rows)}", badge)

    more = now["missed"] - before["missed"] if is_known else 0
    badge = ""
    if more:
        badge = (
            f":red-badge[:material/cancel: {more} more]" if more > 0 else f":green-badge[:material/check_circle: {-more} fewer]"
        )
    short = {"met_within_tolerance": "within tolerance", "met_on_main_reading": "standard interpretation only"}
    exceptions = ", ".join(f"{now[status]} {word}" for status, word in short.items() if now[status]) or "none within tolerance"
    findings = f"{formats.count(promises.findings(page.ref))} findings to date"
    unassessed = f"{now['insufficient_evidence']} without evidence, {now['manual']} by manual assessment"
    unmeasured = f"{now['not_yet_due']} not yet due, {now['not_applicable']} without a case"
    cards(
        [
            card("Kept", statuses.KEPT, exceptions, is_compared=True),
            card("Missed", ("missed",), findings, is_compared=True, badge=badge),
            card("Not assessable", statuses.NOT_ASSESSABLE, unassessed),
            card("Not yet measurable", statuses.NOT_YET_MEASURABLE, unmeasured),
        ]
    )
    st.caption("Counted apart:  " + " · ".join(_by_origin(rows)))


def _by_origin(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for code, word in labels.ORIGINS.items():
        own = [row["status"] for row in rows if row["source"] == code]
        if own:
            kept, missed = sum(status in statuses.KEPT for status in own), sum(status == "missed" for status in own)
            lines.append(f"{word}: {kept} kept and {missed} missed of {len(own)}")
    return lines


if __name__ == "__main__":
    main()
