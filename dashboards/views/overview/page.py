"""Overview: are we keeping our promises, what must I do today, which promise is worst?

Here: the order of the page and the four figures. Not here: verdicts (the marts hold them), one promise (promise_drawer.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from dashboards import layout, markdown
from dashboards.components.sections import Card, cards, pair, section
from dashboards.data import promises
from dashboards.page import Page
from dashboards.views.overview import actions, promise_drawer
from dashboards.views.overview import promises as table
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
    )
    _verdicts(page, rows)
    with pair() as (left, right):
        with left, section("Act on today", "What can still be prevented comes first"):
            actions.act(page)
        with right, section("Missed promises by month", f"Of {len(rows)}, as assessed for each month"):
            actions.trend(page)
    table.draw(page, rows)
    promise_drawer.drawer_if_asked(page, [row["clause_id"] for row in rows])


def _verdicts(page: Page, rows: list[dict[str, Any]]) -> None:
    now = Counter(row["status"] for row in rows)
    before = (
        Counter(row["status"] for row in promises.promises(page.ref, page.period.before)) if page.period.before else Counter()
    )
    earlier = page.period.before.label if page.period.before else ""
    known_before = any(
        number for status, number in before.items() if status not in (*statuses.NOT_YET_MEASURABLE, "insufficient_evidence")
    )

    def total(counter: Counter[str], statuses: tuple[str, ...]) -> int:
        return sum(counter[status] for status in statuses)

    kept, missed = total(now, statuses.KEPT), now["missed"]
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
        for status, word in (
            ("met_within_tolerance", "within tolerance"),
            ("met_on_main_reading", "standard interpretation only"),
        )
        if now[status]
    ]
    cards(
        [
            Card(
                "Kept",
                str(kept),
                compared(total(before, statuses.KEPT)) + (", ".join(exceptions) or "none within tolerance"),
                of,
            ),
            Card(
                "Missed",
                str(missed),
                f"{compared(before['missed'])}{formats.count(promises.findings(page.ref))} findings to date",
                of,
                badge,
            ),
            Card(
                "Not assessable",
                str(total(now, statuses.NOT_ASSESSABLE)),
                f"{now['insufficient_evidence']} without evidence, {now['manual']} by manual assessment",
                of,
            ),
            Card(
                "Not yet measurable",
                str(total(now, statuses.NOT_YET_MEASURABLE)),
                f"{now['not_yet_due']} not yet due, {now['not_applicable']} without a case",
                of,
            ),
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
