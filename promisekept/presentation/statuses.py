"""The label, glyph and colour of each status: the only table of them, for pages, report and command line.

Here: codes of which a reader sees at a glance whether all is well. Not here: labels without a glyph (labels.py). Every glyph of a
verdict is in the fonts of the report, so that a verdict has one glyph on every surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A code as a reader sees it.

    Attributes:
        code: as the marts hold it.
        text: its label.
        icon: a Material symbol, for badges.
        glyph: its shape, for tables.
        colour: of the theme.
        brief: the label where a column is narrow; empty where the label is short.
    """

    code: str
    text: str
    icon: str
    glyph: str
    colour: str
    brief: str = ""

    @property
    def cell(self) -> str:
        """Glyph and label."""
        return f"{self.glyph} {self.text}"

    @property
    def narrow_cell(self) -> str:
        """Glyph and the shortest label, for the column of a table."""
        return f"{self.glyph} {self.brief or self.text}"

    def badge(self, text: str | None = None) -> str:
        """Markdown of a badge with this status's colour and icon; `text` must be plain already."""
        return f":{self.colour}-badge[:material/{self.icon}: {text or self.text}]"


def _statuses(*rows: tuple[str, ...]) -> Mapping[str, Status]:
    return {row[0]: Status(*row) for row in rows}


VERDICTS = _statuses(
    ("missed", "Missed", "cancel", "■", "red"),
    ("insufficient_evidence", "Not assessable", "help", "△", "yellow"),
    ("met_on_main_reading", "Kept (standard interpretation only)", "check_circle", "◊", "yellow", "Kept (standard only)"),
    ("met_within_tolerance", "Kept within tolerance", "check_circle", "◉", "green"),
    ("manual", "Manual assessment", "person_edit", "□", "violet"),
    ("not_yet_due", "Not yet due", "schedule", "○", "blue"),
    ("not_applicable", "No case", "remove", "–", "gray"),  # noqa: RUF001 - the dash is the glyph
    ("met", "Kept", "check_circle", "●", "green"),
)
"""Worst first: the verdict of a promise is the first that one of its controls has."""

KEPT = ("met", "met_within_tolerance", "met_on_main_reading")
NOT_ASSESSABLE = ("insufficient_evidence", "manual")
NOT_YET_MEASURABLE = ("not_yet_due", "not_applicable")


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """Verdicts that are counted together: what the figure is called, and which they are."""

    text: str
    codes: tuple[str, ...]


VERDICT_GROUPS: Mapping[str, VerdictGroup] = {
    "kept": VerdictGroup("Kept", KEPT),
    "missed": VerdictGroup("Missed", ("missed",)),
    "not_assessable": VerdictGroup("Not assessable", NOT_ASSESSABLE),
    "not_measurable": VerdictGroup("Not yet measurable", NOT_YET_MEASURABLE),
}
"""The four figures that add up to every promise."""

CHANGES = _statuses(
    ("newly_missed", "Newly missed", "cancel", "■", "red"),
    ("less_certain", "Kept, less certain", "trending_down", "▽", "yellow"),
    ("no_longer_assessable", "No longer assessable", "visibility_off", "△", "yellow"),
    ("now_kept", "Now kept", "check_circle", "●", "green"),
    ("more_certain", "Kept, more certain", "trending_up", "▲", "green"),
    ("assessable_again", "Assessable again", "visibility", "◆", "blue"),
    ("without_case", "Other", "remove", "○", "gray"),
)
"""What became of a verdict, what is worst first: worse, evidence lost, better, evidence arrived, and neither."""

CHANGE_REASONS = _statuses(
    ("more_cases", "More cases", "add_circle", "▲", "red"),
    ("fewer_cases", "Fewer cases", "do_not_disturb_on", "▽", "green"),
    ("other_rate", "Other rate", "percent", "◆", "gray"),
    ("evidence_lost", "Evidence lost", "visibility_off", "△", "yellow"),
    ("evidence_arrived", "Evidence arrived", "visibility", "○", "blue"),
    ("other_rule", "Target or rule changed", "gavel", "□", "gray"),
    ("corrected", "Corrected by a later version", "history", "◊", "gray"),
)
"""Why a verdict changed: a closed list."""

REQUESTS = _statuses(
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
WATERFALL = ("closed_on_time", "closed_late", "open_in_time", "paused", "open_overdue", "no_deadline", "no_rule", "excluded")
"""The order in which the parts of a population of requests stand."""

SEVERITIES = _statuses(
    ("high", "High", "priority_high", "▲", "red"),
    ("medium", "Medium", "drag_handle", "◆", "yellow"),
    ("low", "Low", "arrow_downward", "▽", "gray"),
)
REMEDIATIONS = _statuses(
    ("overdue", "Overdue", "error", "▲", "red"),
    ("reopened", "Reopened", "undo", "↺", "orange"),
    ("unassigned", "Not assigned", "radio_button_unchecked", "○", "gray"),
    ("assigned", "Assigned", "person", "▸", "blue"),
    ("accepted", "Accepted", "gavel", "◇", "violet"),
    ("resolved", "Resolved", "task_alt", "●", "green"),
)
"""What is done about a group of findings; open are all but accepted and resolved."""
PENDING = Status("pending", "Pending", "pending", "◌", "blue")
"""Stands beside the state of a group about which something is recorded that the next snapshot has."""

CHECKS = _statuses(
    ("passed", "Passed", "check_circle", "●", "green"),
    ("failed", "Failed", "cancel", "✕", "red"),
    ("not_configured", "No source", "remove", "–", "gray"),  # noqa: RUF001
    ("fresh", "Fresh", "check_circle", "●", "green"),
    ("stale", "Stale", "history", "△", "yellow"),
    ("unread", "Could not be read", "cloud_off", "✕", "red"),
    ("unknown", "No delivery schedule configured", "help", "?", "gray"),
)
RECORDS = _statuses(
    ("over_retained", "Retained beyond schedule", "cancel", "✕", "red"),
    ("due_soon", "Due soon", "schedule", "△", "yellow"),
    ("within_period", "Within its period", "radio_button_unchecked", "○", "blue"),
    ("not_started", "Not started", "schedule", "○", "blue"),
    ("on_hold", "On hold", "pause_circle", "‖", "gray"),
    ("unscheduled", "No schedule", "help", "?", "yellow"),
    ("deleted_on_time", "Deleted on time", "check_circle", "●", "green"),
    ("deleted_late", "Deleted late", "cancel", "✕", "red"),
    ("deleted_early", "Deleted too early", "cancel", "✕", "red"),
    ("deleted_under_hold", "Deleted under a hold", "cancel", "✕", "red"),
    ("reappeared", "Reappeared after deletion", "cancel", "✕", "red"),
)
INCIDENTS = _statuses(
    ("open_overdue", "Overdue", "error", "▲", "red"),
    ("open_in_time", "Deadline running", "schedule", "△", "yellow"),
    ("late", "Notified late", "cancel", "✕", "red"),
    ("on_time", "Notified in time", "check_circle", "●", "green"),
    ("not_required", "Not required", "remove", "–", "gray"),  # noqa: RUF001
    ("nothing_due", "Nothing due", "remove", "–", "gray"),  # noqa: RUF001
)
NOTICES = _statuses(
    ("missed", "Notified late", "cancel", "✕", "red"),
    ("met", "Notified before effect", "check_circle", "●", "green"),
    ("open", "Not in effect yet", "schedule", "○", "blue"),
    ("minor", "Not material", "remove", "–", "gray"),  # noqa: RUF001
    ("unknown", "No audience recorded", "help", "?", "yellow"),
)
WITHDRAWALS = _statuses(
    ("unconfirmed", "Not confirmed", "error", "▲", "red"),
    ("given_again", "Given again", "remove", "–", "gray"),  # noqa: RUF001
    ("pending", "Still in time", "radio_button_unchecked", "○", "blue"),
    ("confirmed", "Confirmed late", "cancel", "✕", "red"),
)
BUNDLES = _statuses(
    ("rejected", "Rejected", "gpp_bad", "✕", "red"),
    ("unlogged", "Not in the export log", "help", "?", "red"),
    ("restated", "Restated since", "history", "△", "yellow"),
    ("verified", "Verified", "check_circle", "●", "green"),
    ("released", "Released", "approval", "◆", "blue"),
    ("draft", "Draft", "draft", "○", "gray"),
)
