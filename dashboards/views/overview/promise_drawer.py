"""One promise in a drawer beside the overview: every measure with its strict, worst and main value, and its limits.

Here: the drawer, and how it is opened, closed and kept in the address. Not here: the table it is opened from (page.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import markdown, parameters, remediating
from dashboards.components import act_dialog, links, tables, terms
from dashboards.components.act_dialog import Subject
from dashboards.components.sections import guarded
from dashboards.data import metrics, population, promises
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

NAME = "clause"
"""The parameter that opens the drawer."""


def drawer_of_address(page: Page, clauses: Sequence[str]) -> bool:
    """Open the drawer where the address names a promise that exists; whether it is the sheet."""
    clause = parameters.one(NAME, clauses)
    if clause is None:
        return False
    about, measures = promises.promise(page.ref, clause, page.period)
    control = act_dialog.opened(page, {measure["control_id"] for measure in measures})
    if control:
        heading = f"**{markdown.plain(clause)}: {markdown.plain(about['promise'])}**"
        act_dialog.open_dialog(page, Subject({"control_id": control}, heading, f"Control {control}", f"the control {control}"))
    else:
        return tables.drawer(markdown.plain(clause), NAME, _drawer, page, clause, by_period=True)
    return False


@guarded
def _drawer(page: Page, clause: str) -> None:
    about, measures = promises.promise(page.ref, clause, page.period)
    origin = labels.ORIGINS.get(about["source"], labels.sentence(about["source"]))
    st.markdown(f"**{markdown.plain(about['promise'])}**")
    st.caption(f"{markdown.plain(about['section'])} · {origin} · assessed for {page.period.words}")
    st.caption(f"Owner: {markdown.owner(about.get('owner'), about.get('remedy_due'))}")
    for one in promises.exceptions(page.ref, clause):
        st.caption(markdown.exception(one))
    _onward(page, clause)
    for measure in measures:
        with st.container(border=True, gap="xsmall"):
            _measure(page, measure)
            if measure["metric_code"] == "deadline_adherence":
                _excluded_or_paused(page, measure)
    if about["limits"]:
        st.markdown("**What it does not show**")
        st.caption(labels.sentence(markdown.plain(about["limits"])))


def _onward(page: Page, clause: str) -> None:
    found = next((row["to_date"] for row in promises.promises(page.ref, page.period) if row["clause_id"] == clause), 0)
    with st.container(gap="xxsmall"):
        if found:
            label = f"{formats.plural(found, 'finding')} against it"
            links.link("Findings", label, page.carried | {"clause": clause})
        links.link("Traceability", "Where these numbers come from", page.carried | {"clause": clause})


def _measure(page: Page, row: dict[str, Any]) -> None:
    word = statuses.VERDICTS[row["status"]]
    unit, target = row["unit"], row["target"]
    if row["metric_code"] is None:
        st.markdown(f"{word.badge()}", help=terms.definition(word.text))
        _attested(row)
        _attest(page, row)
        return
    name, computed = metrics.names(page.ref).get(row["metric_code"], (labels.sentence(row["metric_code"]), ""))
    where = (
        ""
        if row["dimension"] in (None, "all")
        else f" · {markdown.plain(labels.dimension_value(row['dimension'], row['dimension_value']))}"
    )
    st.markdown(f"**{markdown.plain(name)}**{where} {word.badge()}", help=terms.definition(word.text))
    measured = formats.measured(row["value"], unit, target)
    if parameters.printing():
        st.markdown(f"Measured **{measured}**")
    else:
        st.metric("Measured", measured, label_visibility="collapsed")
    parts = [formats.base(row), f"target {formats.target(row['operator'], target, unit)}"]
    if row["breaches"]:
        parts.append(f"{formats.count(row['breaches'])} against the promise")
    st.caption(" · ".join(part for part in parts if part))
    readings = [(name, row[column]) for name, column in ((labels.STRICT, "value_strict"), (labels.WORST, "value_worst"))]
    shown = [f"{name} {formats.measured(value, unit, target)}" for name, value in readings if value is not None]
    if shown:
        st.caption(terms.linked(" · ".join(shown)))
    if row["reason"]:
        st.caption(markdown.plain(labels.sentence(row["reason"])))
    unconfirmed = "" if row["has_control_total"] else " · No independent record count"
    st.caption(f"{markdown.plain(computed)}{unconfirmed}")
    if row["quality_verdict"] == "failed":
        st.markdown(":yellow-badge[:material/warning: A log behind it failed its checks]")


def _attested(row: dict[str, Any]) -> None:
    """The last attestation; the verdict stands above it, and one that expired is no verdict."""
    if not row["attested_on"]:
        st.caption("Nobody has assessed it yet")
        return
    by = f" by the {markdown.plain(row['attested_by'].replace('_', ' '))}" if row["attested_by"] else ""
    result = markdown.plain((row["attestation_result"] or "no result").replace("_", " "))
    until = formats.day(row["attestation_valid_to"])
    stands = f"stands until {until}" if row["status"] == "manual" else f"expired on {until}, no longer counts"
    st.caption(f"Attested{by} on {formats.day(row['attested_on'])}: {result}; {stands}")


def _attest(page: Page, row: dict[str, Any]) -> None:
    """What is attested and in the next snapshot, and the button for those who may."""
    entries = [entry for entry in remediating.not_yet_shown(page) if entry.act.control_id == row["control_id"]]
    for entry in entries:
        if entry.rejected:
            st.error(f"**Rejected by the run**: {markdown.plain(entry.rejected)}", icon=":material/error:")
    for act in remediating.pending(entries):
        with st.container(key=f"pending_{act.event_id}", gap="xsmall"):
            sentence = markdown.plain(f"attested, {act.result}, until {formats.day(act.valid_until)}")
            st.markdown(f":material/pending: **Recorded, in the next snapshot:** {sentence}")
            if remediating.is_mine(act) and st.button("Withdraw the entry", key=f"w_{act.event_id}", type="tertiary"):
                act_dialog.ask("withdrawn", row["control_id"], act.event_id)
    if remediating.may_act(page) and remediating.inbox() is not None:
        action = act_dialog.ACTIONS["attested"]
        if st.button(action.name, icon=f":material/{action.icon}:", key=f"act_attested_{row['control_id']}"):
            act_dialog.ask("attested", row["control_id"])


def _excluded_or_paused(page: Page, row: dict[str, Any]) -> None:
    """What was excluded or paused, beside every adherence."""
    name = next((name for name, column in Filters.DIMENSIONS.items() if column == row["dimension"]), None)
    chosen = Filters(**{name: (row["dimension_value"],)}) if name else Filters()
    got = population.received(page.ref, chosen, page.period)
    st.caption(terms.linked(f"Excluded or paused, of {population.excluded_or_paused(got)}"))
