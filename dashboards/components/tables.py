"""One specification of a table for the page and for its file, and lists that are read a page of rows at a time.

Here: what a column holds, how the page writes it, which page of a list is shown, what a selected row does. Not here: any list, or
the button that gives the file out (export.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import paper
from dashboards.page import Page
from promisekept.presentation import formats
from promisekept.presentation.statuses import Status

Row = Mapping[str, Any]
SIZE = 15
"""Rows of a page of a list."""
MOST = 25
"""Rows of a small table."""
_MARGINS = 12
"""Pixels of a cell before its text, and a few after it."""
_WIDTHS = {
    3: "ijl", 3.5: " I!',.:;`·", 4: "t|", 4.5: "()[]/\\fr", 5: "1{}", 5.5: "_-^", 6: '"*', 6.5: "s?", 7: "7JLackvxyz§≤≥",
    7.5: "0235689bdeghnopquEF", 8: "#$&+4<=>~ABKPRSTXZ", 8.5: "VY", 9: "CDGHU", 9.5: "NOQ", 10: "w", 10.5: "m…", 11: "M",
    12: "%@W",
}  # fmt: skip
_LETTERS = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
"""Pixels of a letter of Inter at the size that a list has."""
_TOOLBAR = 20
"""Pixels above a list without a line of words there, or its toolbar would cover the control for its file."""
_CUT = "\u200b"
"""Ends the title of a column with cut cells, for static/page.js, which shows their whole text to who points at a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, on the page and in its file.

    Attributes:
        title: its heading.
        value: the value that the file holds: a key of the row, or a function of it.
        width: pixels on the page, for a list.
        shown: how the page writes it, as a function of the row; None = by the kind of the value.
        align: on the page, for a list; None = numbers right, the rest left.
        only: where it stands; None = on the page and in the file.
    """

    title: str
    value: str | Callable[[Any], Any]
    width: int | None = None
    shown: Callable[[Any], Any] | None = None
    align: Literal["left", "right"] | None = None
    only: Literal["page", "file"] | None = None

    def of(self, row: Any) -> Any:
        """The value that the file holds."""
        return row.get(self.value) if isinstance(self.value, str) else self.value(row)


def exported(columns: Sequence[Column], rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of the file: values as the marts hold them, statuses by their label."""
    own = [column for column in columns if column.only != "page"]
    return [{column.title: _exact(column.of(row)) for column in own} for row in rows]


def small(columns: Sequence[Column], rows: Sequence[Any], zone: str = "UTC", *, most: int = MOST, head: bool = True) -> None:
    """A table of real text, all of it on the page; badges and links are drawn."""
    most = max(most, paper.ROWS) if parameters.printing() else most
    own = [column for column in columns if column.only != "file"]
    cells = [{column.title: _text(column, row, zone) for column in own} for row in rows[:most]]
    st.table(pd.DataFrame(cells), border="horizontal", hide_index=True, hide_header=not head)
    if len(rows) > most:
        st.caption(f"The first {most} of {formats.count(len(rows))}")


def facts(named: Mapping[str, str | None], *, escaped: bool = False) -> None:
    """Names and values, one per line; `escaped` values are Markdown already."""
    rows = [
        {" ": name, "  ": (value if escaped else markdown.plain(value)) if value else formats.NULL}
        for name, value in named.items()
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True, hide_header=True)


def listed(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Any],
    zone: str = "UTC",
    *,
    alt: str,
    opens: Callable[[Any], None] | None = None,
) -> None:
    """A list whose rows open, once each; without `opens` nothing can be selected.

    Any cell opens its row but those of the first column: arrow keys select the cell that they reach, so that column is where a
    keyboard goes up and down.
    """
    if parameters.printing():
        printed(columns, rows, zone, alt=alt, number=len(rows))
        return
    own = [column for column in columns if column.only != "file"]
    whole = pd.DataFrame([{column.title: _cell(column, row, zone) for column in own} for row in rows])
    cut = {column.title: cuts for column in own if (cuts := _cuts(whole[column.title], column.width))}
    cells = whole.style.format({title: partial(_shown, cuts) for title, cuts in cut.items()}) if cut else whole
    shared: dict[str, Any] = {
        "hide_index": True,
        "row_height": 34,
        "height": "content",
        "placeholder": formats.NULL,
        "alt": alt,
        "column_config": {column.title: _config(column, rows, has_cut=column.title in cut) for column in own},
    }
    if opens is None:
        st.space(_TOOLBAR)
        st.dataframe(cells, **shared)
        return
    st.caption("A click opens a row. By keyboard: ↑ and ↓ in the first column, → opens")
    rail = own[0].title
    was_opened = st.session_state.pop(f"{name}_opened", None)
    if was_opened is not None:
        # Back in the first column of the row, which opens nothing: the focus stays, and the same row opens again.
        st.session_state[name] = _at(was_opened, rail)
    event = st.dataframe(cells, selection_mode="single-cell", on_select="rerun", key=name, **shared)
    row, column = next(iter(event["selection"]["cells"]), (len(rows), rail))
    if row < len(rows) and column != rail:
        st.session_state[f"{name}_opened"] = row
        opens(rows[row])


def _at(row: int, column: str) -> dict[str, Any]:
    """A selection as `st.dataframe` keeps it."""
    return {"selection": {"rows": [], "columns": [], "cells": [(row, column)]}}


def printed(columns: Sequence[Column], rows: Sequence[Any], zone: str, *, alt: str, number: int) -> None:
    """A list on paper: all its columns but those that are drawings, and of `number` rows the first."""
    shown = rows[: paper.ROWS]
    values = {column: [column.of(row) for row in shown] for column in columns if column.only != "file"}
    own = [column for column, found in values.items() if not any(isinstance(value, list) for value in found)]
    cells = [[_printed_cell(column, row, zone) for column in own] for row in shown]
    kinds = [_kind(column, values[column], [row[at] for row in cells]) for at, column in enumerate(own)]
    paper.table([column.title for column in own], cells, kinds, alt=alt, number=number)


def _printed_cell(column: Column, row: Any, zone: str) -> paper.Cell:
    value = column.of(row) if column.shown is None else column.shown(row)
    if isinstance(value, Status):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return formats.count(value)
    if isinstance(value, date):  # an instant may break between its day and its time, and nowhere else
        return str(_written(value, zone)).replace(" ", formats.FIXED).replace(f",{formats.FIXED}", ", ")
    return formats.NULL if value in (None, "") else str(value)


def _kind(column: Column, values: Sequence[Any], cells: Sequence[paper.Cell]) -> str:
    """What paper does with a column: numbers at the right, and no short number or code broken."""
    is_number = column.align == "right" or (
        column.align is None and column.shown is None and any(isinstance(one, int | float) for one in values)
    )
    texts = [cell.narrow_cell if isinstance(cell, Status) else cell for cell in cells]
    is_whole = all(len(text) <= paper.CODE and (is_number or " " not in text or text[-1:].isdigit()) for text in texts)
    return " ".join(name for name, holds in (("number", is_number), ("whole", is_whole)) if holds)


def opened(parameter: str, value: str, scope: Literal["app", "fragment"] = "app") -> None:
    """Open what a row stands for: keep its key in the address and draw the page, or its fragment, again."""
    parameters.put(parameter, value)
    st.rerun(scope=scope)


def drawer(title: str, parameter: str, draw: Callable[..., None], page: Page, *given: Any, by_period: bool = False) -> bool:
    """A drawer at the right of the page; closing it takes its parameter out of the address.

    Args:
        title: Markdown of its heading.
        parameter: what opens it in the address.
        draw: draws its content, from `page` and what is `given`.
        page: the page run.
        given: what else.
        by_period: its content is about the period, not about everything until the snapshot.

    Returns:
        Whether its content is the whole sheet of paper, on which nothing else belongs.
    """
    if parameters.printing():
        paper.head(page, title, "", by_period=by_period)
        draw(page, *given)
        return True

    def content() -> None:
        draw(page, *given)
        # A link of Streamlit's own would change the address of the page below the drawer only.
        sheet = urlencode({**parameters.others(), "print": "1"}, doseq=True)
        st.markdown(f"[:material/print: Print](?{sheet})")

    st.dialog(title, width=560, position="right", on_dismiss=lambda: parameters.drop([parameter]))(content)()
    return False


def alone(opens: Callable[..., bool], *given: Any) -> bool:
    """Whether a drawer in the address is all that belongs on the sheet; then it is drawn."""
    return parameters.printing() and opens(*given)


def rows_from_to(name: str, number: int, size: int = SIZE) -> tuple[int, int]:
    """The first row of the page that the address names, counted from 0, and the one after the last."""
    at = parameters.number(name, 1, max(1, -(-number // size)))
    return size * (at - 1), size * at


def pager(name: str, number: int, shown: int, size: int = SIZE, order: str = "") -> None:
    """The line below a list: which rows of how many in which order, and the way to the others."""
    if number <= size or parameters.printing():
        return
    begin = rows_from_to(name, number, size)[0]
    rows = f"{formats.count(begin + 1)}{formats.TO}{formats.count(begin + shown)}"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"Rows {rows} of {formats.count(number)}{order and f', {order}'}", width="content")
        st.session_state[name] = begin // size + 1
        st.pagination(-(-number // size), key=name, on_change=lambda: parameters.put(name, str(st.session_state[name]), "1"))


def landed(row: Row) -> str:
    """The landed row that a row leads back to."""
    return formats.NULL if row["batch_id"] is None else f"{row['batch_id']} · {formats.count(row['row_number'])}"


def person(key: str | None) -> str:
    """A pseudonym, shortened: enough to distinguish two, too little to look one up."""
    return formats.NULL if key is None else shortened(key)


def shortened(key: str) -> str:
    """A key or hash that differs from others in its ends."""
    return f"{key[:4]}…{key[-4:]}"


def _exact(value: Any) -> Any:
    if isinstance(value, tuple):
        return ", ".join(one.text for one in value)
    return value.text if isinstance(value, Status) else value


def _written(value: Any, zone: str) -> Any:
    """A value as the page writes it; numbers stay numbers, so that a list sorts by them."""
    if isinstance(value, datetime):
        return formats.instant(value, zone)
    return formats.day(value) if isinstance(value, date) else value


def _cell(column: Column, row: Any, zone: str) -> Any:
    if column.shown is not None:
        return column.shown(row)
    value = column.of(row)
    statuses = _statuses(value)
    return [one.narrow_cell for one in statuses] if statuses else _written(value, zone)


def _statuses(value: Any) -> tuple[Status, ...]:
    """A status, or several that stand side by side."""
    return (value,) if isinstance(value, Status) else value if isinstance(value, tuple) else ()


def _cuts(texts: Iterable[Any], width: int | None) -> dict[str, str]:
    """The texts that a column has no room for, each with what is drawn of it; the table itself draws no ellipsis."""
    if width is None:
        return {}
    return {text: cut for text in texts if isinstance(text, str) and (cut := _fitted(text, width)) != text}


def _shown(cuts: Mapping[str, str], value: Any) -> str:
    return cuts.get(value, value) if isinstance(value, str) else ""


def _fitted(text: str, width: int) -> str:
    """A text as far as a column has room for it, with an ellipsis where that is not all."""
    room = float(width - _MARGINS)
    if sum(map(_width, text)) <= room:
        return text
    room -= _width("…")
    for place, letter in enumerate(text):
        room -= _width(letter)
        if room < 0:
            return text[:place].rstrip() + "…"
    return text


def _width(letter: str) -> float:
    return _LETTERS.get(letter, 9)


def _text(column: Column, row: Any, zone: str) -> str:
    if column.shown is not None:
        return str(column.shown(row))
    value = column.of(row)
    if isinstance(value, Status):
        return value.badge()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return formats.count(value)
    if value in (None, ""):
        return formats.NULL
    return markdown.plain(value) if isinstance(value, str) else str(_written(value, zone))


def _config(column: Column, rows: Sequence[Any], *, has_cut: bool) -> Any:
    """How a column is drawn; a title that it has no room for is its tooltip, too."""
    of = st.column_config
    values = [column.of(row) for row in rows]
    title = column.title if column.width is None else _fitted(column.title, column.width)
    shared: dict[str, Any] = {
        "label": title + (_CUT if has_cut else ""),
        "width": column.width,
        "help": None if title == column.title else column.title,
    }
    if any(isinstance(value, list) for value in values):
        return of.LineChartColumn(**shared, color="gray")
    statuses = list(dict.fromkeys(one for value in values for one in _statuses(value)))
    if statuses and column.shown is None:
        options = [one.narrow_cell for one in statuses]
        return of.MultiselectColumn(**shared, options=options, color=[one.colour for one in statuses])
    is_number = column.shown is None and any(isinstance(value, int | float) for value in values)
    if is_number and not any(isinstance(value, bool) for value in values):
        return of.NumberColumn(**shared, format="localized")
    return of.TextColumn(**shared, alignment=column.align)
