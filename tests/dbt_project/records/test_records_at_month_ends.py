"""What was kept too long at the end of each month, held against the oracle that looks at each record set at that very instant.

A thousand random lives and one build at the last instant; the oracle is asked again for the end of every month.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from oracles.records import Event, Policy, Verdict, evaluate, read_policy
from random_records import lives
from record_lives import ZONE, prepared, rows_of
from warehouse import Warehouse

AS_OF = datetime(2026, 7, 10, 12, tzinfo=UTC)
AROUND = (datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2026, 4, 30, 22, 59, tzinfo=UTC), AS_OF)
DOUBTS = ("trigger_overdue", "holds_not_reviewed", "held_when_overdue", "activity_looks_automatic")
MICROSECOND = timedelta(microseconds=1)
OVER, ALIVE, UNSCHEDULED, DOUBTFUL = "over_retained", "scheduled", "unscheduled", "doubtful"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, tuple[Event, ...]], Policy]:
    warehouse = prepared(tmp_path_factory.mktemp("month-ends"))
    policy = read_policy(warehouse.folder / "records-pack")
    dice = Random(20260710)
    drawn = {
        record_id: events
        for number, instant in enumerate(AROUND)
        for record_id, events in lives(dice, 400, instant, policy, f"w{number}")
    }
    drawn = {record_id: (*events, *late_activities(dice, record_id, events)) for record_id, events in drawn.items()}
    warehouse.land(rows_of(drawn), log="retention")
    warehouse.build(AS_OF.isoformat(), select=["+int_metrics__records_retained"])
    return warehouse, drawn, policy


def late_activities(dice: Random, record_id: str, events: tuple[Event, ...]) -> list[Event]:
    """What is heard of a third of them long after, when some were over already."""
    first = min((event.occurred_at for event in events), default=AS_OF)
    days = [dice.randint(0, 200) for _ in range(dice.choice((0, 0, 1, 3)))]
    instants = [first + timedelta(days=day, seconds=dice.randint(0, 86399)) for day in days]
    return [Event(f"{record_id}:late:{number}", "last_activity", at) for number, at in enumerate(instants)]


def month_ends(first: date) -> dict[date, datetime]:
    """The last microsecond of each month, as_of in the last one."""
    ends = {}
    while first <= AS_OF.astimezone(ZONE).date():
        following = (first + timedelta(days=32)).replace(day=1)
        ends[first] = min(datetime(following.year, following.month, 1, tzinfo=ZONE).astimezone(UTC) - MICROSECOND, AS_OF)
        first = following
    return ends


def dimensions(verdict: Verdict) -> list[tuple[str, str]]:
    contract = "with_terms" if verdict.has_contract_term else "unknown" if verdict.lacks_contract_terms else "without_terms"
    return [
        ("all", "all"), ("data_category", str(verdict.data_category)), ("purpose_code", str(verdict.purpose_code)),
        ("system", str(verdict.system)), ("contract", contract),
    ]  # fmt: skip


def may_be_overdue(verdict: Verdict) -> bool:
    return any(getattr(verdict, doubt) for doubt in DOUBTS)


def test_every_month_ends_as_the_oracle_saw_it_end(world):
    warehouse, drawn, policy = world
    rows = warehouse.rows("from intermediate.int_metrics__records_retained where dimension <> 'source'")
    said: Counter[Any] = Counter()
    for row in rows:
        place = (row["month_start"], row["dimension"], row["dimension_value"])
        for what in (ALIVE, UNSCHEDULED, DOUBTFUL):
            said[what, *place] += row[what] or 0
        if row["over_days"] is not None:
            said[OVER, row["over_days"], *place] += row["over_records"]
    expected: Counter[Any] = Counter()
    doubts: Counter[Any] = Counter()
    months = month_ends(date.fromisoformat(min(row["month_start"] for row in rows)))
    for month, end in months.items():
        for events in drawn.values():
            verdict = evaluate(events, policy, ZONE, end)
            if verdict is None or not verdict.is_alive:
                continue
            for place in dimensions(verdict):
                key = (month.isoformat(), *place)
                expected[UNSCHEDULED if verdict.schedule_id is None else ALIVE, *key] += verdict.records_left
                if verdict.status == OVER:
                    expected[OVER, verdict.over_days, *key] += verdict.records_left
                elif verdict.schedule_id is not None and may_be_overdue(verdict):
                    expected[DOUBTFUL, *key] += verdict.records_left
                    doubts.update((verdict.had_hold, doubt) for doubt in DOUBTS if getattr(verdict, doubt))
    assert +said == +expected
    over = {key[2] for key in expected if key[0] == OVER}
    assert len(over) > 5, "hardly anything was over at the end of a month"
    assert len(doubts) == 6, doubts
    assert min(doubts.values()) >= 5, doubts


def test_among_the_lives_are_those_that_were_over_and_then_were_not(world):
    """A guard on the guard: activity and holds took record sets off the list again, without their being deleted."""
    _, drawn, policy = world
    healed: Counter[str] = Counter()
    ends = list(month_ends(date(2025, 12, 1)).values())
    for events in drawn.values():
        verdicts = [evaluate(events, policy, ZONE, end) for end in ends]
        for before, after in pairwise(verdicts):
            if before and after and before.status == OVER and after.is_alive and after.status != OVER:
                healed["by a hold" if after.on_hold or after.held_days else "by activity"] += 1
    assert healed["by activity"] >= 5, healed
    assert healed["by a hold"] >= 5, healed
