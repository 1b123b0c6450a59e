"""The two sides of a comparison: periods of one snapshot, or snapshots of one period, as the address names them.

Here: what may be compared, and what is. Not here: drawing it (page.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards import parameters, snapshots
from dashboards.data import changes as data
from dashboards.data import metrics
from dashboards.page import Page, default_period
from dashboards.snapshots import Ref
from promisekept.assessment.changes import Assessment
from promisekept.presentation.periods import Period

MODES = {"periods": "Periods", "snapshots": "Snapshots"}


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: a snapshot, a period, and what it is called."""

    ref: Ref
    period: Period
    label: str

    def assessed(self) -> Assessment:
        """Its promises."""
        return data.assessment(self.ref, self.period, self.label)


@dataclass(frozen=True)
class ComparisonChoice:
    """What may be compared, newest first by the value in the address, and what the address chose."""

    mode: str
    sides: dict[str, Side]
    base: str
    now: str


def chosen(page: Page) -> ComparisonChoice:
    """The sides that the address names, by default this quarter and the one before, or this snapshot and the one before."""
    mode = parameters.one("mode", MODES, "periods") or "periods"
    if mode == "periods":
        begun = [period for period in metrics.known_periods(page.ref) if period.start and period.start <= page.today]
        sides = {period.code: Side(page.ref, period, period.label) for period in begun}
        now = parameters.one("with", sides, default_period(page.today).code) or ""
        before = sides[now].period.before if now in sides else None
        base = parameters.one("base", sides, before.code if before else None) or ""
        return ComparisonChoice(mode, sides, base, now)
    ids = snapshots.ids(page.ref)
    sides = {name: Side(Ref(page.ref.home, name), page.period, f"snapshot {name}") for name in ids}
    now = parameters.one("with", ids, page.ref.id) or ""
    earlier = [name for name in ids if snapshots.sequence(name) < snapshots.sequence(now)]
    base = parameters.one("base", ids, next(iter(earlier), None)) or ""
    return ComparisonChoice(mode, sides, base, now)


def address(page: Page, side: Side) -> dict[str, str]:
    """What a link to a page of that side carries."""
    pinned = {"snapshot": side.ref.id} if side.ref.id != page.snapshot.current else {}
    return pinned | {"period": side.period.code}
