"""Independent engine for one (request, right): a value for every column that the deadline rules define.

Here: start, notice, waits, states and the strict interpretation, from the words of the statute. Not here: the order of events
(events.py), adding pause days to a period (clock.py), finding a rule (law.py). Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.calendars import Calendar
from oracles.clock import Period, Wait, add, roll, walk
from oracles.events import ANSWERS, QUESTIONS, Event, Place, Unit, unit_of, waits_of
from oracles.law import Law, Rule


@dataclass(frozen=True)
class Verdict:
    """Everything that is published about one (request, right)."""

    received_date: date
    rule_id: str | None = None
    regime_code: str | None = None
    rule_confidence: str | None = None
    start_date: date | None = None
    base_due_date: date | None = None
    due_date: date | None = None
    conservative_due_date: date | None = None
    paused_days: int | None = None
    unpermitted_pause_days: int | None = None
    extension_status: str | None = None
    acknowledged_date: date | None = None
    ack_due_date: date | None = None
    ack_status: str | None = None
    closed_date: date | None = None
    closed_while_paused: bool = False
    outcome: str | None = None
    denial_reason: str | None = None
    status: str = ""
    exclusion_reason: str | None = None
    withdrawn_overdue: bool = False
    due_soon: bool = False
    days_to_close: int | None = None
    days_open: int | None = None
    days_overdue: int | None = None
    declared_due_date: date | None = None
    declared_differs: bool | None = None
    strict_status: str = ""
    paused_since: date | None = None
    answer_recorded_late: bool = False
    forwarding_due_date: date | None = None
    forwarding_status: str | None = None
    extension_reason: str | None = None
    due_date_if_resumed: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """The verdict by column name."""
        return asdict(self)


@dataclass(frozen=True)
class _Clock:
    """The clock of one unit: when it began, what it waited for, when it ends."""

    start: date | None = None
    base: date | None = None
    due: date | None = None
    conservative: date | None = None
    conservative_refusal: date | None = None
    given_back: frozenset[date] = frozenset()
    counted: tuple[Wait, ...] = ()
    uncounted: tuple[Wait, ...] = ()
    extension_status: str = "none"
    no_deadline: bool = field(default=False)


def evaluate(
    events: Iterable[Event], right_type: str, place: Place, law: Law, as_of: datetime, due_soon_days: int = 7
) -> Verdict | None:
    """Evaluate one right of one request.

    Args:
        events: all events of the request, of every right, in any order.
        right_type: the right to assess.
        place: regime, calendar and zone of the person's place.
        law: rules and calendars.
        as_of: what happened after it is not known.
        due_soon_days: from how many days before the due date a request is due soon.

    Returns:
        The verdict, or None where the right had not been received by then.
    """
    events = tuple(events)
    unit = unit_of(events, right_type, ZoneInfo(place.time_zone), as_of)
    if unit is None:
        return None
    today = as_of.astimezone(ZoneInfo(place.time_zone)).date()
    first = unit.places("received")[0]
    received = unit.dates[first]
    place = place.on(received)
    regime = unit.events[first].regime_code or place.regime_code
    rule = law.rule_for(regime, right_type, received)
    calendar = law.calendars.get((place.calendar or "") if rule is None or rule.calendar == "CONTROLLER" else rule.calendar)
    if rule is not None and rule.needs_calendar and calendar is None:
        rule = None
    declared = _declared(unit, ZoneInfo(place.time_zone))
    clock = _run_clock(unit, rule, received, calendar, declared)
    closing = _closing(unit)
    closed = unit.dates[closing] if closing is not None else None
    exclusion, exclusion_place = _exclusion(unit, first)
    paused_at_closing = closing is not None and any(wait.holds_at(closing) for wait in clock.counted)
    status = _status(rule, clock, exclusion, closed, clock.due, paused_at_closing, today)
    is_open = status in ("paused", "open_in_time", "open_overdue") or (status in ("no_rule", "no_deadline") and closed is None)
    outcome = unit.events[closing].event_type if closing is not None else None
    ack = _acknowledgement(unit, rule, received, calendar, today)
    resumed = (
        evaluate([*events, *_answers(unit, right_type, as_of)], right_type, place, law, as_of) if status == "paused" else None
    )
    return Verdict(
        received_date=received,
        rule_id=rule.rule_id if rule else None,
        regime_code=regime,
        rule_confidence=rule.confidence if rule else None,
        start_date=clock.start,
        base_due_date=clock.base,
        due_date=clock.due,
        conservative_due_date=clock.conservative,
        paused_days=resumed.paused_days if resumed else len(clock.given_back),
        due_date_if_resumed=resumed.due_date if resumed else None,
        unpermitted_pause_days=_days_of_waits(clock.uncounted, closed, today),
        extension_status=clock.extension_status,
        closed_date=closed,
        closed_while_paused=status in ("closed_on_time", "closed_late") and paused_at_closing,
        outcome=outcome,
        denial_reason=unit.events[closing].reason_code if closing is not None and outcome == "denied" else None,
        status=status,
        exclusion_reason=exclusion,
        withdrawn_overdue=exclusion == "withdrawn"
        and clock.due is not None
        and exclusion_place is not None
        and unit.dates[exclusion_place] > clock.due,
        due_soon=status == "open_in_time" and clock.due is not None and today >= clock.due - timedelta(days=due_soon_days),
        days_to_close=(closed - received).days if closed is not None else None,
        days_open=(today - received).days if is_open else None,
        days_overdue=None
        if clock.due is None or status in ("excluded", "no_rule", "no_deadline")
        else max(((closed or today) - clock.due).days, 0),
        declared_due_date=declared,
        declared_differs=None if declared is None or clock.due is None or regime == "DECLARED" else declared != clock.due,
        strict_status=_strict_status(rule, clock, status, outcome, closed, today),
        paused_since=min((wait.asked for wait in clock.counted if wait.answered is None), default=None)
        if status == "paused"
        else None,
        answer_recorded_late=status in ("closed_on_time", "closed_late")
        and _recorded_late(unit, closing, clock.due, ZoneInfo(place.time_zone)),
        **ack,
        extension_reason=_extension_reason(unit),
        **_forwarding(unit, received, law.calendars.get(place.calendar or ""), exclusion, first, today),
    )


def _run_clock(unit: Unit, rule: Rule | None, received: date, calendar: Calendar | None, declared: date | None) -> _Clock:
    every = [wait for kind in QUESTIONS for wait in waits_of(unit, kind)]
    if rule is None:
        return _Clock(uncounted=tuple(every), extension_status=_notice(unit, None)[0])
    if rule.response_n is None or rule.response_unit is None:
        due = declared if rule.regime_code == "DECLARED" else None
        return _Clock(
            start=received,
            due=due,
            conservative=due,
            conservative_refusal=due,
            uncounted=tuple(every),
            extension_status=_notice(unit, rule)[0],
            no_deadline=due is None,
        )
    start, holding, late_asks = _start(unit, rule, received, calendar)
    counting = {"identity": rule.pause_identity, "clarification": rule.pause_clarification}
    permitted = tuple(wait for wait in every if counting.get(wait.kind, "none") != "none")
    moves_start = set(holding) | set(late_asks)
    never = tuple(wait for wait in every if wait not in permitted and wait not in moves_start)
    if start is None:
        status, _ = _notice(unit, rule, stands_still=True)
        return _Clock(counted=tuple(holding), uncounted=(*never, *late_asks), extension_status=status)

    def run(n: int, reading: dict[str, str], waits: tuple[Wait, ...], how: str) -> Period:
        assert rule is not None
        assert rule.response_unit is not None
        assert start is not None
        return walk(start, n, rule.response_unit, waits, reading, how, calendar)

    unextended = run(rule.response_n, counting, permitted, rule.roll)
    status, _ = _notice(unit, rule, last_day=unextended.due, stands_still=unextended.due is None)
    n = rule.response_n + (rule.extension_n or 0 if status == "valid" else 0)
    period = run(n, counting, permitted, rule.roll)

    def conservative(n: int) -> date | None:
        if rule.conservative == "no_pause":
            return run(n, counting, (), rule.roll).due
        if rule.conservative == "exclusive_pause":
            exclusive = {kind: "none" if how == "none" else "exclusive" for kind, how in counting.items()}
            return run(n, exclusive, permitted, rule.roll).due
        if rule.conservative == "no_roll":
            return run(n, counting, permitted, "none").due
        if rule.conservative == "no_roll_minus_one_day":
            due = run(n, counting, permitted, "none").due
            return due - timedelta(days=1) if due is not None else None
        return run(n, counting, permitted, rule.roll).due

    return _Clock(
        start=start,
        base=unextended.base,
        due=period.due,
        conservative=conservative(n),
        conservative_refusal=conservative(rule.response_n),
        given_back=period.given_back,
        counted=(*holding, *period.counted),
        uncounted=(*never, *late_asks, *(wait for wait in permitted if wait not in period.counted)),
        extension_status=status,
    )


def _start(unit: Unit, rule: Rule, received: date, calendar: Calendar | None) -> tuple[date | None, list[Wait], list[Wait]]:
    """The start date (None while it has not come), the asks that moved or hold it, and those that came too late."""
    if rule.start_rule == "receipt":
        return received, [], []
    assert rule.response_n is not None
    assert rule.response_unit is not None
    start, holding, late = received, [], []
    asks = sorted([*waits_of(unit, "identity"), *waits_of(unit, "fee")], key=lambda wait: wait.asked_place)
    for ask in asks:
        for earlier in holding:
            if earlier.answered_place is not None and earlier.answered_place < ask.asked_place:
                assert earlier.answered is not None
                start = max(start, earlier.answered)
        last_day = roll(add(start, rule.response_n, rule.response_unit, calendar), rule.roll, calendar)
        if ask.asked <= last_day or any(earlier.holds_at(ask.asked_place) for earlier in holding):
            holding.append(ask)
        else:
            late.append(ask)
    if any(ask.answered is None for ask in holding):
        return None, holding, late
    return max([received, *(ask.answered for ask in holding if ask.answered)]), holding, late


def _notice(unit: Unit, rule: Rule | None, last_day: date | None = None, stands_still: bool = False) -> tuple[str, int | None]:
    """What the notice of extension is worth, and which event it is."""
    notices, revocations = unit.places("extended"), unit.places("extension_revoked")
    if not notices:
        return "none", None
    standing = [place for place in notices if not revocations or place > revocations[-1]]
    if not standing:
        return "revoked", None
    if rule is None or rule.extension_notice == "not_permitted":
        return "not_permitted", standing[0]
    in_time = stands_still or (last_day is not None and unit.dates[standing[0]] <= last_day)
    return ("valid" if in_time else "late"), standing[0]


def _answers(unit: Unit, right_type: str, as_of: datetime) -> list[Event]:
    """What would answer every open question at that moment."""
    return [
        Event(answer, as_of, right_type)
        for kind, (_, answer) in QUESTIONS.items()
        if any(wait.answered is None for wait in waits_of(unit, kind))
    ]


def _extension_reason(unit: Unit) -> str | None:
    """Why the notice that stands was sent, as far as it states a reason."""
    revoked = max(unit.places("extension_revoked"), default=-1)
    standing = [unit.events[place] for place in unit.places("extended") if place > revoked]
    return standing[0].reason_code if standing else None


def _closing(unit: Unit) -> int | None:
    reopened = max(unit.places("reopened"), default=-1)
    return min((place for place in unit.places(*ANSWERS) if place > reopened), default=None)


def _recorded_late(unit: Unit, closing: int | None, due: date | None, zone: ZoneInfo) -> bool:
    """Whether the answer was written down, or else delivered, more than 14 days after it, and after the due date."""
    if closing is None or due is None:
        return False
    answer = unit.events[closing]
    recorded = answer.recorded_at or answer.delivered_at
    return recorded is not None and recorded - answer.occurred_at > timedelta(days=14) and recorded.astimezone(zone).date() > due


def _exclusion(unit: Unit, first: int) -> tuple[str | None, int | None]:
    """Why the request left the population, if it did, and by which event."""
    reopened = max(unit.places("reopened"), default=-1)
    closing = _closing(unit)
    for place in unit.places("withdrawn", "excluded"):
        event = unit.events[place]
        if place < reopened or (event.event_type == "withdrawn" and closing is not None and closing < place):
            continue
        return (event.reason_code if event.event_type == "excluded" else "withdrawn"), place
    if unit.events[first].role == "processor":
        return "not_controller", None
    return None, None


def _declared(unit: Unit, zone: ZoneInfo) -> date | None:
    claims = [event.declared_due_at for event in unit.events if event.declared_due_at is not None]
    return claims[-1].astimezone(zone).date() if claims else None


def _status(
    rule: Rule | None,
    clock: _Clock,
    exclusion: str | None,
    closed: date | None,
    due: date | None,
    paused_at_closing: bool,
    today: date,
) -> str:
    if exclusion is not None:
        return "excluded"
    if rule is None:
        return "no_rule"
    if clock.no_deadline:
        return "no_deadline"
    if closed is not None:
        # Without a due date the clock stands still now: it was closed meanwhile, or before the question was asked, which
        # could only be asked in time.
        return "closed_on_time" if due is None or closed <= due or paused_at_closing else "closed_late"
    if due is None:
        return "paused"
    return "open_in_time" if today <= due else "open_overdue"


def _strict_status(rule: Rule | None, clock: _Clock, status: str, outcome: str | None, closed: date | None, today: date) -> str:
    if rule is None or status in ("excluded", "no_rule", "no_deadline"):
        return status
    refused = outcome == "denied" and rule.refusal_extendable == "no"
    due = clock.conservative_refusal if refused else clock.conservative
    if due is None:
        return status
    return _status(rule, clock, None, closed, due, False, today)


def _acknowledgement(unit: Unit, rule: Rule | None, received: date, calendar: Calendar | None, today: date) -> dict[str, Any]:
    first = min(unit.places("acknowledged", *ANSWERS), default=None)
    done = unit.dates[first] if first is not None else None
    if rule is None or rule.ack_n is None or rule.ack_unit is None:
        return {"acknowledged_date": done}
    how = "none" if rule.ack_unit == "business_day" else rule.roll
    due = roll(add(received, rule.ack_n, rule.ack_unit, calendar), how, calendar)
    in_time = (done or today) <= due
    status = ("open_in_time" if in_time else "open_overdue") if done is None else ("on_time" if in_time else "late")
    return {"acknowledged_date": done, "ack_due_date": due, "ack_status": status}


def _forwarding(
    unit: Unit, received: date, calendar: Calendar | None, exclusion: str | None, first: int, today: date
) -> dict[str, Any]:
    """By when the customer should have had it, and whether that came true; nothing of what need not be passed on."""
    if unit.events[first].role != "processor":
        return {}
    due = received
    for _ in range(5):
        due += timedelta(days=1)
        while not (calendar.is_working_day(due) if calendar else due.isoweekday() < 6):
            due += timedelta(days=1)
    forwarded = min((unit.dates[place] for place in unit.places("forwarded_to_controller")), default=None)
    status = None
    if exclusion == "not_controller":
        in_time = (forwarded or today) <= due
        status = ("on_time" if in_time else "late") if forwarded else ("open_in_time" if in_time else "open_overdue")
    return {"forwarding_due_date": due, "forwarding_status": status}


def _days_of_waits(waits: tuple[Wait, ...], closed: date | None, today: date) -> int:
    """The days after the day asked up to the day answered, each once; once the request is answered nobody waits any more."""
    days = set()
    for wait in waits:
        until = min(wait.answered or today, closed or today, today)
        days |= {wait.asked + timedelta(days=n) for n in range(1, (until - wait.asked).days + 1)}
    return len(days)
