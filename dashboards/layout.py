"""The frame of every page: style, sidebar, snapshot strip, header with the period control.

Here: what all pages share, in its order. Not here: the strip and its banners (snapshot_line.py), a page's own content (views/),
cards and empty states (components/sections.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboards import access, bundling, markdown, parameters, saved_views, sign_in, snapshot_line, snapshots
from dashboards.components import controls, export, paper, terms
from dashboards.data import metrics
from dashboards.page import PAGES, SET_UP, Page, default_period
from promisekept.errors import PromisekeptError
from promisekept.presentation import formats, periods

STATIC = Path(__file__).parent / "static"

STYLE = """<style>
html, body, [data-testid="stApp"] { font-feature-settings: "tnum"; }
[data-testid="stMainBlockContainer"] { padding-left: 2.75rem; padding-right: 2.75rem; max-width: 98rem; }
@media (max-width: 900px) { [data-testid="stMainBlockContainer"] { padding-left: 1.25rem; padding-right: 1.25rem; } }
[data-testid="stMarkdownContainer"] code { font-size: .857em; }
[data-testid="stFullScreenFrame"]:has([data-testid="stVegaLiteChart"]) [data-testid="stElementToolbar"] { display: none; }
[class*="st-key-card_"] { position: relative; }
[class*="st-key-card_"] :has([data-testid="stPageLink-NavLink"]) { position: static; }
[class*="st-key-card_"] [data-testid="stPageLink-NavLink"] {
  position: absolute; inset: -.9rem; z-index: 1; width: auto; background: none;
  justify-content: flex-end; align-items: flex-start;
}
[class*="st-key-card_"] [data-testid="stPageLink-NavLink"] p { position: absolute; clip-path: inset(50%); }
a[href^="#term-"] { color: inherit !important; text-decoration: underline dotted !important; text-underline-offset: .2em; }
a[href^="#term-"] { position: relative; z-index: 2; cursor: help; }
#term {
  position: fixed; inset: auto; margin: 0; max-width: min(22rem, calc(100vw - 2rem)); padding: .6rem .8rem;
  border: 1px solid #7F8995; border-radius: 6px; font-size: .875rem; line-height: 1.45;
}
a:focus-visible { outline: 2px solid var(--st-primary-color, #2F5FD0) !important; outline-offset: 2px; }
[class*="st-key-pending_"] { border: 1px dashed var(--st-primary-color, #2F5FD0); border-radius: .5rem; padding: .75rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-script) { display: none; }
.st-key-strip [data-testid="stPageLink-NavLink"] { background: none; }
.st-key-strip [data-testid="stPageLink-NavLink"] p { font-weight: 400; }
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [class*="st-key-controls"] {
    display: none !important;
  }
  [data-testid="stMain"], [data-testid="stAppViewContainer"], [data-testid="stApp"] {
    overflow: visible !important; position: static !important; height: auto !important;
  }
}
</style>"""


def style() -> None:
    """Page settings, the only CSS and the only script (static/page.js)."""
    st.set_page_config(page_title="promisekept", page_icon=str(STATIC / "mark.svg"), layout="wide")
    st.html(STYLE)
    with st.container(key="script"):
        st.html('<script src="app/static/page.js"></script>', unsafe_allow_javascript=True)


def open_page(title: str) -> Page:
    """Resolve the snapshot and the period of this run, and draw what stands above every page.

    Raises:
        PublishingError: there is no snapshot to show.
    """
    try:
        snapshot = snapshots.resolve(snapshots.home(), parameters.snapshot())
    except PromisekeptError:
        sidebar(None)
        raise
    today = formats.local(snapshot.as_of, snapshot.zone).date()
    allowed = {period.code: period for period in (*periods.around(today), *metrics.known_periods(snapshot.ref))}
    code = parameters.one("period", allowed, default_period(today).code)
    page = Page(snapshot, allowed[code or ""], today)
    export.shown_on(page, title)
    if parameters.printing():
        paper.begin(page, title)
    else:
        sidebar(page)
        with st.sidebar, st.container(gap="xxsmall"):
            saved_views.popover(page, title)
            terms.control()
        snapshot_line.strip(page, title)
    snapshot_line.banners(page)
    return page


def sidebar(page: Page | None) -> None:
    """Links to the pages that this reader may open, the organisation, its zone and who reads."""
    reader = access.current() or access.NOBODY
    st.logo(str(STATIC / "wordmark.svg"), size="medium")
    with st.sidebar:
        for group, members in PAGES.items():
            allowed = [member for member in members if access.may_open(reader, member[0])]
            if not allowed:
                continue
            with st.container(gap="xxsmall"):
                st.caption(group)
                for file, name, icon, _ in allowed:
                    st.page_link(
                        file, label=name, icon=f":material/{icon}:", query_params=page.carried if page else None, width="stretch"
                    )
        if reader.local and bundling.project():
            file, name, icon, _ = SET_UP
            with st.container(gap="xxsmall"):
                st.caption("Set up")
                st.page_link(file, label=name, icon=f":material/{icon}:", width="stretch")
        if page:
            st.space("small")
            with st.container(gap=None):
                st.caption(markdown.plain(page.snapshot.manifest["organisation"]))
                st.caption(f"All times in {markdown.plain(page.snapshot.zone)}")
        sign_in.foot(reader)


def header(page: Page, title: str, sentence: str, own: Callable[[], None] | None = None, *, by_period: bool = True) -> None:
    """Heading and what is counted; at the right the period and the page's own controls."""
    export.shown_on(page, title, by_period=by_period)
    if parameters.printing():
        paper.head(page, title, sentence, by_period=by_period)
        with st.container(horizontal=True, gap="small"):
            if own:
                own()
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="header"):
        with st.container(gap="xxsmall", width=540 if by_period or own else "stretch"):
            st.title(title, anchor=False)
            st.caption(terms.linked(sentence))
        with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="bottom", key="controls"):
            if by_period:
                _period_control(page)
            if own:
                own()


def _period_control(page: Page) -> None:
    around = periods.around(page.today)
    offered = around if page.period in around else (page.period, *around)
    titles = {period.code: period.label for period in (*offered, *metrics.known_periods(page.ref))}
    near = {period.code: period.label for period in offered}
    controls.near("period", "Period", near, titles, chosen=page.period.code, default=default_period(page.today).code)
