"""One promise in a drawer beside the overview: every measure with its strict, worst and main value, and its limits.

Here: the drawer, and how it is opened, closed and kept in the address. Not here: the table it is opened from (overview.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import notation, onward, parameters, words
from dashboards.data import metrics, population, promises
from dashboards.data.selection import COLUMNS, Filters
from dashboards.figures import guarded
from dashboards.page import Page

_NAME = "clause"


def frame_key(frame: str) -> str:
    """The key of the table that opens the drawer; a new one after each closing, so that no row stays selected."""
    return f"{frame}_{st.session_state.get(frame, 0)}"


def choose(frame: str, clauses: Sequence[str]) -> None:
    """Keep the selected row's clause in the address."""
    chosen = st.session_state[frame_key(frame)]["selection"]["rows"]
    parameters.put(_NAME, clauses[chosen[0]] if chosen else None)


def drawer_if_asked(page: Page, clauses: Sequence[str], frame: str) -> None:
    """Open the drawer where the address names a promise that exists."""
    clause = parameters.one(_NAME, clauses)
    if clause is None:
        return

    def close() -> None:
        st.session_state[frame] = st.session_state.get(frame, 0) + 1
        parameters.drop([_NAME])

    st.dialog(notation.plain(clause), width=560, position="right", on_dismiss=close)(_drawer)(page, clause)


@guarded
def _drawer(page: Page, clause: str) -> None:
    about, measures = promises.promise(page.ref, clause, page.period)
    origin = words.ORIGINS.get(about["source"], words.sentence(about["source"]))
    st.markdown(f"**{notation.plain(about['promise'])}**")
    st.caption(f"{notation.plain(about['section'])} · {origin} · judged for {page.period.words}")
    st.caption(f"Owner: {notation.answering(about.get('owner'), about.get('remedy_due'))}")
    for one in promises.exceptions(page.ref, clause):
        st.caption(notation.exception(one))
    _onward(page, clause)
    for measure in measures:
        with st.container(border=True, gap="xsmall"):
            _measure(page, measure)
            if measure["metric_code"] == "deadline_adherence":
                _ways_out(page, measure)
    if about["limits"]:
        st.markdown("**What it does not show**")
        st.caption(words.sentence(notation.plain(about["limits"])))


def _onward(page: Page, clause: str) -> None:
    found = next((row["findings"] for row in promises.promises(page.ref, page.period) if row["clause_id"] == clause), 0)
    with st.container(gap="xxsmall"):
        if found:
            label = f"{notation.count(found)} finding{'' if found == 1 else 's'} against it"
            onward.link("Findings", label, page.carried | {"clause": clause})
        onward.link("Traceability", "Where these numbers come from", page.carried | {"clause": clause})


def _measure(page: Page, row: dict[str, Any]) -> None:
    word = words.PROMISES[row["status"]]
    unit, target = row["unit"], row["target"]
    if row["metric_code"] is None:
        st.markdown(f"**Assessed by hand** {word.badge()}")
        _attested(row)
        return
    name, computed = metrics.names(page.ref).get(row["metric_code"], (words.sentence(row["metric_code"]), ""))
    where = (
        "" if row["dimension"] in (None, "all") else f" · {notation.plain(words.value(row['dimension'], row['dimension_value']))}"
    )
    st.markdown(f"**{notation.plain(name)}**{where} {word.badge()}")
    st.metric("Measured", notation.measured(row["value"], unit, target), label_visibility="collapsed")
    parts = [notation.base(row), f"target {notation.target(row['operator'], target, unit)}"]
    if row["breaches"]:
        parts.append(f"{notation.count(row['breaches'])} against the promise")
    st.caption(" · ".join(part for part in parts if part))
    readings = [
        (name, row[column]) for name, column in (("by the stricter reading", "value_strict"), ("at worst", "value_worst"))
    ]
    told = [f"{name} {notation.measured(value, unit, target)}" for name, value in readings if value is not None]
    if told:
        st.caption(" · ".join(told).capitalize())
    if row["reason"]:
        st.caption(notation.plain(words.sentence(row["reason"])))
    unconfirmed = "" if row["has_control_total"] else " · No control total: no independent count confirms the rows"
    st.caption(f"{notation.plain(computed)}{unconfirmed}")
    if row["quality_verdict"] == "failed":
        st.markdown(":yellow-badge[:material/warning: A log behind it failed its checks]")


def _attested(row: dict[str, Any]) -> None:
    result = words.sentence(row["attestation_result"]) or "No result"
    st.markdown(notation.plain(result))
    by = f"by the {notation.plain(row['attested_by'].replace('_', ' '))}, " if row["attested_by"] else ""
    st.caption(
        f"Assessed {by}{notation.day(row['attested_on'])}, stands until {notation.day(row['attestation_valid_to'])}"
        if row["attested_on"]
        else "Nobody has assessed it yet"
    )


def _ways_out(page: Page, row: dict[str, Any]) -> None:
    """What left the clock without an answer in time, beside every adherence."""
    name = next((name for name, column in COLUMNS.items() if column == row["dimension"]), None)
    chosen = Filters(**{name: (row["dimension_value"],)}) if name else Filters()
    got = population.received(page.ref, chosen, page.period)
    st.caption(f"Excluded or paused, of {population.told(got)}")
