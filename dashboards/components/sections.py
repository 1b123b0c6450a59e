"""What pages are put together from: cards of figures, sections, empty and error states.

Here: the parts, each with a number's denominator. Not here: the frame (layout.py), charts (charts/).
"""

from __future__ import annotations

import functools
import hashlib
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

import streamlit as st

from dashboards import markdown, parameters, snapshots
from dashboards.components import export, links, paper, terms
from promisekept.errors import PromisekeptError
from promisekept.presentation import glossary
from promisekept.publishing.reader import LACKING, NO_ANSWER

_log = logging.getLogger("promisekept.dashboards")
Part = TypeVar("Part", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Card:
    """One figure: its name, its value, its denominator (or why there is none), and a badge where something is wrong.

    `opens` is a page by its title and what its address carries: the rows that the figure counts; the whole card is its link.
    """

    name: str
    value: str
    note: str
    of: str = ""
    badge: str = ""
    help: str | None = None
    opens: tuple[str, Mapping[str, str]] | None = None

    def draw(self) -> None:
        """Value, denominator, target: in that order."""
        with st.container(gap=None, key=f"card_{self.name.casefold().replace(' ', '_')}" if self.opens else None):
            if self.opens:
                title, query = self.opens
                links.link(title, f"{self.name}: open what it counts", query, "chevron_right")
            value = " ".join([self.value, *(f":small[{part}]" for part in (self.of, self.badge) if part)])
            st.metric(self.name, value, help=self.help or glossary.TERMS.get(self.name))
            st.caption(terms.linked(self.note))

    def show(self) -> None:
        """Drawn on the screen, printed on paper."""
        (self.print if parameters.printing() else self.draw)()

    def print(self) -> None:
        """The same as plain text, which keeps its size on paper."""
        with st.container(gap=None):
            st.markdown(self.name)
            st.markdown(" ".join(part for part in (f"**{self.value}**", self.of, self.badge) if part))
            st.caption(self.note)


def cards(row: Sequence[Card]) -> None:
    """Figures side by side, fewer per line where it is narrow; in two lines where a line has no room for their names."""
    if parameters.printing():
        with st.container(key=f"{paper.FIGURES}_{export.slug(row[0].name)}"):
            grid = st.grid(len(row) if len(row) <= 5 else ceil(len(row) / 2), min_column_width=90, gap=12)
            for card in row:
                with grid.cell():
                    card.print()
        return
    fits = len(row) < 5 or (len(row) == 5 and max(len(card.name) for card in row) < 30)
    grid = st.grid(len(row) if fits else ceil(len(row) / 2), border=True, min_column_width=180, gap=14)
    for card in row:
        with grid.cell():
            card.draw()


@contextmanager
def section(title: str, note: str, controls: Callable[[], None] | None = None, anchor: str | bool = False) -> Iterator[None]:
    """A heading, one grey line with unit and denominator, and the content."""
    if parameters.printing():
        with _printed_section(title, paper.instructed(note), controls):
            yield
        return
    with st.container(gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
            with st.container(gap=None, width=540 if controls else "stretch"):  # where both don't fit, the controls go below
                st.header(title, anchor=anchor)
                st.caption(terms.linked(note))
            if controls:
                with st.container(horizontal=True, width="content", vertical_alignment="bottom", gap="xsmall"):
                    controls()
        with export.within(title):
            yield


@contextmanager
def _printed_section(title: str, note: str, controls: Callable[[], None] | None) -> Iterator[None]:
    """The same on paper, where a control is a few words below the heading."""
    with st.container(gap="xsmall"):
        st.header(title, anchor=False)
        st.caption(note)
        if controls:
            with st.container(horizontal=True, gap="small"):
                controls()
        with export.within(title):
            yield


def pair(left: Callable[[], None], right: Callable[[], None], *, beside: bool = False) -> None:
    """Two parts of a page side by side, stacked where it is narrow; on paper only where both fit `beside` each other."""
    if parameters.printing() and not beside:
        left()
        right()
        return
    grid = st.grid(2, min_column_width=300 if beside else 400, gap=(24, 28))
    for part in (left, right):
        with grid.cell():
            part()


def nothing(title: str, note: str, *, good: bool = False) -> None:
    """A box with the reason why there is nothing, and whether that is good."""
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        icon = "check_circle" if good else "inbox"
        st.markdown(f":material/{icon}: **{title}**", text_alignment="center")
        st.caption(note, text_alignment="center")


def _remedy(error: Exception) -> str:
    report = "give this number to whoever runs promisekept: the server's log has it."
    if isinstance(error, LACKING):
        return (
            "This snapshot lacks a table or column that the part reads: another version of promisekept published it. "
            f"The next run publishes one that has it. If the part is still missing then, {report}"
        )
    return f"Load the page again. If it stays, {report}"


def _may_be_damage(error: Exception) -> bool:
    return isinstance(error, NO_ANSWER) and not isinstance(error, LACKING)


def guarded(part: Part) -> Part:
    """A page or section that fails with a number and a remedy instead of a trace; the log gets where, never a value."""

    @functools.wraps(part)
    def shielded(*given: Any, **named: Any) -> Any:
        try:
            return part(*given, **named)
        except PromisekeptError as error:
            what, _, remedy = str(error).partition("\n")
            st.title("Nothing to show yet", anchor=False)
            st.info(f"**{markdown.plain(what)}**\n\n{markdown.plain(remedy)}", icon=":material/info:")
        except Exception as error:
            if _may_be_damage(error) and snapshots.is_damaged(parameters.snapshot()):
                st.rerun()  # on the newest intact snapshot, with a banner
            places = traceback.extract_tb(error.__traceback__)
            where = " < ".join(f"{place.name}:{place.lineno}" for place in reversed(places))
            number = hashlib.sha256(f"{type(error).__name__} {where}".encode()).hexdigest()[:8]
            _log.error("error %s: %s at %s", number, type(error).__name__, where)
            st.error(f"**This part could not be shown.** Error {number}.\n\n{_remedy(error)}", icon=":material/error:")
        return None

    return shielded  # type: ignore[return-value]
