"""One place for every code that a reader sees: its word, its shape and its colour.

Here: the vocabulary that screen, table and chart share. Not here: sentences of a page (views/), how numbers and dates are
written (notation.py). A code without a word here is shown as it is, with spaces for underscores.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from promisekept.vocabulary import KEPT, ORIGINS, RIGHTS, VERDICTS

__all__ = ["KEPT", "ORIGINS", "RIGHTS"]  # shared with the report and the command line


@dataclass(frozen=True, slots=True)
class Word:
    """A code in a reader's words. `icon` goes into badges, `glyph` into table cells, `colour` is a theme colour."""

    code: str
    text: str
    icon: str
    glyph: str
    colour: str

    @property
    def cell(self) -> str:
        """Shape and word, for a table cell."""
        return f"{self.glyph} {self.text}"

    def badge(self, text: str | None = None) -> str:
        """Markdown of a badge with this code's colour and shape; `text` must be plain already."""
        return f":{self.colour}-badge[:material/{self.icon}: {text or self.text}]"


def _vocabulary(*rows: tuple[str, str, str, str, str]) -> Mapping[str, Word]:
    return {row[0]: Word(*row) for row in rows}


_VERDICTS = {
    "missed": ("cancel", "✕", "red"),
    "insufficient_evidence": ("help", "?", "yellow"),
    "met_on_main_reading": ("check_circle", "◐", "yellow"),
    "met_within_tolerance": ("check_circle", "◉", "green"),
    "manual": ("person_edit", "✎", "violet"),
    "not_yet_due": ("schedule", "○", "blue"),
    "not_applicable": ("remove", "–", "gray"),  # noqa: RUF001 - the dash is the shape
    "met": ("check_circle", "●", "green"),
}
PROMISES = _vocabulary(*((code, text, *_VERDICTS[code]) for code, text in VERDICTS.items()))
REQUESTS = _vocabulary(
    ("closed_on_time", "Closed on time", "check_circle", "●", "green"),
    ("closed_late", "Closed late", "cancel", "✕", "red"),
    ("open_in_time", "Open, in time", "radio_button_unchecked", "○", "blue"),
    ("paused", "Paused", "pause_circle", "‖", "gray"),
    ("open_overdue", "Overdue", "error", "▲", "red"),
    ("no_deadline", "No deadline", "remove", "–", "gray"),  # noqa: RUF001
    ("no_rule", "No rule", "help", "?", "yellow"),
    ("excluded", "Excluded", "block", "∅", "gray"),
    ("due_soon", "Due soon", "schedule", "△", "yellow"),
)
SEVERITIES = _vocabulary(
    ("high", "High", "priority_high", "▲", "red"),
    ("medium", "Medium", "drag_handle", "◆", "yellow"),
    ("low", "Low", "arrow_downward", "▽", "gray"),
)
CHECKS = _vocabulary(
    ("passed", "Passed", "check_circle", "●", "green"),
    ("failed", "Failed", "cancel", "✕", "red"),
    ("not_configured", "No source", "remove", "–", "gray"),  # noqa: RUF001
    ("fresh", "Fresh", "check_circle", "●", "green"),
    ("stale", "Stale", "history", "△", "yellow"),
    ("unknown", "Not stated", "help", "?", "gray"),
)
RECORDS = _vocabulary(
    ("over_retained", "Kept too long", "cancel", "✕", "red"),
    ("due_soon", "Due soon", "schedule", "△", "yellow"),
    ("within_period", "Within its period", "radio_button_unchecked", "○", "blue"),
    ("not_started", "Not started", "schedule", "○", "blue"),
    ("on_hold", "On hold", "pause_circle", "‖", "gray"),
    ("unscheduled", "No schedule", "help", "?", "yellow"),
    ("deleted_on_time", "Deleted on time", "check_circle", "●", "green"),
    ("deleted_late", "Deleted late", "cancel", "✕", "red"),
    ("deleted_early", "Deleted too early", "cancel", "✕", "red"),
    ("deleted_under_hold", "Deleted under a hold", "cancel", "✕", "red"),
    ("reappeared", "Came back", "cancel", "✕", "red"),
)
INCIDENTS = _vocabulary(
    ("open_overdue", "Overdue", "error", "▲", "red"),
    ("open_in_time", "Clock runs", "schedule", "△", "yellow"),
    ("late", "Notified late", "cancel", "✕", "red"),
    ("on_time", "Notified in time", "check_circle", "●", "green"),
    ("not_required", "Not required", "remove", "–", "gray"),  # noqa: RUF001
    ("nothing_due", "Nothing due", "remove", "–", "gray"),  # noqa: RUF001
)
NOTICES = _vocabulary(
    ("missed", "Told too late", "cancel", "✕", "red"),
    ("met", "Told before effect", "check_circle", "●", "green"),
    ("open", "Not in effect yet", "schedule", "○", "blue"),
    ("minor", "Not material", "remove", "–", "gray"),  # noqa: RUF001
    ("unknown", "No audience stated", "help", "?", "yellow"),
)

WITHDRAWALS = _vocabulary(
    ("unconfirmed", "Not confirmed", "error", "▲", "red"),
    ("given_again", "Given again", "remove", "–", "gray"),  # noqa: RUF001
    ("pending", "Still in time", "radio_button_unchecked", "○", "blue"),
    ("confirmed", "Confirmed late", "cancel", "✕", "red"),
)
BUNDLES = _vocabulary(
    ("rejected", "Rejected", "gpp_bad", "✕", "red"),
    ("unlogged", "Not in the export log", "help", "?", "red"),
    ("restated", "Restated since", "history", "△", "yellow"),
    ("verified", "Verified", "check_circle", "●", "green"),
    ("released", "Released", "approval", "◆", "blue"),
    ("draft", "Draft", "draft", "○", "gray"),
)

_CHECK = re.compile(r"^(?:.*: )?(?P<type>expect_\w+)(?: \((?P<column>\w+)\))?$")
NOT_ASSESSABLE = ("insufficient_evidence", "manual")
NOTHING_YET = ("not_yet_due", "not_applicable")

CHANNELS = {
    "email": "E-mail",
    "mail": "Mail",
    "web_form": "Web form",
    "phone": "Phone",
    "in_app": "In the app",
    "in_person": "In person",
    "agent": "Agent",
}
CAUSES = {
    "conflicting_versions": "Conflicting versions of one event",
    "extension_late": "Extension notice came late",
    "extension_not_permitted": "Extension not permitted",
    "pause_not_permitted": "Pause not permitted",
    "clock_stands": "Waits for the person",
    "without_rule": "No rule found",
    "not_due": "Not due yet",
    "not_acknowledged": "Not acknowledged either",
    "no_answer": "No answer recorded",
}
UNPROVABLE = {
    "nothing_recorded": "Neither notice nor policy version recorded",
    "no_version": "No policy version recorded",
    "no_notice": "No notice recorded",
    "not_in_force": "Policy version not in force that day",
    "unknown_version": "Policy version that no log knows",
}
RECIPIENT_KINDS = {
    "service_provider": "Service provider",
    "legal_authority": "Legal authority",
    "consented_party": "Consented party",
    "other_authorised": "Otherwise authorised",
    "not_listed": "In no register",
}
DISCLOSURE_CHECKS = {
    "recipient": "Recipient",
    "reason": "Reason",
    "agreement": "Agreement",
    "consent": "Consent",
    "authority": "Authority",
    "categories": "Categories",
    "purpose": "Purpose",
    "transfer": "Transfer",
    "no_sale": "No sale",
    "told": "Told",
    "not_stopped": "Not stopped",
}
OPERATORS = {">=": "≥", "<=": "≤", "=": "="}
RESTATED_BY = {
    "late_rows": "Late rows",
    "correction": "Correction",
    "later_event": "Later event",
    "conflict": "Contradiction",
    "pack": "Policy pack",
    "law": "Law",
    "code": "Program",
    "retired": "No longer kept",
}
EXPORTS = {"csv": "CSV", "bundle": "Bundle", "download": "Download"}
AUDIENCES = {"regulator": "Regulator", "auditor": "Auditor", "public": "Public"}
_ROWS_TOO = (
    "figures, definitions, findings, the rows and events behind them; people and cases under pseudonyms unique to this bundle."
)
BUNDLES_HOLD = {
    "regulator": f"Regulator: {_ROWS_TOO}",
    "auditor": f"Auditor: {_ROWS_TOO} Small cells are kept.",
    "public": "Public: figures and definitions only; small cells are hidden, and what would give them away.",
}


def say(table: Mapping[str, str], code: str | None) -> str:
    """The word for a code, or the code with spaces; a null code is a dash."""
    if code is None:
        return "–"  # noqa: RUF001
    return table.get(code) or code.replace("_", " ")


def sentence(code: str | None) -> str:
    """A code that has no vocabulary of its own, as the beginning of a sentence."""
    text = (code or "").replace("_", " ").strip()
    return text[:1].upper() + text[1:]


@cache
def _places() -> Mapping[str, str]:
    with (Path(__file__).parent / "places.csv").open(encoding="utf-8", newline="") as file:
        return {row["jurisdiction"]: row["name"] for row in csv.DictReader(file)}


def place(code: str | None) -> str:
    """The name of a jurisdiction, or its code where it has none here."""
    return say(_places(), code) if code in _places() else (code or "–")  # noqa: RUF001


_DIMENSIONS = {"right_type": RIGHTS, "channel": CHANNELS}


def value(dimension: str, code: str) -> str:
    """A value of a dimension in words."""
    return place(code) if dimension == "jurisdiction" else say(_DIMENSIONS.get(dimension, {}), code)


def refusal(reason: str, column: str | None) -> str:
    """Why a row was refused, and for which column."""
    return sentence(reason) + (f": {column.replace('_', ' ')}" if column else "")


def check(code: str) -> str:
    """What a check asks, from the name of its expectation, with its column where the name brings one."""
    match = _CHECK.match(code)
    if match is None:
        return sentence(code)
    asked = match["type"].removeprefix("expect_").removeprefix("column_").removeprefix("table_")
    column = f" ({match['column'].replace('_', ' ')})" if match["column"] else ""
    return sentence(asked.replace("_to_", "_").replace("_be_", "_")) + column
