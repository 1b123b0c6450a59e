"""Overview: are we keeping our promises, what must I do today, which promise is worst?

Here: the order of the page and its sentences. Not here: verdicts (the marts say them), one promise in full (promise.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import frame, notation, parameters, words
from dashboards.charts import counts, look
from dashboards.data import population, promises, quality
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.frame import Page
from dashboards.periods import months_until
from dashboards.views import promise

_FRAME = "promises_frame"


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Overview")
    rows = promises.promises(page.ref, page.period)
    pack = page.snapshot.manifest["pack"]
    frame.header(page, "Overview", f"{notation.count(len(rows))} promises of policy pack {notation.plain(pack['version'])}, judged for {page.period.words}")
    _verdicts(page, rows)
    with pair() as (left, right):
        with left, section("Act on today", "What can still be prevented comes first"):
            _act(page)
        with right, section("Missed promises by month", f"Of {len(rows)}, as judged for each month"):
            _trend(page)
    _promises(page, rows)
    promise.drawer_if_asked(page, [row["clause_id"] for row in rows], _FRAME)


def _verdicts(page: Page, rows: list[dict[str, Any]]) -> None:
    now = Counter(row["status"] for row in rows)
    before = Counter(row["status"] for row in promises.promises(page.ref, page.period.before)) if page.period.before else Counter()
    earlier = page.period.before.label if page.period.before else ""
    known_before = any(number for status, number in before.items() if status not in words.NOTHING_YET + ("insufficient_evidence",))

    def total(counter: Counter[str], statuses: tuple[str, ...]) -> int:
        return sum(counter[status] for status in statuses)

    kept, missed = total(now, words.KEPT), now["missed"]
    more = missed - before["missed"]
    badge = f":red-badge[:material/cancel: {more} more]" if known_before and more > 0 else f":green-badge[:material/check_circle: {-more} fewer]" if known_before and more < 0 else ""
    of = f"of {len(rows)}"

    def compared(number: int) -> str:
        return f"{earlier}: {number} of {len(rows)} · " if known_before else ""

    exceptions = [f"{now[status]} {word}" for status, word in (("met_within_tolerance", "with exceptions"), ("met_on_main_reading", "on the main reading only")) if now[status]]
    cards([
        Card("Kept", str(kept), compared(total(before, words.KEPT)) + (", ".join(exceptions) or "none with exceptions"), of),
        Card("Missed", str(missed), f"{compared(before['missed'])}{notation.count(promises.findings(page.ref))} findings to date", of, badge),
        Card("Not assessable", str(total(now, words.NOT_ASSESSABLE)), f"{now['insufficient_evidence']} without evidence, {now['manual']} judged by hand", of),
        Card("Nothing to judge yet", str(total(now, words.NOTHING_YET)), f"{now['not_yet_due']} not yet due, {now['not_applicable']} without a case", of),
    ])  # fmt: skip
    st.caption("Counted apart:  " + " · ".join(_by_origin(rows)))


def _by_origin(rows: list[dict[str, Any]]) -> list[str]:
    told = []
    for code, word in words.ORIGINS.items():
        own = [row["status"] for row in rows if row["source"] == code]
        if own:
            kept, missed = sum(status in words.KEPT for status in own), sum(status == "missed" for status in own)
            told.append(f"{word}: {kept} kept and {missed} missed of {len(own)}")
    return told


@guarded
def _act(page: Page) -> None:
    now = population.open_now(page.ref, population.Filters(), page.today, page.soon)
    of_open = f"of {notation.count(now['open'])} open requests"
    stale = [row for row in quality.sources(page.ref) if quality.freshness(row) == "stale"]
    all_sources = len(quality.sources(page.ref))
    nearest = f", the first in {notation.days(now['nearest'])}" if now["due"] and now["nearest"] else ", the first today" if now["due"] else ""
    notices = f"; {now['late_notices']} because of a late extension notice" if now["late_notices"] else ""
    oldest = f", the oldest by {notation.days(now['oldest'])}{notices}" if now["overdue"] else ""
    names = ", ".join(notation.plain(row["source"]) for row in stale[:2]) + (" and others" if len(stale) > 2 else "")
    with st.container(border=True):
        _task(page, "yellow", "schedule", f"Due by {notation.short_day(page.soon)}", f"**{now['due']} {of_open}** fall due{nearest}", "views/requests.py", now["due"], "request", {"list": "due"})
        _task(page, "red", "error", "Overdue", f"**{now['overdue']} {of_open}** are past their date{oldest}", "views/requests.py", now["overdue"], "request", {"list": "overdue"})
        late = f"**{len(stale)} of {all_sources} sources** deliver late{': ' if names else ''}{names}"
        _task(page, "yellow", "history", "Late sources", late, "views/quality.py", len(stale), "source", {})


def _task(page: Page, colour: str, icon: str, badge: str, sentence: str, file: str, number: int, noun: str, query: dict[str, str]) -> None:
    shown = f":{colour}-badge[:material/{icon}: {badge}]" if number else f":green-badge[:material/check_circle: {badge}]"
    left, middle, right = st.columns([25, 50, 27], vertical_alignment="center", gap="small")
    left.markdown(shown)
    middle.markdown(sentence)
    label = f"{notation.count(number)} {noun}{'' if number == 1 else 's'}"
    right.page_link(file, label=label, icon=":material/arrow_forward:", icon_position="right", query_params=page.carried | query)


@guarded
def _trend(page: Page) -> None:
    months = months_until(page.today, 12)
    found = promises.verdicts_by_month(page.ref, months[0].start, months[-1].start)
    by_month: dict[Any, Counter[str]] = {}
    for row in found:
        by_month.setdefault(row["month"], Counter())[row["status"]] += row["promises"]
    points = [(month, by_month[month]["missed"], sum(by_month[month][status] for status in words.NOT_ASSESSABLE)) for month in sorted(by_month)]
    if not points:
        nothing("No month has been judged yet", "The first appears with the first month that has begun.")
        return
    told = "; ".join(f"{month:%B %Y}: {missed} missed, {unknown} not assessable" for month, missed, unknown in points)
    numbers = [{"Month": f"{month:%b %Y}", "Missed": missed, "Not assessable": unknown} for month, missed, unknown in points]
    look.show(counts.missed_by_month(points), alternative=f"Promises by month. {told}.", numbers=numbers, height=look.LOW, name="by month")


def _promises(page: Page, rows: list[dict[str, Any]]) -> None:
    def search() -> None:
        st.session_state.setdefault("q", parameters.text("q"))
        st.text_input("Search promises", key="q", icon=":material/search:", placeholder="Search promises", label_visibility="collapsed", max_chars=80, width=210,
                      on_change=lambda: parameters.put("q", st.session_state["q"].strip()))  # fmt: skip

    with section("Promises", "Worst first. Select a row for its measures, its target and its limits", search):
        wanted = parameters.text("q", 80).casefold()
        shown = [row for row in rows if wanted in f"{row['clause_id']} {row['promise']} {row['section']} {words.PROMISES[row['status']].text}".casefold()]
        if not shown:
            nothing("No promise matches", f"0 of {len(rows)} promises hold these words.")
            return
        _table(page, shown)


def _table(page: Page, rows: list[dict[str, Any]]) -> None:
    months = months_until(page.today, 12)
    histories = promises.histories(page.ref, months[0].start, months[-1].start)
    table = pd.DataFrame([
        {
            "Status": [words.PROMISES[row["status"]].cell],
            "Clause": row["clause_id"],
            "Promise": row["promise"],
            "Measured": notation.measured(row["value"], row["unit"], row["target"]),
            "Target": notation.target(row["operator"], row["target"], row["unit"]),
            "Out of": notation.base(row),
            "12 months": [point for point in histories.get((row["clause_id"], row["metric_code"], row["dimension"], row["dimension_value"]), []) if point is not None],
            "Findings": row["findings"],
        }
        for row in rows
    ])  # fmt: skip
    column = st.column_config
    st.dataframe(
        table, hide_index=True, row_height=34, height="content", selection_mode="single-row", key=promise.frame_key(_FRAME), placeholder=notation.NULL,
        on_select=lambda: promise.choose(_FRAME, [row["clause_id"] for row in rows]), alt="Promises with their verdict, worst first",
        column_config={
            "Status": column.MultiselectColumn(width=180, options=[word.cell for word in words.PROMISES.values()], color=[word.colour for word in words.PROMISES.values()]),
            "Clause": column.TextColumn(width=72),
            "Promise": column.TextColumn(width=330),
            "Measured": column.TextColumn(width=80, alignment="right"),
            "Target": column.TextColumn(width=72, alignment="right"),
            "Out of": column.TextColumn(width=130, alignment="right"),
            "12 months": column.LineChartColumn(width=96, color="gray"),
            "Findings": column.NumberColumn(width=70),
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
