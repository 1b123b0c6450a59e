"""Which agreement ends soon, or has ended although data still flow: the card and the list, for a span that the reader chooses.

Here: the register of agreements as `dim_agreements` holds it. Not here: whether a disclosure was covered by one (the check
`agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation, parameters, words
from dashboards.data import judged
from dashboards.data import sharing as data
from dashboards.data.query import Row
from dashboards.figures import Card, guarded, nothing, section
from dashboards.page import Page

SPANS = ("30", "90", "180", "365")
DEFAULT = "30"
MOST = 25
_NONE: Row = {"disclosures": 0, "agreement": 0}


@dataclass(frozen=True, slots=True)
class _Register:
    """The agreements in force, those of them that end within the span, and those that ended with nothing after them.

    `says` is why there is none, or nothing.
    """

    says: str
    span: int
    held: list[Row]
    ending: list[Row]
    ended: list[Row]


def _register(page: Page, chosen: tuple[str, ...]) -> _Register:
    span = int(parameters.one("ending", SPANS, DEFAULT) or DEFAULT)
    has = judged.has(page.ref, "dim_agreements")
    known = data.agreements(page.ref, chosen) if has else []
    held = [row for row in known if row["is_in_force"]]
    ending = [row for row in held if row["days_left"] is not None and row["days_left"] <= span]
    says = (
        "This snapshot was published without the register"
        if not has
        else ""
        if held
        else f"0 agreements {'with these recipients ' if chosen else ''}are in force"
    )
    return _Register(says, span, held, ending, [row for row in known if not row["is_in_force"]])


def card(page: Page, chosen: tuple[str, ...]) -> Card:
    """How many end soon, of those in force."""
    register = _register(page, chosen)
    alone = sum(row["followed_by"] is None for row in register.ending)
    if register.says:
        return Card("Agreements ending", notation.NULL, register.says)
    return Card(
        "Agreements ending",
        notation.count(len(register.ending)),
        f"of {notation.count(len(register.held))} in force, within {notation.days(register.span)}"
        + (f" · {notation.count(alone)} without a successor" if register.ending else ""),
        badge=":yellow-badge[:material/schedule: Soon]" if alone else "",
    )


@guarded
def draw(page: Page, chosen: tuple[str, ...], rows: list[Row]) -> None:
    """The agreements that end first, after those that ended although their recipient still receives."""

    def control() -> None:
        st.session_state["ending"] = parameters.one("ending", SPANS, DEFAULT)
        st.segmented_control(
            "Within",
            SPANS,
            format_func=lambda days: f"{days} days",
            key="ending",
            required=True,
            label_visibility="collapsed",
            on_change=lambda: parameters.put("ending", st.session_state["ending"], DEFAULT),
        )
        export.control(
            "agreements about to end",
            lambda: [_said(row, shared) for row in shown],
            number=len(shown),
            of=len(register.held) + len(ended),
            filters={"recipient": chosen, "ending": (str(register.span),)},
        )

    register = _register(page, chosen)
    shared = {row["recipient_id"]: row for row in rows}
    ended = [row for row in register.ended if shared.get(row["recipient_id"], _NONE)["agreement"]]
    shown = ended + register.ending
    until = notation.day(page.today + timedelta(days=register.span))
    gone = f"; {notation.count(len(ended))} more ended and data went on to flow" if ended else ""
    with section(
        "Agreements about to end",
        f"{notation.out_of(len(register.ending), len(register.held))} in force have their last day by {until}{gone}",
        control,
        anchor="ending",
    ):
        if not shown:
            within = f"0 of {notation.count(len(register.held))} agreements in force end within {notation.days(register.span)}."
            if register.says:
                nothing("No agreement to tell of", f"{register.says}.")
            else:
                nothing("No agreement is about to end", within, good=True)
            return
        st.table(
            pd.DataFrame([_row(page, row, shared) for row in shown[:MOST]]),
            border="horizontal",
            hide_index=True,
        )
        if len(shown) > MOST:
            st.caption(f"The first {MOST} of {len(shown)}")


def _said(row: Row, shared: Mapping[str, Row]) -> dict[str, Any]:
    """A row as it is taken away."""
    received = shared.get(row["recipient_id"], _NONE)
    return {
        "Recipient": row["recipient_id"],
        "Agreement": row["agreement_ref"],
        "Followed by": row["followed_by"],
        "Last day": row["last_day"],
        "Days left": row["days_left"],
        "Safeguard": words.sentence(row["transfer_mechanism"]),
        "Disclosures": received["disclosures"],
        "Without an agreement": received["agreement"],
    }


def _row(page: Page, row: Row, shared: Mapping[str, Row]) -> dict[str, str]:
    received = shared.get(row["recipient_id"], _NONE)
    number, bare = received["disclosures"], received["agreement"]
    left, followed = row["days_left"], row["followed_by"]
    when = f"{notation.days(-left)} ago" if left < 0 else "Today" if left == 0 else f"In {notation.days(left)}"
    colour, icon = ("red", "cancel") if left < 0 else ("gray", "check_circle") if followed else ("yellow", "schedule")
    return {
        "Ends": f":{colour}-badge[:material/{icon}: {when}]",
        "Recipient": notation.plain(row["recipient_id"]),
        "Agreement": notation.plain(row["agreement_ref"]) + (f", then {notation.plain(followed)}" if followed else ""),
        "Last day": notation.day(row["last_day"]),
        "Safeguard": notation.plain(words.sentence(row["transfer_mechanism"]) or "None named"),
        f"Disclosures, {page.period.label}": f"{notation.out_of(bare, number)} without one"
        if left < 0
        else notation.count(number),
    }
