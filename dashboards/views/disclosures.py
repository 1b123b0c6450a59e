"""The disclosures that failed a check, row by row, and one of them in a drawer down to the landed row.

Here: the table below the matrix; without another check in the address it tells who received data after a stop. Not here: the
rows (data/sharing.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation, parameters, words
from dashboards.data import query
from dashboards.data import sharing as data
from dashboards.data.query import Row
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page, file_of
from dashboards.views import lists

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
    "told": "Shared before the person was told",
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
    "told": "Person told",
    STOPPED: "Stopped by",
}


@st.fragment
@guarded
def draw(page: Page, chosen: tuple[str, ...], check: str) -> None:
    """Draw the section; its pages rerun nothing else."""
    now = data.failed(page.ref, check, chosen, page.period)
    number, judged = now["failed"], now["judged"]
    others = now["disclosures"] - judged
    apart = f"; to {notation.count(others)} more it does not apply" if others else ""
    rights = (
        " A stop is an objection, erasure, restriction or opt-out of sale, granted whole or in part, or not answered in time."
        if check == STOPPED
        else ""
    )

    def control() -> None:
        export.control(
            _TITLES[check].lower(),
            lambda: [
                _said(check, row, page.snapshot.zone) for row in query.every(data.page, page.ref, check, chosen, page.period)
            ],
            number=number,
            of=judged,
            filters={"recipient": chosen, "check": (check,)},
        )

    with section(
        _TITLES[check],
        f"{notation.out_of(number, judged)} disclosures in {page.period.noun} to which the check applies{apart}.{rights}"
        + (" Select a row for all that it failed and where it comes from." if number else ""),
        control,
        anchor="disclosures",
    ):
        if not number:
            narrowed = " to these recipients" if chosen else ""
            nothing(
                "No disclosure failed this check" if judged else "The check applies to no disclosure",
                f"0 of {notation.count(judged)} disclosures{narrowed} in {page.period.words}.",
                good=bool(judged),
            )
            return
        rows = data.page(page.ref, check, chosen, page.period, lists.rows_from_to("page", number))
        _table(page, check, rows)
        lists.turn("page", number, len(rows), order="newest first")


def _said(check: str, row: Row, zone: str) -> dict[str, Any]:
    """A row in the reader's words, as it is taken away."""
    return {
        "Recipient": row["recipient_id"],
        "Person": lists.person(row["subject_key"]),
        _WHY[check]: why(check, row, zone),
        "Disclosed": row["occurred_at"],
        "Categories": listed(row["data_categories"]),
        "Batch · row": lists.landed(row),
    }


def _table(page: Page, check: str, found: list[Row]) -> None:
    zone = page.snapshot.zone
    column = st.column_config

    def opens(place: int) -> None:
        parameters.put(_NAME, f"{found[place]['namespace']}/{found[place]['event_id']}")
        st.rerun(scope="app")

    lists.table(
        _FRAME,
        [_said(check, row, zone) | {"Disclosed": notation.instant(row["occurred_at"], zone)} for row in found],
        alt=f"{_TITLES[check]}, newest first",
        columns={
            "Recipient": column.TextColumn(width=150),
            "Person": column.TextColumn(width=96),
            _WHY[check]: column.TextColumn(width=270),
            "Disclosed": column.TextColumn(width=164),
            "Categories": column.TextColumn(width=230),
            "Batch · row": column.TextColumn(width=110),
        },
        opens=opens,
    )


def drawer_if_asked(page: Page) -> None:
    """Open the drawer where the address names a disclosure that this snapshot holds."""
    key = parameters.text(_NAME)
    row = data.disclosure(page.ref, key) if key else {}
    if row:
        st.dialog("One disclosure", width=560, position="right", on_dismiss=lambda: parameters.drop([_NAME]))(_drawer)(page, row)


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    zone = page.snapshot.zone
    kind = words.say(words.RECIPIENT_KINDS, row["recipient_kind"] or data.NOT_LISTED)
    st.markdown(f"**{notation.plain(row['recipient_id'] or notation.NULL)}** · {kind}")
    st.caption(f"Disclosed {notation.instant(row['occurred_at'], zone)} · {notation.days(row['record_count'], of='record')}")
    failed = [name.removeprefix("ok_") for name in row["failed_checks"] or []]
    for check in failed:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{_TITLES[check]}** {words.CHECKS['failed'].badge()}")
            st.caption(f"{_WHY[check]}: {notation.plain(why(check, row, zone))}")
            if check == STOPPED and row["stopped_by"]:
                st.page_link(
                    file_of("Requests"),
                    label="The request that stopped it",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    query_params=page.carried | {"request": row["stopped_by"]},
                )
    if not failed:
        st.markdown(f"No check failed {words.CHECKS['passed'].badge()}")
    passed = [check for check in data.CHECKS if row[f"ok_{check}"]]
    names = ", ".join(words.DISCLOSURE_CHECKS[check].lower() for check in passed)
    st.caption(f"{len(passed)} of {len(data.CHECKS)} checks passed: {names}" if passed else f"0 of {len(data.CHECKS)} passed")
    st.markdown("**What was shared**")
    _facts(
        {
            "Person": lists.person(row["subject_key"]),
            "Categories": listed(row["data_categories"]),
            "Purpose": words.sentence(row["purpose_code"]),
            "Reason": words.sentence(row["reason_code"]),
            "Country": words.place(row["destination_country"]),
            "Agreement": row["agreement_ref"],
        }
    )
    st.markdown("**Where it comes from**")
    _facts(
        {
            "Source": row["source"],
            "Event": f"{row['namespace']} · {row['event_id']}",
            "Batch · row": lists.landed(row),
        }
    )


def _facts(told: dict[str, str | None]) -> None:
    st.table(
        pd.DataFrame([{"What": name, "Told": notation.plain(value or notation.NULL)} for name, value in told.items()]),
        border="horizontal",
        hide_index=True,
        hide_header=True,
    )


def listed(values: list[str] | None) -> str:
    """Codes in words, separated by commas."""
    return ", ".join(value.replace("_", " ") for value in values or []) or notation.NULL


def why(check: str, row: Row, zone: str) -> str:
    """What a row says about the check that it failed."""
    if check == STOPPED:
        at = f", closed {notation.day(notation.local(row['stopped_at'], zone).date())}" if row["stopped_at"] else ""
        others = [right for right in row["stopped_right_types"] or [] if right != row["stopped_right_type"]]
        more = f"; also {', '.join(words.say(words.RIGHTS, right).lower() for right in others)}" if others else ""
        return f"{words.say(words.RIGHTS, row['stopped_right_type'])}{at}{more}"
    told = row["disclosed_to_subject_at"]
    said = {
        "recipient": "no register of that day",
        "reason": f"{words.sentence(row['reason_code'])}, to a {words.say(words.RECIPIENT_KINDS, row['recipient_kind']).lower()}",
        "agreement": "none in force that day",
        "consent": f"{words.sentence(row['purpose_code'])}: {'not active' if row['subject_key'] else 'no person named'}",
        "authority": "none",
        "categories": listed(row["forbidden_categories"]),
        "purpose": words.sentence(row["purpose_code"]) or notation.NULL,
        "transfer": f"{words.place(row['destination_country'])}, no mechanism named",
        "no_sale": words.sentence(row["consideration"]),
        "told": f"afterwards, {notation.instant(told, zone)}" if told else "never",
    }
    return said[check]
