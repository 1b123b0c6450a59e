"""Lists that are read a page of rows at a time, and what a selected row does.

Here: which page, and the line below the list. Not here: any list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import notation, parameters
from dashboards.views.choices import Choice

SIZE = 15


def rows_from_to(name: str, number: int, size: int = SIZE) -> tuple[int, int]:
    """The first row of the page that the address names, counted from 0, and the one after the last."""
    at = parameters.number(name, 1, max(1, -(-number // size)))
    return size * (at - 1), size * at


def turn(name: str, number: int, shown: int, size: int = SIZE, order: str = "") -> None:
    """The line below a list: which rows of how many in which order, and the way to the others."""
    if number <= size:
        return
    begin = rows_from_to(name, number, size)[0]
    rows = f"{notation.count(begin + 1)}{notation.TO}{notation.count(begin + shown)}"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"Rows {rows} of {notation.count(number)}{order and f', {order}'}", width="content")
        st.session_state[name] = begin // size + 1
        st.pagination(-(-number // size), key=name, on_change=lambda: parameters.put(name, str(st.session_state[name]), "1"))


def table(
    name: str, cells: list[dict[str, Any]], *, alt: str, columns: dict[str, Any], opens: Callable[[int], None] | None
) -> None:
    """A list whose selected row is opened, once; without `opens` nothing can be selected."""
    shared: dict[str, Any] = {
        "hide_index": True,
        "row_height": 34,
        "height": "content",
        "placeholder": notation.NULL,
        "alt": alt,
        "column_config": columns,
    }
    if opens is None:
        st.dataframe(pd.DataFrame(cells), **shared)
        return
    key = f"{name}_{st.session_state.get(name, 0)}"
    chosen = st.dataframe(pd.DataFrame(cells), selection_mode="single-row", on_select="rerun", key=key, **shared)
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(cells):
        st.session_state[name] = st.session_state.get(name, 0) + 1  # a new key: nothing stays selected
        opens(selected[0])


def clear(filters: Sequence[Choice]) -> None:
    """Take all filters away and begin at the top."""
    parameters.drop([*(choice.name for choice in filters), "page"])


def landed(row: dict[str, Any]) -> str:
    """The landed row that a row leads back to."""
    return notation.NULL if row["batch_id"] is None else f"{row['batch_id']} · {notation.count(row['row_number'])}"


def person(key: str | None) -> str:
    """A pseudonym, shortened: enough to tell two apart, too little to look one up."""
    return notation.NULL if key is None else f"{key[:4]}…{key[-4:]}"
