"""The disclosures that failed a check, row by row, and one of them in a drawer down to the landed row.

Here: the table below the matrix; without a check in the address it lists who received data after opt-out or objection. Not here:
the rows (data/sharing.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import landed_rows, links, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import names
from dashboards.data import sharing as data
from dashboards.data.query import Row
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

STOPPED = "not_stopped"
_NAME = "disclosure"
_FRAME = "disclosures_frame"
_TITLES = {
    "recipient": "Shared with somebody in no register",
    "reason": "Shared for a reason that does not suit the recipient",
    "agreement": "Shared without an agreement in force",
    "consent": "Shared on consent that was not there",
    "authority": "Shared with an authority without naming its order",
    "categories": "Shared data that the recipient may not have",
    "purpose": "Shared for a purpose that the recipient does not serve",
    "transfer": "Sent abroad without a safeguard",
    "no_sale": "Shared for money or another advantage",
    "told": "Shared before the person was notified",
    STOPPED: "Received data after an objection or erasure",
}
_WHY = {
    "recipient": "Found in",
    "reason": "Reason given",
    "agreement": "Agreement",
    "consent": "Consent for",
    "authority": "Order named",
    "categories": "Not allowed",
    "purpose": "Purpose",
    "transfer": "Country",
    "no_sale": "In return",
    "told": "Person notified",
    STOPPED: "Opt-out or objection",
}


@st.fragment
@guarded
def draw(page: Page, chosen: tuple[str, ...], check: str) -> None:
    """Draw the section; its pages rerun nothing else."""
    now = data.failed(page.ref, check, chosen, page.period)
    number, applicable = now["failed"], now["applicable"]
    others = now["disclosures"] - applicable
    apart = f"; to {formats.count(others)} more it does not apply" if others else ""
    rights = (
        " It covers an objection, erasure, restriction or opt-out of sale, granted whole or in part, or not answered in time."
        if check == STOPPED
        else ""
    )

    listing = Listing(
        _FRAME,
        _columns(page, check),
        number,
        (data.page, page.ref, check, chosen, page.period),
        alt=f"{_TITLES[check]}, newest first",
        zone=page.snapshot.zone,
        opens=lambda row: tables.opened(_NAME, f"{row['namespace']}/{row['event_id']}"),
        order="newest first",
    )

    with section(
        _TITLES[check],
        f"{formats.out_of(number, applicable)} disclosures in {page.period.noun} to which the check applies{apart}.{rights}"
        + (" Select a row for all that it failed and where it comes from." if number else ""),
        lambda: listing.export(_TITLES[check].lower(), of=applicable, filters={"recipient": chosen, "check": (check,)}),
        anchor="disclosures",
    ):
        if not number:
            narrowed = " to these recipients" if chosen else ""
            nothing(
                "No disclosure failed this check" if applicable else "The check applies to no disclosure",
                f"0 of {formats.count(applicable)} disclosures{narrowed} in {page.period.words}.",
                good=bool(applicable),
            )
            return
        listing.draw()


def _columns(page: Page, check: str) -> tuple[Column, ...]:
    zone = page.snapshot.zone
    return (
        Column("Recipient", "recipient_id", 150, lambda row: names.label(page.ref, "recipient_id", row["recipient_id"])),
        Column("Person", lambda row: tables.person(row["subject_key"]), 96),
        Column(_WHY[check], lambda row: why(check, row, zone), 270),
        Column("Disclosed", "occurred_at", 164),
        Column("Categories", lambda row: listed(row["data_categories"]), 230),
        Column("Batch · row", tables.landed, 110),
    )


def drawer_of_address(page: Page) -> bool:
    """Open the drawer where the address names a disclosure that this snapshot holds; whether it is the sheet."""
    key = parameters.text(_NAME)
    row = data.disclosure(page.ref, key) if key else {}
    if row:
        return tables.drawer("One disclosure", _NAME, _drawer, page, row)
    return False


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    kind = labels.label(labels.RECIPIENT_KINDS, row["recipient_kind"] or data.NOT_LISTED)
    recipient = names.written(page.ref, "recipient_id", row["recipient_id"]) if row["recipient_id"] else formats.NULL
    st.markdown(f"**{recipient}** · {kind}")
    st.caption(f"Disclosed {formats.instant(row['occurred_at'], zone)} · {formats.days(row['record_count'], of='record')}")
    failed = [name.removeprefix("ok_") for name in row["failed_checks"] or []]
    for check in failed:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{_TITLES[check]}** {statuses.CHECKS['failed'].badge()}")
            st.caption(f"{_WHY[check]}: {markdown.plain(why(check, row, zone))}")
            if check == STOPPED and row["stopped_by"]:
                links.link("Requests", "The request that stopped it", page.carried | {"request": row["stopped_by"]})
    if not failed:
        st.markdown(f"No check failed {statuses.CHECKS['passed'].badge()}")
    passed = [check for check in data.CHECKS if row[f"ok_{check}"]]
    right = ", ".join(labels.DISCLOSURE_CHECKS[check].lower() for check in passed)
    st.caption(f"{len(passed)} of {len(data.CHECKS)} checks passed: {right}" if passed else f"0 of {len(data.CHECKS)} passed")
    st.markdown("**What was shared**")
    tables.facts(
        {
            "Person": tables.person(row["subject_key"]),
            "Categories": listed(row["data_categories"]),
            "Purpose": names.label(page.ref, "purpose_code", row["purpose_code"]),
            "Reason": labels.sentence(row["reason_code"]),
            "Country": labels.jurisdiction(row["destination_country"]),
            "Agreement": row["agreement_ref"],
        }
    )
    st.markdown("**Where it comes from**")
    st.caption(f"Event {markdown.code(row['namespace'])} · {markdown.code(row['event_id'])}")
    landed_rows.origin(page, row)


def listed(values: list[str] | None) -> str:
    """Codes in words, separated by commas."""
    return ", ".join(value.replace("_", " ") for value in values or []) or formats.NULL


def why(check: str, row: Row, zone: str) -> str:
    """Why a row failed the check."""
    if check == STOPPED:
        at = f", closed {formats.local_day(row['stopped_at'], zone)}" if row["stopped_at"] else ""
        others = [right for right in row["stopped_right_types"] or [] if right != row["stopped_right_type"]]
        more = f"; also {', '.join(labels.label(labels.RIGHTS, right).lower() for right in others)}" if others else ""
        return f"{labels.label(labels.RIGHTS, row['stopped_right_type'])}{at}{more}"
    notified = row["disclosed_to_subject_at"]
    kind = labels.label(labels.RECIPIENT_KINDS, row["recipient_kind"]).lower()
    reasons = {
        "recipient": "no register of that day",
        "reason": f"{labels.sentence(row['reason_code'])}, to a {kind}",
        "agreement": "none in force that day",
        "consent": f"{labels.sentence(row['purpose_code'])}: {'not active' if row['subject_key'] else 'no person named'}",
        "authority": "none",
        "categories": listed(row["forbidden_categories"]),
        "purpose": labels.sentence(row["purpose_code"]) or formats.NULL,
        "transfer": f"{labels.jurisdiction(row['destination_country'])}, no mechanism named",
        "no_sale": labels.sentence(row["consideration"]),
        "told": f"afterwards, {formats.instant(notified, zone)}" if notified else "never",
    }
    return reasons[check]
