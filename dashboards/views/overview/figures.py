"""The four figures of the overview, and the line of what changed since the period before.

Here: how many promises are kept, missed, not assessable or not yet measurable, each with what became of it. Not here: which
verdicts changed and why (promisekept/assessment, and the page Compare).

Unknown is never good news: no badge is green while more promises can't be assessed than before.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import links
from dashboards.components.sections import Card, cards
from dashboards.data import changes as data
from dashboards.data import promises
from dashboards.page import Page
from dashboards.views.overview import promise_drawer
from promisekept.assessment.changes import VerdictChange, counted
from promisekept.presentation import formats
from promisekept.presentation.statuses import CHANGES, VERDICT_GROUPS
from promisekept.publishing.reader import Row

_NAMED = 6
"""How many promises the line names of each kind of change."""
_LINE = {
    "newly_missed": "newly missed",
    "less_certain": "kept, but less certain",
    "no_longer_assessable": "no longer assessable",
    "now_kept": "now kept",
    "more_certain": "kept, more certain",
    "assessable_again": "assessable again",
    "without_case": "without a case or due again",
}


def draw(page: Page, rows: list[Row]) -> None:
    """The cards, and below them what changed."""
    compared = data.since(page.ref, page.period)
    base, changes = compared or (None, ())
    before = Counter(row["status"] for row in base.promises) if base else None
    _cards(page, rows, before, counted(changes))
    if base:
        _changed(page, base.label, changes)


def _cards(page: Page, rows: list[Row], before: Counter[str] | None, changes: dict[str, list[VerdictChange]]) -> None:
    now = Counter(row["status"] for row in rows)
    earlier = page.period.before

    def card(group: str, note: str, badge: str = "") -> Card:
        codes = VERDICT_GROUPS[group].codes
        was = f"{earlier.label}: {sum(before[code] for code in codes)} · " if before is not None and earlier else ""
        number = str(sum(now[code] for code in codes))
        return Card(VERDICT_GROUPS[group].text, number, was + note, f"of {len(rows)}", badge, opens=_opens(page, group))

    short = {"met_within_tolerance": "within tolerance", "met_on_main_reading": "by the standard interpretation only"}
    kept = ", ".join(f"{now[status]} {word}" for status, word in short.items() if now[status]) or "none within tolerance"
    words = (("newly_missed", "newly missed"), ("now_kept", "now kept"))
    moved = [f"{len(changes[kind])} {word}" for kind, word in words if kind in changes]
    moved += [f"{number} lost evidence" for number in [_lost(changes, "missed")] if number]
    findings = f"{formats.plural(promises.findings(page.ref), 'finding')} to date"
    badges = _badges(now, before, changes)
    cards(
        [
            card("kept", kept, badges.get("kept", "")),
            card("missed", ", ".join(moved) or findings, badges.get("missed", "")),
            card(
                "not_assessable",
                f"{now['insufficient_evidence']} without evidence, {now['manual']} by manual assessment",
                badges.get("not_assessable", ""),
            ),
            card("not_measurable", f"{now['not_yet_due']} not yet due, {now['not_applicable']} without a case"),
        ]
    )


def _opens(page: Page, group: str) -> tuple[str, dict[str, str]]:
    return "Overview", page.carried | {"status": group}


def _lost(changes: dict[str, list[VerdictChange]], status: str = "") -> int:
    """How many promises lost the evidence for their verdict, of those that had one verdict or any."""
    lost = changes.get("no_longer_assessable", [])
    return sum(status in ("", change.pair.before["status"]) for change in lost)


def _badges(now: Counter[str], before: Counter[str] | None, changes: dict[str, list[VerdictChange]]) -> dict[str, str]:
    """What changed in each figure, in red where it is worse; green only while no more promises than before are unknown."""
    if before is None:
        return {}
    more = {
        group: sum(now[code] - before[code] for code in VERDICT_GROUPS[group].codes)
        for group in ("kept", "missed", "not_assessable")
    }
    badges = {}
    if more["kept"]:
        icon = "trending_up" if more["kept"] > 0 else "trending_down"
        badges["kept"] = f":gray-badge[:material/{icon}: {_number(more['kept'])}]"
    if more["missed"]:
        good = more["missed"] < 0 and more["not_assessable"] <= 0 and not _lost(changes)
        colour, icon = ("red", "cancel") if more["missed"] > 0 else ("green", "check_circle") if good else ("gray", "remove")
        badges["missed"] = f":{colour}-badge[:material/{icon}: {_number(more['missed'])}]"
    lost = _lost(changes)
    if lost or more["not_assessable"] > 0:
        words = f"{lost} lost evidence" if lost else _number(more["not_assessable"])
        badges["not_assessable"] = f":yellow-badge[:material/visibility_off: {words}]"
    return badges


def _number(more: int) -> str:
    return f"{abs(more)} {'more' if more > 0 else 'fewer'}"


def _changed(page: Page, base: str, changes: tuple[VerdictChange, ...]) -> None:
    """One line: how many verdicts changed, in which direction, and the way to the reasons."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="xsmall"):
        if not changes:
            st.markdown(f"No verdict changed since {base}", width="content")
        else:
            number = f"{formats.plural(len(changes), 'verdict')} changed since {base}"
            st.markdown(f"**{number}**", width="content")
            for kind, found in counted(changes).items():
                _kind(kind, found)
        links.link("Compare", "Compare", _sides(page))


def _kind(kind: str, found: list[VerdictChange]) -> None:
    """A badge with its number, and the promises by their reference, each of which opens."""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    st.markdown(CHANGES[kind].badge(f"{len(found)} {_LINE[kind]}") + more, width="content")
    if parameters.printing():
        st.markdown(", ".join(markdown.plain(one.clause_id) for one in found[:_NAMED]), width="content")
        return
    for one in found[:_NAMED]:
        st.button(
            markdown.plain(one.clause_id),
            key=f"changed_{one.clause_id}",
            type="tertiary",
            on_click=parameters.put,
            args=(promise_drawer.NAME, one.clause_id),
        )


def _sides(page: Page) -> dict[str, str]:
    """The two periods, for the page that compares them."""
    earlier = page.period.before
    pinned = {"snapshot": page.ref.id} if page.snapshot.pinned else {}
    return pinned | {"with": page.period.code} | ({"base": earlier.code} if earlier else {})
