"""The frame of every page: style, sidebar, snapshot strip, banners, header with the period control.

Here: what all pages share, and the `Page` that a view is given: which snapshot, which period, which day is today. Not
here: a page's own content (views/), cards and empty states (figures.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from dashboards import clock, notation, parameters, periods, snapshots
from dashboards.data import metrics
from dashboards.periods import Period
from dashboards.snapshots import Ref, Snapshot
from promisekept.errors import PromisekeptError

FRESH = timedelta(hours=26)
"""Older than this, a snapshot says so."""
STATIC = Path(__file__).parent / "static"
PAGES = {
    "Today": (("views/overview.py", "Overview", "dashboard", ""),),
    "Practice": (("views/requests.py", "Requests", "mail", "requests"),),
    "Proof": (("views/quality.py", "Data quality", "verified", "quality"),),
}
"""Group -> (file, name, icon, path). Only what exists is listed, so no link is dead."""

STYLE = """<style>
html, body, [data-testid="stApp"] { font-feature-settings: "tnum"; }
[data-testid="stMainBlockContainer"] { padding-left: 2.75rem; padding-right: 2.75rem; max-width: 98rem; }
@media (max-width: 900px) { [data-testid="stMainBlockContainer"] { padding-left: 1.25rem; padding-right: 1.25rem; } }
[data-testid="stMarkdownContainer"] code { font-size: .857em; }
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], .st-key-controls { display: none !important; }
  [data-testid="stMain"], [data-testid="stAppViewContainer"], [data-testid="stApp"] { overflow: visible !important; position: static !important; height: auto !important; }
}
</style>"""


@dataclass(frozen=True)
class Page:
    """What one page run stands on; fragments are given the same.

    Attributes:
        snapshot: resolved once per run.
        period: what the figures are about.
        today: the local date of as_of in the organisation's zone.
    """

    snapshot: Snapshot
    period: Period
    today: date

    @property
    def ref(self) -> Ref:
        """Key of every query."""
        return self.snapshot.ref

    @property
    def soon(self) -> date:
        """The last day that counts as due soon."""
        return self.today + timedelta(days=7)

    @property
    def carried(self) -> dict[str, str]:
        """What a link to another page takes along."""
        pinned = {"snapshot": self.ref.id} if self.snapshot.pinned else {}
        return pinned | ({"period": self.period.code} if self.period != default_period(self.today) else {})


def default_period(today: date) -> Period:
    """The quarter that as_of lies in."""
    return periods.containing(today, "quarter")


def style() -> None:
    """Page settings and the only CSS."""
    st.set_page_config(page_title="promisekept", page_icon=str(STATIC / "mark.svg"), layout="wide")
    st.html(STYLE)


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
    today = notation.local(snapshot.as_of, snapshot.zone).date()
    allowed = {period.code: period for period in (*periods.around(today), *metrics.known_periods(snapshot.ref))}
    code = parameters.one("period", allowed, default_period(today).code)
    page = Page(snapshot, allowed[code or ""], today)
    sidebar(page)
    strip(page, title)
    banners(page)
    return page


def sidebar(page: Page | None) -> None:
    """Links to the pages that exist, the organisation and its zone."""
    st.logo(str(STATIC / "wordmark.svg"), size="medium")
    with st.sidebar:
        for group, members in PAGES.items():
            with st.container(gap="xxsmall"):
                st.caption(group)
                for file, name, icon, _ in members:
                    st.page_link(file, label=name, icon=f":material/{icon}:", query_params=page.carried if page else None, width="stretch")
        if page:
            st.space("small")
            with st.container(gap=None):
                st.caption(notation.plain(page.snapshot.manifest["organisation"]))
                st.caption(f"All times in {notation.plain(page.snapshot.zone)}")


def strip(page: Page, title: str) -> None:
    """One line: which snapshot, of when, how old, and what the gate said."""
    shown, zone = page.snapshot, page.snapshot.zone
    old = clock.now() - shown.published_at
    words = (
        f"Snapshot **{shown.ref.id}** · as of {notation.instant(shown.as_of, zone)} · "
        f"published {notation.instant(shown.published_at, zone, year=False)}, {notation.age(old)} ago"
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="strip"):
        st.markdown(f":small[{words}]  {_badge(shown, old)}", width="stretch")
        with st.popover("Snapshot", type="tertiary", icon=":material/history:"):
            _about(page, title)
    _newer(shown)


def _badge(shown: Snapshot, old: timedelta) -> str:
    if shown.pinned:
        return ":blue-badge[:material/push_pin: Not the newest]"
    if old > FRESH:
        return f":yellow-badge[:material/history: {notation.age(old)} old]"
    if shown.refused:
        return ":yellow-badge[:material/gpp_maybe: Newer run refused]"
    passed, declared = shown.quality["passed"], shown.quality["declared"]
    return f":green-badge[:material/check_circle: Gate passed · {notation.count(passed)} of {notation.count(declared)} checks]"


def _about(page: Page, title: str) -> None:
    manifest, zone = page.snapshot.manifest, page.snapshot.zone
    pack = manifest["pack"]
    st.markdown(
        f"**{page.ref.id}**\n\n"
        f"Policy pack {notation.plain(pack['name'])} {notation.plain(pack['version'])}\n\n"
        f"Known at {notation.instant(page.snapshot.as_of.fromisoformat(manifest['known_at']), zone)} (ledger line {notation.count(manifest['known_seq'])})\n\n"
        f"Content hash `{manifest['content_hash'][:16]}`"
    )
    st.caption("Link to this snapshot")
    st.code(f"{title_path(title)}?snapshot={page.ref.id}", language=None, wrap_lines=True)
    others = [name for name in snapshots.ids(page.ref) if name != page.ref.id][:5]
    if others:
        st.caption("Other snapshots, newest first")
        for name in others:
            query = {} if name == page.snapshot.current else {"snapshot": name}
            st.page_link(file_of(title), label=name, query_params=query)


@st.fragment(run_every=60)
def _newer(shown: Snapshot) -> None:
    found = snapshots.newest(shown.ref)
    if shown.pinned or found in (None, shown.ref.id):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":blue-badge[:material/update: A newer snapshot is there]")
        if st.button("Show it", type="tertiary"):
            st.rerun(scope="app")


def banners(page: Page) -> None:
    """What a reader must know before any figure: a refused run, a rollback, a pinned old snapshot."""
    shown, zone = page.snapshot, page.snapshot.zone
    day = notation.day(notation.local(shown.as_of, zone).date())
    if shown.refused and not shown.pinned:
        failed, declared = shown.refused["failed"], shown.refused["declared"]
        at = shown.as_of.fromisoformat(shown.refused["at"])
        checks = f"{notation.count(failed)} of {notation.count(declared)} checks"
        st.error(
            f"**The run of {notation.instant(at, zone)} did not pass its quality gate: {checks} failed.** You see the last good snapshot, as of {day}. "
            f"Figures are complete up to that day; nothing newer is shown. [See the {_failed(failed)}](quality#checks-that-failed)",
            icon=":material/gpp_bad:",
        )
    if shown.rolled_back_to:
        st.warning(f"**Rolled back.** This is the content of snapshot {notation.plain(shown.rolled_back_to)} again, as of {day}.", icon=":material/undo:")
    if shown.pinned:
        st.info(f"**Not the newest snapshot.** You see {shown.ref.id}, as of {day}; the newest is [{shown.current}](?).", icon=":material/push_pin:")


def _failed(number: int) -> str:
    return "failed check" if number == 1 else f"{notation.count(number)} failed checks"


def header(page: Page, title: str, sentence: str, controls: Callable[[], None] | None = None, *, by_period: bool = True) -> None:
    """Heading and what is counted; at the right the period and the page's own controls."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="header"):
        with st.container(gap="xxsmall", width="stretch"):
            st.title(title, anchor=False)
            st.caption(sentence)
        with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="bottom", key="controls"):
            if by_period:
                _period_control(page)
            if controls:
                controls()


def _period_control(page: Page) -> None:
    near = periods.around(page.today)
    offered = near if page.period in near else (page.period, *near)
    names = {period.code: period.label for period in (*offered, *metrics.known_periods(page.ref))}
    default = default_period(page.today).code

    def keep(key: str) -> None:
        parameters.put("period", st.session_state[key], default)

    st.session_state["period"] = page.period.code
    st.segmented_control(
        "Period", [period.code for period in offered], format_func=lambda code: names[code], key="period", required=True,
        label_visibility="collapsed", on_change=keep, args=("period",),
    )  # fmt: skip
    with st.popover("Earlier", icon=":material/calendar_month:"):
        st.session_state["any_period"] = page.period.code
        st.selectbox("Any period", list(names), format_func=lambda code: names[code], key="any_period", on_change=keep, args=("any_period",))


def file_of(title: str) -> str:
    """The file of a page."""
    return next(file for members in PAGES.values() for file, name, _, _ in members if name == title)


def title_path(title: str) -> str:
    """The path of a page."""
    return "/" + next(path for members in PAGES.values() for _, name, _, path in members if name == title)
