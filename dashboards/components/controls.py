"""One control whose value stands in the address: one of a few choices, one or several of many, a day, a search.

Here: drawing a control with its value, and keeping what it is set to. Not here: what there is to choose (the pages),
the popover of filters (filter_bar.py). A change begins every list at its first page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboards import parameters
from dashboards.components import paper
from promisekept.presentation import formats

Titles = Mapping[str, str]
"""Code of a choice -> its words, in order."""
ALL = "all"
"""What stands on paper for a control in which nothing is chosen."""
_LISTS = ("page",)
"""What a change takes out of the address."""


def segments(
    name: str, label: str, titles: Titles, chosen: str, default: str, *, drops: Iterable[str] = _LISTS, **drawn: Any
) -> None:
    """One of a few choices, side by side.

    Args:
        name: the parameter in the address.
        label: for a screen reader.
        titles: what may be chosen.
        chosen: its value in the address.
        default: what an address without the parameter means.
        drops: parameters that a change takes out of the address.
        drawn: as `st.segmented_control` takes it.
    """
    if parameters.printing():
        paper.words(label, titles[chosen])
        return
    drawn = {"label_visibility": "collapsed", **drawn, **_kept(name, chosen, default, drops=drops)}
    st.segmented_control(label, list(titles), format_func=titles.__getitem__, required=True, **drawn)


def choice(
    name: str,
    label: str,
    titles: Titles,
    chosen: str | None,
    default: str = "",
    *,
    key: str = "",
    drops: Iterable[str] = _LISTS,
    **drawn: Any,
) -> None:
    """One of many choices; `drawn` as `st.selectbox` takes it."""
    if parameters.printing():
        paper.words(label, titles[chosen] if chosen else ALL)
        return
    binding = _kept(name, chosen, default, key=key, drops=drops)
    st.selectbox(label, list(titles), format_func=titles.__getitem__, **drawn, **binding)


def sorting(titles: Titles) -> str:
    """The order that the address names, the first of `titles` without one."""
    default = next(iter(titles))
    return parameters.one("sort", titles, default) or default


def several(name: str, label: str, titles: Titles, chosen: Sequence[str], *, key: str = "", **drawn: Any) -> None:
    """Any of many choices; `drawn` as `st.multiselect` takes it."""
    if parameters.printing():
        paper.words(label, ", ".join(titles[value] for value in chosen) or ALL)
        return
    st.multiselect(label, list(titles), format_func=titles.__getitem__, **drawn, **_kept(name, list(chosen), key=key))


def near(name: str, label: str, offered: Titles, titles: Titles, *, chosen: str, default: str, drops: Iterable[str] = ()) -> None:
    """A few choices side by side, and behind a button all of them."""
    if parameters.printing():
        paper.words(label, titles[chosen])
        return
    segments(name, label, offered, chosen, default, drops=drops)
    with st.popover("Other period", icon=":material/calendar_month:"):
        choice(name, f"Any {label.lower()}", titles, chosen, default, key=f"any_{name}", drops=drops)


def day(name: str, label: str, chosen: date | None, *, also: Mapping[str, str] | None = None, **drawn: Any) -> None:
    """A day, or none; with a day the parameters of `also` are set too, without one they leave the address."""
    if parameters.printing():
        if chosen:
            paper.words(label, formats.day(chosen))
        return
    st.date_input(label, format="YYYY-MM-DD", width=144, **drawn, **_kept(name, chosen, also=also))


def search(name: str, label: str, chosen: str, **drawn: Any) -> None:
    """Words to look for; `drawn` as `st.text_input` takes it."""
    if parameters.printing():
        if chosen:
            paper.words(label, chosen)
        return
    st.text_input(label, icon=":material/search:", max_chars=80, **drawn, **_kept(name, chosen))


def _kept(
    name: str,
    chosen: Any,
    default: str = "",
    *,
    key: str = "",
    drops: Iterable[str] = _LISTS,
    also: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Key and callback of a control that shows what was chosen and keeps what it is set to."""
    key = key or name
    st.session_state[key] = chosen

    def keep() -> None:
        value = st.session_state[key]
        text = value.isoformat() if isinstance(value, date) else value.strip() if isinstance(value, str) else value
        parameters.put(name, text, default)
        for other, given in (also or {}).items():
            parameters.put(other, given if text else None)
        parameters.drop(drops)

    return {"key": key, "on_change": keep}
