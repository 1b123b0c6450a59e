"""One promise in a drawer beside the overview: every measure with its strict, worst and main value, and its limits.

Here: the drawer, and how it is opened, closed and kept in the address. Not here: the table it is opened from (page.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import links, tables
from dashboards.components.sections import guarded
from dashboards.data import metrics, population, promises
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

NAME = "clause"
"""The parameter that opens the drawer."""


def drawer_of_address(page: Page, clauses: Sequence[str]) -> None:
    """Open the drawer where the address names a promise that exists."""
    clause = parameters.one(NAME, clauses)
    if clause is not None:
        tables.drawer(markdown.plain(clause), NAME, _drawer, page, clause)


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
            label = f"{formats.count(found)} finding{'' if found == 1 else 's'} against it"
            links.link("Findings", label, page.carried | {"clause": clause})
        links.link("Traceability", "Where these numbers come from", page.carried | {"clause": clause})


def _measure(page: Page, row: dict[str, Any]) -> None:
    word = statuses.VERDICTS[row["status"]]
    unit, target = row["unit"], row["target"]
    if row["metric_code"] is None:
        st.markdown(f"{word.badge()}")
        _attested(row)
        return
    name, computed = metrics.names(page.ref).get(row["metric_code"], (labels.sentence(row["metric_code"]), ""))
    where = (
        ""
        if row["dimension"] in (None, "all")
        else f" · {markdown.plain(labels.dimension_value(row['dimension'], row['dimension_value']))}"
    )
    st.markdown(f"**{markdown.plain(name)}**{where} {word.badge()}")
    st.metric("Measured", formats.measured(row["value"], unit, target), label_visibility="collapsed")
    parts = [formats.base(row), f"target {formats.target(row['operator'], target, unit)}"]
    if row["breaches"]:
        parts.append(f"{formats.count(row['breaches'])} against the promise")
    st.caption(" · ".join(part for part in parts if part))
    readings = [(name, row[column]) for name, column in ((labels.STRICT, "value_strict"), (labels.WORST, "value_worst"))]
    shown = [f"{name} {formats.measured(value, unit, target)}" for name, value in readings if value is not None]
    if shown:
        st.caption(" · ".join(shown))
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


def _excluded_or_paused(page: Page, row: dict[str, Any]) -> None:
    """What was excluded or paused, beside every adherence."""
    name = next((name for name, column in Filters.DIMENSIONS.items() if column == row["dimension"]), None)
    chosen = Filters(**{name: (row["dimension_value"],)}) if name else Filters()
    got = population.received(page.ref, chosen, page.period)
    st.caption(f"Excluded or paused, of {population.excluded_or_paused(got)}")
