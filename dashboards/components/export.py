"""Taking rows away as CSV: safe to open in a spreadsheet, and written down before the file is given out.

Here: the `Export` control of a page, the button of a section or chart. Not here: the file's format
(publishing/spreadsheet.py) or the log (publishing/export_log.py). A page or section adds one line:

    export.control("overdue list", COLUMNS, lambda: rows, number=12, of=86, filters={"right": ("access",)})
    export.button("by suite", rows, COLUMNS)

What is taken away is named by page, section and the name given here: "Requests: Worklist, overdue list".
The rows are read when the reader clicks, not before. Snapshot, period, reader and role are those of the page run. Where a
role may take nothing away, there is no button.
"""

from __future__ import annotations

import functools
import getpass
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import access, clock, parameters
from dashboards.components.tables import Column, exported
from dashboards.page import Page
from promisekept.presentation import formats
from promisekept.publishing.export_log import Export, record
from promisekept.publishing.spreadsheet import spreadsheet_csv

_PAGE = "page_shown"
_section: ContextVar[str] = ContextVar("section", default="")
Rows = Iterable[Any]
"""Rows as columns read them; dictionaries where a file has no columns of its own."""
Filters = Mapping[str, Sequence[str]]


def shown_on(page: Page, title: str, *, by_period: bool = True) -> None:
    """Remember what this session's page stands on, for the buttons of its sections and their fragments.

    Args:
        page: the page run.
        title: what the page is called.
        by_period: False where the page is about everything until the snapshot, whatever period the address carries.
    """
    st.session_state[_PAGE] = (page, title, page.period.code if by_period else "")


def section() -> str:
    """The title of the section that is drawn."""
    return _section.get()


@contextmanager
def within(title: str) -> Iterator[None]:
    """Name the section in the log of whatever is exported inside."""
    before = _section.set(title)
    try:
        yield
    finally:
        _section.reset(before)


def control(
    content: str,
    columns: Sequence[Column],
    rows: Callable[[], Rows],
    *,
    number: int,
    of: int,
    filters: Filters | None = None,
) -> None:
    """The `Export` popover of a page: how many rows, that it is written down, and the button.

    Args:
        content: what is taken away, as the export log names it.
        columns: of the file.
        rows: asks for the rows; called when the button is clicked, outside any page run.
        number: how many there are.
        of: how many there are without filters.
        filters: every filter with its values; one without values is not in force.
    """
    if not offered():
        return
    with st.popover("Export", icon=":material/download:", key=f"export_{slug(content)}"):
        st.markdown(f"**{formats.out_of(number, of)}** rows as CSV")
        st.caption("Safe to open in a spreadsheet. Recorded in the export log: who, when, which rows.")
        _button("Download CSV", _download(content, lambda: exported(columns, rows()), of, filters), number)


def button(content: str, rows: Rows, columns: Sequence[Column] | None = None, *, filters: Filters | None = None) -> None:
    """The CSV of a section or chart whose rows are all on the page; without columns the rows are in the reader's words."""
    if not offered():
        return
    records = list(rows) if columns is None else exported(columns, rows)
    _button("CSV", _download(content, lambda: records, len(records), filters), len(records))


def document(label: str, content: str, period: str, file_name: str, made: Callable[[], bytes]) -> None:
    """The button of a document that is made when it is clicked, and recorded before it is given out.

    Args:
        label: of the button.
        content: what is taken away, as the export log names it.
        period: the code of what it is about; empty where it is about no period.
        file_name: with its ending, by which the browser recognises its type.
        made: makes its bytes; called outside any page run.
    """
    if not offered():
        return
    page, _, _ = st.session_state[_PAGE]

    def given(who: str, role: str) -> bytes:
        file = made()
        digest = hashlib.sha256(file).hexdigest()
        record(Path(page.ref.home), Export("document", content, page.ref.id, who, role, 0, 0, digest, period), clock.now())
        return file

    st.download_button(
        label,
        functools.partial(given, *reader()),
        file_name=file_name,
        icon=":material/download:",
        key=f"document_{slug(content)}",
        on_click="ignore",
    )


def offered() -> bool:
    """Whether this reader may take something away; paper has no buttons."""
    return access.may("export") and not parameters.printing()


@dataclass(frozen=True)
class _Download:
    """What one button gives out, and what the log records of it."""

    page: Page
    period: str
    content: str
    rows: Callable[[], Rows]
    of: int
    filters: Filters
    who: str
    role: str


def _download(content: str, rows: Callable[[], Rows], of: int, filters: Filters | None) -> _Download:
    page, title, period = st.session_state[_PAGE]
    inside = ", ".join(part for part in (section(), content) if part)
    in_force = {name: tuple(values) for name, values in (filters or {}).items() if values}
    return _Download(page, period, f"{title}: {inside}", rows, of, in_force, *reader())


def _button(label: str, download: _Download, number: int) -> None:
    st.download_button(
        label,
        functools.partial(_file, download),
        file_name=f"{slug(download.content)}-{download.page.ref.id}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"csv_{slug(download.content)}",
        on_click="ignore",
        disabled=not number,
        type="tertiary" if label == "CSV" else "secondary",
    )


def reader() -> tuple[str, str]:
    """Who reads, and in which role: the person signed in, or the one user of a dashboard bound to this machine."""
    person = access.current() or access.NOBODY
    if person.local:
        with suppress(OSError, KeyError, ImportError):
            return getpass.getuser(), "local"
    return person.name, "local" if person.local else str(person.role)


def _file(download: _Download) -> bytes:
    """The bytes, once their line is in the log."""
    rows = list(download.rows())
    columns = list(rows[0]) if rows else []
    file = spreadsheet_csv(columns, ([row.get(name) for name in columns] for row in rows))
    export = Export(
        kind="csv",
        content=download.content,
        snapshot=download.page.ref.id,
        who=download.who,
        role=download.role,
        rows=len(rows),
        of=download.of,
        sha256=hashlib.sha256(file).hexdigest(),
        period=download.period,
        filters=download.filters,
    )
    record(Path(download.page.ref.home), export, clock.now())
    return file


def slug(text: str) -> str:
    """A text as part of a file's name or of a key."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
