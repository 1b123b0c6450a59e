"""What one page run stands on, and which pages there are.

Here: the `Page` that a view and its fragments are given, the list of pages. Not here: drawing (layout.py, snapshot_line.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboards.data.request_filters import SnapshotDate
from dashboards.snapshots import Ref, Snapshot
from promisekept.presentation import periods
from promisekept.presentation.periods import Period

PAGES = {
    "Today": (
        ("views/overview/page.py", "Overview", "dashboard", ""),
        ("views/findings/page.py", "Findings", "checklist", "findings"),
        ("views/compare/page.py", "Compare", "compare", "compare"),
    ),
    "Practice": (
        ("views/requests/page.py", "Requests", "mail", "requests"),
        ("views/consent/page.py", "Consent", "handshake", "consent"),
        ("views/sharing/page.py", "Sharing", "share", "sharing"),
        ("views/retention/page.py", "Retention", "auto_delete", "retention"),
        ("views/collection/page.py", "Collection", "input", "collection"),
        ("views/incidents/page.py", "Incidents", "emergency", "incidents"),
        ("views/policy/page.py", "Policy changes", "contract_edit", "policy"),
    ),
    "Proof": (
        ("views/traceability/page.py", "Traceability", "account_tree", "traceability"),
        ("views/quality/page.py", "Data quality", "verified", "quality"),
        ("views/restatements/page.py", "Restatements", "difference", "restatements"),
        ("views/evidence/page.py", "Evidence", "inventory_2", "evidence"),
    ),
}
"""Group -> (file, name, icon, path). Only what exists is listed, so no link is dead."""
SET_UP = ("views/add/page.py", "Add a source", "add_circle", "add")
"""The page that writes into the project: for whoever sits at this machine, and only where a project is open."""


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
    def moment(self) -> SnapshotDate:
        """The snapshot's as_of and zone, for questions about days that are left."""
        return SnapshotDate(self.snapshot.as_of, self.snapshot.zone)

    @property
    def carried(self) -> dict[str, str]:
        """What a link to another page takes along."""
        pinned = {"snapshot": self.ref.id} if self.snapshot.pinned else {}
        return pinned | ({"period": self.period.code} if self.period != default_period(self.today) else {})


def default_period(today: date) -> Period:
    """The quarter that as_of lies in."""
    return periods.containing(today, "quarter")


def file_of(title: str) -> str:
    """The file of a page."""
    return next(file for members in PAGES.values() for file, name, _, _ in members if name == title)


def title_path(title: str) -> str:
    """The path of a page."""
    return "/" + next(path for members in PAGES.values() for _, name, _, path in members if name == title)
