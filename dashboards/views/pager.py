"""Pages of a long table that the server holds: which one is asked for, and the control below it.

Here: the page number in the address. Not here: the rows (data/), which are asked for one page at a time.
"""

from __future__ import annotations

import streamlit as st

from dashboards import notation, parameters

SIZE = 15
"""Rows of a page."""


def asked(number: int) -> tuple[int, int]:
    """The first row of the page in the address, counted from 0, and the one after its last."""
    at = parameters.number("page", 1, max(1, -(-number // SIZE)))
    return SIZE * (at - 1), min(SIZE * at, number)


def control(number: int, span: tuple[int, int], order: str) -> None:
    """`Rows 1 - 15 of 110, oldest first` and the pages; nothing where one page holds all."""
    if number <= SIZE:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        rows = f"{notation.count(span[0] + 1)}{notation.TO}{notation.count(span[1])}"
        st.caption(f"Rows {rows} of {notation.count(number)}, {order}", width="content")
        st.session_state["page"] = span[0] // SIZE + 1
        st.pagination(
            -(-number // SIZE), key="page", on_change=lambda: parameters.put("page", str(st.session_state["page"]), "1")
        )
