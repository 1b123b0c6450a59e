"""Overview: are we keeping our promises, what must I do today, which promise is worst?

Here: the order of the page and the four figures. Not here: verdicts (the marts say them), one promise in full (promise.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from dashboards import frame, notation, words
from dashboards.data import promises
from dashboards.figures import Card, cards, pair, section
from dashboards.page import Page
from dashboards.views import promise, today
from dashboards.views import promises as table


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Overview")
    rows = promises.promises(page.ref, page.period)
    pack = page.snapshot.manifest["pack"]
    frame.header(
        page,
        "Overview",
        f"{notation.count(len(rows))} promises of policy pack {notation.plain(pack['version'])}, judged for {page.period.words}",
    )
    _verdicts(page, rows)
    with pair() as (left, right):
        with left, section("Act on today", "What can still be prevented comes first"):
            today.act(page)
        with right, section("Missed promises by month", f"Of {len(rows)}, as judged for each month"):
            today.trend(page)
    table.draw(page, rows)
    promise.drawer_if_asked(page, [row["clause_id"] for row in rows], table.FRAME)


def _verdicts(page: Page, rows: list[dict[str, Any]]) -> None:
    now = Counter(row["status"] for row in rows)
    before = (
        Counter(row["status"] for row in promises.promises(page.ref, page.period.before)) if page.period.before else Counter()
    )
    earlier = page.period.before.label if page.period.before else ""
    known_before = any(number for status, number in before.items() if status not in (*words.NOTHING_YET, "insufficient_evidence"))

    def total(counter: Counter[str], statuses: tuple[str, ...]) -> int:
        return sum(counter[status] for status in statuses)

    kept, missed = total(now, words.KEPT), now["missed"]
    more = missed - before["missed"]
    badge = (
        f":red-badge[:material/cancel: {more} more]"
        if known_before and more > 0
        else f":green-badge[:material/check_circle: {-more} fewer]"
        if known_before and more < 0
        else ""
    )
    of = f"of {len(rows)}"

    def compared(number: int) -> str:
        return f"{earlier}: {number} of {len(rows)} · " if known_before else ""

    exceptions = [
        f"{now[status]} {word}"
        for status, word in (("met_within_tolerance", "with exceptions"), ("met_on_main_reading", "on the main reading only"))
        if now[status]
    ]
    cards(
        [
            Card("Kept", str(kept), compared(total(before, words.KEPT)) + (", ".join(exceptions) or "none with exceptions"), of),
            Card(
                "Missed",
                str(missed),
                f"{compared(before['missed'])}{notation.count(promises.findings(page.ref))} findings to date",
                of,
                badge,
            ),
            Card(
                "Not assessable",
                str(total(now, words.NOT_ASSESSABLE)),
                f"{now['insufficient_evidence']} without evidence, {now['manual']} judged by hand",
                of,
            ),
            Card(
                "Nothing to judge yet",
                str(total(now, words.NOTHING_YET)),
                f"{now['not_yet_due']} not yet due, {now['not_applicable']} without a case",
                of,
            ),
        ]
    )
    st.caption("Counted apart:  " + " · ".join(_by_origin(rows)))


def _by_origin(rows: list[dict[str, Any]]) -> list[str]:
    told = []
    for code, word in words.ORIGINS.items():
        own = [row["status"] for row in rows if row["source"] == code]
        if own:
            kept, missed = sum(status in words.KEPT for status in own), sum(status == "missed" for status in own)
            told.append(f"{word}: {kept} kept and {missed} missed of {len(own)}")
    return told


if __name__ == "__main__":
    main()
