"""One version of the policy in a drawer: its dates, its waves of notice, and what rests on it.

Here: what `?version=` shows beside the page. Not here: the list it is opened from (page.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import tables
from dashboards.components.sections import Card, guarded
from dashboards.data import control_results
from dashboards.data import policy as data
from dashboards.page import Page
from promisekept.presentation import formats


def drawer_of_address(page: Page, found: list[dict[str, Any]]) -> bool:
    """Open the drawer where the address names a version that exists; whether it is the sheet."""
    name = parameters.one("version", [row["policy_version"] for row in found])
    if name is None:
        return False
    row = next(row for row in found if row["policy_version"] == name)
    return tables.drawer(f"Version {markdown.plain(name)}", "version", _drawer, page, row)


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    change = {True: "A material change", False: "Not a material change"}.get(row["material"], "Not recorded whether material")
    standing = ":green-badge[:material/check_circle: In force]" if row["in_force"] else ""
    st.markdown(f"**{change}** {standing}")
    printed = f"Printed date {markdown.plain(row['last_updated_shown'])}" if row["last_updated_shown"] else "No printed date"
    matches = {True: ", as published", False: ", not the day of publication"}.get(row["last_updated_matches"], "")
    st.caption(printed + matches)
    for name, at in (
        ("Published", row["published_at"]),
        ("First notified", row["change_notified_at"]),
        ("In effect", row["effective_at"]),
        ("Superseded", row["superseded_at"]),
    ):
        st.markdown(f"**{name}** {formats.instant(at, zone) if at else formats.NULL}")
    if row["audience_size"]:
        with st.container(border=True, gap=None):
            persons = (
                f"{formats.out_of(row['notified_before_effective_count'], row['audience_size'])} persons · "
                f"{formats.out_of(min(row['notified_count'], row['audience_size']), row['audience_size'])} notified in all"
            )
            Card("Notified before effect", formats.rate(row["coverage_before_effective"]), persons).show()
    st.markdown("**What rests on it**")
    st.caption(" · ".join(_resting(page, row["policy_version"])) or "Neither consents nor collections have been landed")
    st.markdown("**Where it comes from**")
    st.caption(f"Source {markdown.code(row['source'])} · batch and row {markdown.plain(tables.landed(row))}")


def _resting(page: Page, version: str) -> list[str]:
    lines = []
    if control_results.holds(page.ref, "fct_consents"):
        consents = data.consents(page.ref, version)
        lines.append(f"{formats.out_of(consents['provable'], consents['given'])} consents given under it can be proven")
    if control_results.holds(page.ref, "fct_collections"):
        named = data.collections(page.ref, version)
        lines.append(
            f"{formats.out_of(named['in_force'], named['collections'])} collections that name it came while it was in force"
        )
    return lines
