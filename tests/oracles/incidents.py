"""Independent engine for one incident: its due instants and its notifications.

Here: the row of one incident, from its own events and the rules of places, from the words of the contract: every period runs from
the detection, and nothing is due where there is no risk or no such law. Days are counted one by one. Nothing is shared with the
SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then

IN_ORDER = ("occurred", "detected", "contained", "assessed_no_risk", "authority_notified", "subjects_notified", "closed")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EEA = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU"),
    *("LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
}


@dataclass(frozen=True)
class Rule:
    """Who must be notified, and in what time; `holidays` are days that are none of its working days."""

    place: str
    whom: str
    n: int
    unit: str
    holidays: Collection[date] = ()
    more_than: int | None = None
    valid_from: date = date.min
    valid_to: date = date.max
    citation: str | None = None
    after_persons: bool = False

    def due(self, detected: datetime, zone: str) -> datetime:
        """The last instant in time."""
        if self.unit == "hour":
            return detected + self.n * HOUR
        day, left = local_date(detected, zone), self.n
        while left:
            day += DAY
            left -= self.unit == "day" or (day.weekday() < 5 and day not in self.holidays)
        return datetime.combine(day + DAY, time(0), ZoneInfo(zone)).astimezone(UTC) - timedelta(microseconds=1)


def evaluate(
    events: list[dict[str, Any]], rules: Iterable[Rule], as_of: datetime, zone: str = "Europe/Dublin", many: int = 500
) -> dict[str, Any] | None:
    """Evaluate one incident.

    Args:
        events: every row about it, whenever it happened.
        rules: as the pack writes them.
        as_of: when one looks.
        zone: the organisation's.
        many: above how many persons nobody takes an assessment of no risk on trust.

    Returns:
        Its row by column, without what leads back to a batch; None if nobody had detected it.
    """
    known = sorted(
        by_then(events, as_of), key=lambda event: (event["occurred_at"], IN_ORDER.index(event["event_type"]), event["event_id"])
    )
    first: dict[str, dict[str, Any]] = {}
    for event in known:
        first.setdefault(event["event_type"], event)
    if "detected" not in first:
        return None
    at = {kind: first[kind]["occurred_at"] if kind in first else None for kind in IN_ORDER}
    detected = first["detected"]
    affected = [event["affected_subjects"] for event in known if event.get("affected_subjects") is not None]
    number = affected[-1] if affected else None
    local = local_date(detected["occurred_at"], zone)
    rules = list(rules)
    ours = {whom: governing(rules, whom, detected["jurisdiction"], local, number) for whom in ("authority", "persons")}
    due = {whom: rule and rule.due(detected["occurred_at"], zone) for whom, rule in ours.items()}
    if ours["authority"] and ours["authority"].after_persons:
        begins = min((start for start in (at["subjects_notified"], due["persons"]) if start), default=None)
        due["authority"] = begins and ours["authority"].due(max(begins, detected["occurred_at"]), zone)
        ours["authority"] = ours["authority"] if begins else None
    notified, harmless = at["authority_notified"], at["assessed_no_risk"]
    status = _status(due["authority"], notified, harmless, as_of)
    return {
        "incident_id": detected["incident_id"],
        "event_id": detected["event_id"],
        "incident_type": detected["incident_type"],
        "jurisdiction": detected["jurisdiction"],
        "occurred_at": at["occurred"],
        "detected_at": detected["occurred_at"],
        "detected_date": local,
        "contained_at": at["contained"],
        "assessed_no_risk_at": harmless,
        "authority_notified_at": notified,
        "subjects_notified_at": at["subjects_notified"],
        "closed_at": at["closed"],
        "affected_subjects": number,
        "authority_hours": None if notified is None else (notified - detected["occurred_at"]) / HOUR,
        "authority_due_hours": ours["authority"].n if ours["authority"] and ours["authority"].unit == "hour" else None,
        **{f"{whom}_due_at": due[whom] for whom in due},
        **{f"{whom}_period_n": rule and rule.n for whom, rule in ours.items()},
        **{f"{whom}_period_unit": rule and rule.unit for whom, rule in ours.items()},
        **{f"{whom}_citation": rule and rule.citation for whom, rule in ours.items()},
        **_persons(known, due["persons"], as_of, many),
        "status": status,
        "on_time": {"on_time": True, "late": False, "open_overdue": False}.get(status),
        "not_required": harmless is not None,
        "no_risk_for_many": bool(
            harmless
            and any(due.values())
            and (number is None or number > many)
            and not (notified and due["authority"] and notified <= due["authority"])
        ),
        "assessed_overdue": bool(
            due["authority"] and harmless and harmless > due["authority"] and not (notified and notified <= due["authority"])
        ),
    }


def _persons(known: list[dict[str, Any]], due: datetime | None, as_of: datetime, many: int) -> dict[str, Any]:
    """Whether the persons were notified, and what gives reason to doubt it; `known` in the order in which it happened."""

    def first(kind: str) -> datetime | None:
        return next((event["occurred_at"] for event in known if event["event_type"] == kind), None)

    detected, letter, harmless = first("detected"), first("subjects_notified"), first("assessed_no_risk")
    status = _status(due, letter, harmless, as_of)
    row: dict[str, Any] = {"persons_status": status, "persons_doubt": None, "persons_notified_in_time": None}
    if due is None or detected is None:
        return row
    letters = [event for event in known if event["event_type"] == "subjects_notified" and event["occurred_at"] <= due]
    reached = [event.get("affected_subjects") for event in letters]
    if letters and None not in reached:
        row["persons_notified_in_time"] = sum(number for number in reached if number is not None)
    numbers = [(event["event_type"], number) for event in known if (number := event.get("affected_subjects")) is not None]
    elsewhere = [number for kind, number in numbers if kind != "subjects_notified"]
    if status == "not_required" and harmless is not None and not (letter and detected <= letter <= due):
        if harmless > due:
            row["persons_doubt"] = "assessed_overdue"
        elif not numbers or numbers[-1][1] > many:
            row["persons_doubt"] = "no_risk_for_many"
        elif harmless < detected:
            row["persons_doubt"] = "before_detection"
    if status == "on_time" and letter is not None:
        if letter < detected:
            row["persons_doubt"] = "before_detection"
        elif row["persons_notified_in_time"] is not None and elsewhere and row["persons_notified_in_time"] < elsewhere[-1]:
            row["persons_doubt"] = "in_part"
    return row


def _status(due: datetime | None, notified: datetime | None, harmless: datetime | None, as_of: datetime) -> str:
    if due is None:
        return "nothing_due"
    if harmless is not None:
        return "not_required"
    if notified is not None:
        return "late" if notified > due else "on_time"
    return "open_overdue" if as_of > due else "open_in_time"


def governing(rules: Iterable[Rule], whom: str, place: str, day: date, number: int | None) -> Rule | None:
    """The place's own rule in force, else that of the EEA where it is a member, else those of its country."""
    fitting = [
        rule
        for rule in rules
        if rule.whom == whom
        and rule.valid_from <= day < rule.valid_to
        and (rule.more_than is None or number is None or number > rule.more_than)
    ]
    country, dash, _ = place.partition("-")
    for asked in (place, country) if dash and country != "ZZ" else (place,):
        for name in (asked, "EEA") if asked in EEA else (asked,):
            for rule in fitting:
                if rule.place == name:
                    return rule
    return None


def local_date(instant: datetime, zone: str) -> date:
    """The date that people in that zone write on the instant."""
    return instant.astimezone(ZoneInfo(zone)).date()
