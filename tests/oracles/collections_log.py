"""Independent engine for one collection: the notice, the data categories and the version of the policy.

Here: the checks of one row, with the register of categories and the versions of the policy. Nothing is shared with the SQL.
Not here: when a version of the policy was in force (policies.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then
from oracles.policies import began, holds

RECORDED = (
    *("event_id", "subject_key", "collection_type", "feature", "data_categories", "purpose_code", "jurisdiction"),
    *("occurred_at", "notice_shown_at", "notice_id", "policy_version", "notice_exemption"),
)


@dataclass(frozen=True)
class Listed:
    """A row of the pack's register of categories or purposes: in force from a day, up to and without another."""

    code: str
    valid_from: date | None = None
    valid_to: date | None = None

    def on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day >= self.valid_to)


def evaluate(
    row: dict[str, Any],
    register: Iterable[Listed] | None,
    purposes: Iterable[Listed] | None,
    versions: list[dict[str, Any]],
    as_of: datetime,
    zone: str = "Europe/Dublin",
) -> dict[str, Any] | None:
    """Evaluate one collection.

    Args:
        row: as landed.
        register: of data categories; None = the pack has no such file.
        purposes: likewise.
        versions: the policy's versions as of that moment, from policies.py.
        as_of: when one looks.
        zone: the organisation's.

    Returns:
        Its row by column, without what leads back to a batch; None if it had not happened.
    """
    if not by_then([row], as_of):
        return None
    day = row["occurred_at"].astimezone(ZoneInfo(zone)).date()
    unlisted = None
    if register is not None:
        listed = {one.code for one in register if one.on(day)}
        unlisted = sorted(set(row["data_categories"]) - listed)
    return {name: row.get(name) for name in RECORDED} | {
        "occurred_date": day,
        "ok_notice": was_notified(row, versions),
        "ok_purpose": None if purposes is None else any(one.code == row["purpose_code"] and one.on(day) for one in purposes),
        "unlisted_categories": unlisted,
        "ok_categories": None if unlisted is None else not unlisted,
        "ok_policy_version": policy_held(row, versions),
    }


def was_notified(row: dict[str, Any], versions: list[dict[str, Any]]) -> bool | None:
    """Whether a notice of a policy in force came no later than the collection; no question where a notice was excused."""
    if row.get("notice_exemption"):
        return None
    shown, first = row.get("notice_shown_at"), began(versions)
    if shown is None or shown > row["occurred_at"]:
        return False
    if first is None:
        return True
    return bool(policy_held(row, versions)) if row.get("policy_version") else shown >= first


def policy_held(row: dict[str, Any], versions: list[dict[str, Any]]) -> bool | None:
    """Whether the version that the person was shown was in force at that time, according to any source."""
    if not row.get("policy_version") or not versions:
        return None
    when = row.get("notice_shown_at") or row["occurred_at"]
    return any(
        holds(version["effective_at"], version["superseded_at"], when)
        for version in versions
        if version["policy_version"] == row["policy_version"]
    )
