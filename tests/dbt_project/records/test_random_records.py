"""A thousand record sets at random, computed by the product and by the oracle.

They land in three deliveries, in any order and some rows twice. The mart is then built for each instant, so that every life is
seen young, in the middle and old.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from oracles.records import Event, Policy, evaluate, read_policy
from random_records import lives
from record_lives import ZONE, as_text, differences, expected, in_disorder, prepared, published, rows_of
from warehouse import Warehouse

INSTANTS = (
    datetime(2025, 3, 30, 0, 59, 59, 999999, tzinfo=UTC),  # the clocks go forward a microsecond later
    datetime(2025, 10, 26, 0, 30, tzinfo=UTC),  # the hour that happens twice, the first time
    datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 7, 1, 23, 15, tzinfo=UTC),  # already 2 July in Dublin
)
LIVES_PER_INSTANT = 260
STATUSES = (
    *("reappeared", "deleted_under_hold", "unscheduled", "deleted_early", "deleted_late", "deleted_on_time", "on_hold"),
    *("not_started", "over_retained", "due_soon", "within_period"),
)
World = tuple[Warehouse, dict[str, tuple[Event, ...]], Policy]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    warehouse = prepared(tmp_path_factory.mktemp("records"))
    policy = read_policy(warehouse.folder / "records-pack")
    dice = Random(20260401)
    drawn = {
        record_id: events
        for number, instant in enumerate(INSTANTS)
        for record_id, events in lives(dice, LIVES_PER_INSTANT, instant, policy, f"w{number}")
    }
    for part in in_disorder(Random(7), rows_of(drawn), parts=3):
        warehouse.land(part, log="retention")
    return warehouse, drawn, policy


@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: instant.date().isoformat())
def test_product_and_oracle_agree_on_every_column(world: World, as_of: datetime) -> None:
    warehouse, drawn, policy = world
    assert len(drawn) >= 1_000
    ours, theirs = published(warehouse, as_of), expected(drawn, policy, as_of)
    assert ours.keys() == theirs.keys()
    wrong = {record_id: found for record_id, verdict in theirs.items() if (found := differences(ours[record_id], verdict))}
    if wrong:
        record_id = min(wrong, key=lambda one: len(drawn[one]))
        pytest.fail(
            f"{len(wrong)} of {len(theirs)} record sets; the smallest, {record_id}, (product, oracle):\n"
            f"    {wrong[record_id]}\n{as_text(drawn[record_id])}",
            pytrace=False,
        )


def test_the_random_lives_come_by_every_way_through_the_rules(world: World) -> None:
    """A guard on the guard: each status and each oddity is among the lives, and not once or twice."""
    _, drawn, policy = world
    seen: Counter[str] = Counter()
    for events in drawn.values():
        seen["two events of one microsecond"] += len({event.occurred_at for event in events}) < len(events)
        seen["created twice"] += sum(event.event_type == "created" for event in events) > 1
        for as_of in INSTANTS:
            verdict = evaluate(events, policy, ZONE, as_of)
            if verdict is None:
                seen["nothing created"] += 1
                continue
            seen[verdict.status] += 1
            seen[f"governed by {verdict.schedule_id}"] += 1
            moved = verdict.delete_by != verdict.unheld_delete_by
            seen["moved by a hold"] += moved and verdict.delete_by is not None
            seen["no end while a hold stands"] += moved and verdict.delete_by is None
            seen["a hold that chains on to another"] += (
                moved
                and verdict.delete_by is not None
                and any(
                    e.event_type == "hold_placed"
                    and verdict.unheld_delete_by < e.occurred_at.astimezone(ZONE).date() <= verdict.delete_by
                    for e in events
                )
            )
            seen["on hold after the deletion"] += verdict.on_hold and not verdict.is_alive
            seen["a contract that shortens"] += verdict.has_contract_term and verdict.unheld_delete_by is not None
            seen["a contract that must wait"] += verdict.has_contract_term and (
                verdict.unheld_delete_by == verdict.keep_until is not None
            )
            seen["seen after it was made anonymous"] += (
                verdict.deletion_event_type == "anonymised"
                and verdict.reappeared_at is None
                and any(e.event_type == "seen" and verdict.deleted_at <= e.occurred_at <= as_of for e in events)
            )
            seen["deleted at the instant of a release"] += any(
                e.event_type == "hold_released" and e.occurred_at == verdict.deleted_at for e in events
            )
            seen["gone in parts"] += len(verdict.partial_deletions) > 0 and not verdict.is_alive
            seen["a part gone and the rest alive"] += len(verdict.partial_deletions) > 0 and verdict.is_alive
            seen["waits for an event that is overdue"] += verdict.trigger_overdue
            seen["waits for an event that may still come"] += verdict.status == "not_started" and not verdict.trigger_overdue
            seen["a hold that nobody reviewed"] += bool(verdict.holds_not_reviewed)
            seen["put on hold when it was overdue"] += verdict.held_when_overdue
            seen["one hold reviewed and another not"] += 0 < len(verdict.holds_not_reviewed) < len(verdict.hold_refs)
            seen["a hold that was placed again"] += verdict.hold_unreviewed_since not in (None, *_first_placings(events))
            seen["active like a job"] += verdict.activity_looks_automatic
            seen["active like a job to no end"] += (
                verdict.activity_automatic_at is not None and verdict.is_alive and not verdict.activity_looks_automatic
            )
            for part in verdict.partial_deletions:
                seen[f"a part {part['status']}"] += 1
            seen["a period that ends with its month"] += verdict.trigger_date is not None and (
                verdict.trigger_date.day >= 29 and verdict.unheld_delete_by is not None
            )
    for way in (
        *STATUSES,
        *("moved by a hold", "no end while a hold stands", "on hold after the deletion", "a contract that shortens"),
        *("a contract that must wait", "seen after it was made anonymous", "deleted at the instant of a release"),
        *("a period that ends with its month", "nothing created", "a hold that chains on to another"),
        *("waits for an event that is overdue", "waits for an event that may still come", "a hold that nobody reviewed"),
        "put on hold when it was overdue",
        *(
            "one hold reviewed and another not",
            "a hold that was placed again",
            "active like a job",
            "active like a job to no end",
        ),
        *("two events of one microsecond", "created twice", "gone in parts", "a part gone and the rest alive"),
        *(f"a part {status}" for status in STATUSES if status.startswith("deleted_") or status == "unscheduled"),
        *(f"governed by {row['schedule_id']}" for row in policy.schedule if row["schedule_id"] not in NEVER_FIRST),
    ):
        assert seen[way] >= 15, (way, seen[way])


def _first_placings(events: tuple[Event, ...]) -> set[datetime]:
    placed: dict[str | None, datetime] = {}
    for event in sorted(events, key=lambda event: event.occurred_at):
        if event.event_type == "hold_placed":
            placed.setdefault(event.hold_ref, event.occurred_at)
    return set(placed.values())


# Rows that a row of the same kind always beats: a longer maximum, none at all, or a later identifier.
NEVER_FIRST = {"CALLS-0", "CALLS-2"}
