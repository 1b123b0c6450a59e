"""The line above every page with the snapshot that it shows, and the banners below it.

Here: which snapshot, of when, how old, the verdict of the gate, and whether something newer was rejected or is there. Not here:
resolving it (snapshots.py), the rest of the frame (layout.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from dashboards import clock, markdown, parameters, snapshots
from dashboards.components import search
from dashboards.page import Page, file_of, title_path
from dashboards.snapshots import Snapshot
from promisekept.presentation import formats

FRESH = timedelta(hours=26)
"""Older than this, a snapshot is marked."""


def strip(page: Page, title: str) -> None:
    """One line: which snapshot, of when, how old, and the verdict of the gate."""
    shown, zone = page.snapshot, page.snapshot.zone
    old = clock.now() - shown.published_at
    words = (
        f"Snapshot **{shown.ref.id}** · as of {formats.instant(shown.as_of, zone)} · "
        f"published {formats.instant(shown.published_at, zone, year=False)}, {formats.age(old)} ago"
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="strip"):
        st.markdown(f":small[{words}]  {_badge(shown, old)}", width="stretch")
        with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center", key="controls_of_strip"):
            search.controls(page, title)
            again = {**parameters.others(), "print": "1"}
            st.page_link(file_of(title), label="Print", icon=":material/print:", query_params=again)
            with st.popover("Snapshot", type="tertiary", icon=":material/history:"):
                _about(page, title)
    _newer(shown)


def _badge(shown: Snapshot, old: timedelta) -> str:
    passed, declared = shown.quality["passed"], shown.quality["declared"]
    gate = f":green-badge[:material/check_circle: Gate passed · {formats.count(passed)} of {formats.count(declared)} checks]"
    if shown.pinned:
        return f":blue-badge[:material/push_pin: Not the newest] {gate}"
    if shown.damaged:
        return ":yellow-badge[:material/broken_image: Newest not readable]"
    age = f":yellow-badge[:material/history: {formats.age(old)} old] " if old > FRESH else ""
    if shown.refused:
        return f"{age}:yellow-badge[:material/gpp_maybe: Newer run rejected]"
    return age + gate


def _about(page: Page, title: str) -> None:
    manifest, zone = page.snapshot.manifest, page.snapshot.zone
    pack = manifest["pack"]
    st.markdown(
        f"**{page.ref.id}**\n\n"
        f"Policy pack {markdown.plain(pack['name'])} {markdown.plain(pack['version'])}\n\n"
        f"Known at {formats.instant(datetime.fromisoformat(manifest['known_at']), zone)}, "
        f"ledger line {formats.count(manifest['known_seq'])}\n\n"
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
    """What a reader must know before any figure: a rejected run, damage, a rollback, an earlier instant, a pinned snapshot."""
    shown, zone = page.snapshot, page.snapshot.zone
    day = formats.local_day(shown.as_of, zone)
    if shown.refused and not shown.pinned:
        failed, declared = shown.refused["failed"], shown.refused["declared"]
        at = datetime.fromisoformat(shown.refused["at"])
        checks = f"{formats.count(failed)} of {formats.count(declared)} checks"
        st.error(
            f"**The run of {formats.instant(at, zone)} did not pass its quality gate: {checks} failed.** "
            f"You see the last good snapshot, as of {day}. Figures are complete up to that day; "
            f"nothing newer is shown. [See the {_failed(failed)}](quality#checks-that-failed)",
            icon=":material/gpp_bad:",
        )
    if shown.damaged:
        what = "The pointer to the newest snapshot" if shown.damaged == "CURRENT" else f"The newest snapshot, {shown.damaged},"
        st.error(
            f"**{what} can't be read.** You see {shown.current}, the newest intact snapshot; nothing newer is shown. "
            "Whoever runs promisekept: `promisekept fsck` names the damage and its remedy.",
            icon=":material/broken_image:",
        )
    if shown.rolled_back_to:
        st.warning(
            f"**Rolled back.** This is the content of snapshot {markdown.plain(shown.rolled_back_to)} again, as of {day}.",
            icon=":material/undo:",
        )
    elif not shown.pinned and (further := snapshots.further(shown)):
        st.warning(
            f"**Computed for an earlier instant.** This snapshot is {formats.instants(shown.manifest, zone)}; "
            f"[{further['id']}](?snapshot={further['id']}), published before it, is {formats.instants(further, zone)}. "
            "What came later is left out here. Whoever runs promisekept: "
            f"`promisekept run --as-of {datetime.fromisoformat(further['as_of']).isoformat()}` publishes it.",
            icon=":material/history_toggle_off:",
        )
    if shown.pinned:
        st.info(
            f"**Not the newest snapshot.** You see {shown.ref.id}, as of {day}; the newest is [{shown.current}](?).",
            icon=":material/push_pin:",
        )


def _failed(number: int) -> str:
    return "failed check" if number == 1 else f"{formats.count(number)} failed checks"
