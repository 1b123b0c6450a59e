"""The filters of the requests page: in the address, in a popover, and as pills that can be taken away.

Here: reading them against what the snapshot holds, and changing them. Not here: what they select (data/population.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import parameters, words
from dashboards.data import metrics
from dashboards.data.selection import COLUMNS, Filters
from dashboards.page import Page

_NAMES = {"right": "Right", "jurisdiction": "Place", "regime": "Law", "channel": "Channel"}


def read(page: Page) -> Filters:
    """The filters in the address; a value that the snapshot does not hold is dropped."""
    return Filters(**{name: parameters.several(name, metrics.values_of(page.ref, column)) for name, column in COLUMNS.items()})


def control(page: Page, chosen: Filters) -> None:
    """The popover with one choice of several values per filter."""
    in_force = len(chosen.chosen)
    with st.popover(f"Filters · {in_force}" if in_force else "Filters", icon=":material/filter_list:", key="filters"):
        for name, column in COLUMNS.items():
            key = f"filter_{name}"
            st.session_state[key] = list(getattr(chosen, name))
            st.multiselect(
                _NAMES[name],
                metrics.values_of(page.ref, column),
                key=key,
                placeholder="All",
                width=300,
                format_func=lambda code, column=column: words.value(column, code),
                on_change=_keep,
                args=(name,),
            )


def pills(page: Page, chosen: Filters) -> None:
    """Every filter in force; choosing one takes it away."""
    if not chosen.chosen:
        return
    labels = {f"{name}={value}": f"{_NAMES[name]}: {words.value(COLUMNS[name], value)}" for name, value in chosen.chosen}

    def take_away() -> None:
        kept = set(st.session_state["pills"])
        for name in COLUMNS:
            parameters.put(name, [value for value in getattr(chosen, name) if f"{name}={value}" in kept])

    st.session_state["pills"] = list(labels)
    st.pills(
        "Filters in force; choose one to take it away",
        list(labels),
        format_func=lambda code: f"{labels[code]} ✕",
        selection_mode="multi",
        key="pills",
        label_visibility="collapsed",
        on_change=take_away,
    )


def clear() -> None:
    """Take all filters away."""
    parameters.drop(COLUMNS)


def _keep(name: str) -> None:
    parameters.put(name, st.session_state[f"filter_{name}"])
    parameters.drop(["page"])
