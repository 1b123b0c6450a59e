"""Which agreement ends soon, or has ended although data still flow: the card and the list, for a span that the reader chooses.

Here: the register of agreements as `dim_agreements` holds it. Not here: whether a disclosure was covered by one (the check
`agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dashboards import markdown, parameters
from dashboards.components import controls, export, tables
from dashboards.components.sections import Card, guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import control_results, names
from dashboards.data import sharing as data
from dashboards.data.query import Row
from dashboards.page import Page
from promisekept.presentation import formats, labels

SPANS = ("30", "90", "180", "365")
DEFAULT = "30"
_NONE: Row = {"disclosures": 0, "agreement": 0}


@dataclass(frozen=True, slots=True)
class _Register:
    """The agreements in force, those of them that end within the span, and those that ended with nothing after them.

    `reason`: why there is none; empty where there is one.
    """

    reason: str
    span: int
    in_force: list[Row]
    ending: list[Row]
    ended: list[Row]


def _register(page: Page, chosen: tuple[str, ...]) -> _Register:
    span = int(parameters.one("ending", SPANS, DEFAULT) or DEFAULT)
    has = control_results.has(page.ref, "dim_agreements")
    agreements = data.agreements(page.ref, chosen) if has else []
    in_force = [row for row in agreements if row["is_in_force"]]
    ending = [row for row in in_force if row["days_left"] is not None and row["days_left"] <= span]
    reason = (
        "This snapshot was published without the register"
        if not has
        else ""
        if in_force
        else f"0 agreements {'with these recipients ' if chosen else ''}are in force"
    )
    return _Register(reason, span, in_force, ending, [row for row in agreements if not row["is_in_force"]])


def card(page: Page, chosen: tuple[str, ...]) -> Card:
    """How many end soon, of those in force."""
    register = _register(page, chosen)
    alone = sum(row["followed_by"] is None for row in register.ending)
    if register.reason:
        return Card("Agreements ending", formats.NULL, register.reason)
    return Card(
        "Agreements ending",
        formats.count(len(register.ending)),
        f"of {formats.count(len(register.in_force))} in force, within {formats.days(register.span)}"
        + (f" · {formats.count(alone)} without a successor" if register.ending else ""),
        badge=":yellow-badge[:material/schedule: Soon]" if alone else "",
    )


@guarded
def draw(page: Page, chosen: tuple[str, ...], rows: list[Row]) -> None:
    """The agreements that end first, after those that ended although their recipient still receives."""

    def control() -> None:
        titles = {days: f"{days} days" for days in SPANS}
        controls.segments("ending", "Within", titles, str(register.span), DEFAULT, drops=())
        export.control(
            "agreements about to end",
            columns,
            lambda: shown,
            number=len(shown),
            of=len(register.in_force) + len(ended),
            filters={"recipient": chosen, "ending": (str(register.span),)},
        )

    register = _register(page, chosen)
    shared = {row["recipient_id"]: row for row in rows}
    ended = [row for row in register.ended if shared.get(row["recipient_id"], _NONE)["agreement"]]
    shown, columns = ended + register.ending, _columns(page, shared)
    until = formats.day(page.today + timedelta(days=register.span))
    gone = f"; {formats.count(len(ended))} more ended and data went on to flow" if ended else ""
    with section(
        "Agreements about to end",
        f"{formats.out_of(len(register.ending), len(register.in_force))} in force have their last day by {until}{gone}",
        control,
        anchor="ending",
    ):
        if not shown:
            within = f"0 of {formats.count(len(register.in_force))} agreements in force end within {formats.days(register.span)}."
            if register.reason:
                nothing("No agreement to show", f"{register.reason}.")
            else:
                nothing("No agreement is about to end", within, good=True)
            return
        tables.small(columns, shown)


def _columns(page: Page, shared: Mapping[str, Row]) -> tuple[Column, ...]:
    def of(row: Row, name: str) -> int:
        return int(shared.get(row["recipient_id"], _NONE)[name])

    def without(row: Row) -> str:
        number = of(row, "disclosures")
        return f"{formats.out_of(of(row, 'agreement'), number)} without one" if row["days_left"] < 0 else formats.count(number)

    def then(row: Row) -> str:
        after = f", then {markdown.plain(row['followed_by'])}" if row["followed_by"] else ""
        return markdown.plain(row["agreement_ref"]) + after

    return (
        Column("Ends", "days_left", shown=_ends, only="page"),
        Column("Recipient", "recipient_id", shown=lambda row: names.written(page.ref, "recipient_id", row["recipient_id"])),
        Column("Agreement", "agreement_ref", shown=then),
        Column("Followed by", "followed_by", only="file"),
        Column("Last day", "last_day"),
        Column("Days left", "days_left", only="file"),
        Column("Safeguard", lambda row: labels.sentence(row["transfer_mechanism"]) or "None named"),
        Column(f"Disclosures, {page.period.label}", lambda row: of(row, "disclosures"), shown=without),
        Column("Without an agreement", lambda row: of(row, "agreement"), only="file"),
    )


def _ends(row: Row) -> str:
    left = row["days_left"]
    when = f"{formats.days(-left)} ago" if left < 0 else "Today" if left == 0 else f"In {formats.days(left)}"
    colour, icon = ("red", "cancel") if left < 0 else ("gray", "check_circle") if row["followed_by"] else ("yellow", "schedule")
    return f":{colour}-badge[:material/{icon}: {when}]"
