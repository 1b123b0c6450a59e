"""What becomes of a record set, one life at a time: all of them are built at once, and each is a test of its own.

The instant is 1 June 2026, half past midnight in Dublin. The schedule states a period of one month as P1M; see record_lives.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from oracles.records import ENDS, Event, read_policy
from record_lives import ZONE, differences, expected, prepared, published, rows_of

AS_OF = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Life:
    """What happened, and what the product must compute."""

    sentence: str
    events: tuple[tuple[str, str, str | None], ...]
    expected: dict[str, Any] | None
    what: dict[str, Any]

    def as_events(self) -> tuple[Event, ...]:
        """Times without a zone are Dublin's; a date is its noon."""
        return tuple(
            Event(
                f"{self.sentence}:{number}",
                event_type,
                _instant(at),
                hold_ref=detail if event_type.startswith("hold_") else None,
                **(self.what if event_type == "created" else {}),
                **({"record_count": int(detail)} if detail and event_type in ENDS else {}),
            )
            for number, (event_type, at, detail) in enumerate(self.events)
        )


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00")
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)


def life(sentence: str, *events: tuple[str, ...], expected: dict[str, Any] | None, **what: Any) -> Life:
    """A life in a few words; `mail` for another purpose than `news`, from nowhere, unless stated otherwise."""
    kind = {"system": "crm", "data_category": "mail", "purpose_code": "other", "record_count": 1} | what
    return Life(sentence, tuple((event[0], event[1], event[2] if len(event) > 2 else None) for event in events), expected, kind)


PART = {"event_type": "deleted", "status": "deleted_on_time", "over_days": None}
LIVES = (
    life(
        "a month after 31 January is 28 February",
        ("created", "2026-01-31"),
        expected={"delete_by": "2026-02-28", "status": "over_retained", "over_days": 93, "is_alive": True},
    ),
    life(
        "the day on which it was created is the organisations",
        ("created", "2026-04-30T23:30:00+00:00"),
        expected={"created_date": "2026-05-01", "delete_by": "2026-06-01", "status": "due_soon", "over_days": None},
    ),
    life(
        "its last day is not over yet",
        ("created", "2026-05-01"),
        expected={"delete_by": "2026-06-01", "status": "due_soon"},
    ),
    life(
        "the day after its last day it is over retained",
        ("created", "2026-04-30"),
        expected={"delete_by": "2026-05-30", "status": "over_retained", "over_days": 2},
    ),
    life(
        "more than thirty days before its last day it is within its period",
        ("created", "2026-05-31"),
        ("last_activity", "2026-05-31T20:00:00"),
        expected={"keep_until": "2026-06-10", "delete_by": "2026-07-10", "status": "within_period"},
        purpose_code="news",
    ),
    life(
        "a category that the schedule does not know is unscheduled even when it was deleted",
        ("created", "2026-01-31"),
        ("deleted", "2026-02-01"),
        expected={"status": "unscheduled", "schedule_id": None, "delete_by": None, "is_alive": False},
        data_category="notes",
    ),
    life(
        "a contract shortens the period",
        ("created", "2026-05-20"),
        expected={"has_contract_term": True, "delete_by": "2026-05-30", "status": "over_retained"},
        contract_ref="CT-1",
    ),
    life(
        "a longer contract does not lengthen it",
        ("created", "2026-02-10"),
        expected={"has_contract_term": True, "delete_by": "2026-03-10"},
        contract_ref="CT-2",
    ),
    life(
        "a contract can not take away what must be kept",
        ("created", "2026-01-10"),
        ("trigger", "2026-01-20"),
        expected={"has_contract_term": True, "keep_until": "2026-03-20", "delete_by": "2026-03-20"},
        data_category="bills",
        contract_ref="CT-1",
    ),
    life(
        "a contract sets an end where the schedule sets none",
        ("created", "2026-01-10"),
        expected={"schedule_id": "BILLS-IE", "keep_until": "2026-02-10", "delete_by": "2026-04-10"},
        data_category="bills",
        jurisdiction="IE",
        contract_ref="CT-3",
    ),
    life(
        "a country speaks for its parts",
        ("created", "2026-05-20"),
        expected={"schedule_id": "MAIL-US", "delete_by": "2026-06-09"},
        jurisdiction="US-NY",
    ),
    life(
        "a part with a row of its own is governed by it",
        ("created", "2026-05-20"),
        expected={"schedule_id": "MAIL-US-CA", "status": "not_started", "trigger_at": None, "delete_by": None},
        jurisdiction="US-CA",
    ),
    life(
        "the period runs from the latest activity",
        ("created", "2026-01-10"),
        ("last_activity", "2026-04-20"),
        ("last_activity", "2026-03-20"),
        expected={"trigger_date": "2026-04-20", "keep_until": "2026-04-30", "delete_by": "2026-05-30"},
        purpose_code="news",
    ),
    life(
        "a second trigger does not begin the period anew",
        ("created", "2026-01-10"),
        ("trigger", "2026-03-20"),
        ("trigger", "2026-05-20"),
        expected={"trigger_date": "2026-03-20", "delete_by": "2026-05-20"},
        data_category="bills",
    ),
    life(
        "a hold that is open on the last day moves it and the next one that overlaps moves it on",
        ("created", "2026-01-10"),
        ("hold_placed", "2026-02-10", "H1"),
        ("hold_released", "2026-03-01", "H1"),
        ("hold_placed", "2026-03-01T09:00:00", "H2"),
        ("hold_released", "2026-03-05", "H2"),
        ("hold_placed", "2026-03-06", "H3"),
        ("hold_released", "2026-03-09", "H3"),
        expected={"unheld_delete_by": "2026-02-10", "delete_by": "2026-03-05", "held_days": 26, "status": "over_retained"},
    ),
    life(
        "a hold that was released on the last day moves nothing",
        ("created", "2026-01-10"),
        ("hold_placed", "2026-02-01", "H1"),
        ("hold_released", "2026-02-10", "H1"),
        expected={"delete_by": "2026-02-10", "held_days": 9},
    ),
    life(
        "a hold that came too late moves nothing but still holds",
        ("created", "2026-01-10"),
        ("hold_placed", "2026-02-11", "H1"),
        expected={"delete_by": "2026-02-10", "status": "on_hold", "on_hold": True, "held_days": 110, "over_days": None},
    ),
    life(
        "while a hold stands there is no last day",
        ("created", "2026-01-10"),
        ("hold_placed", "2026-02-10", "H1"),
        expected={"delete_by": None, "unheld_delete_by": "2026-02-10", "status": "on_hold"},
    ),
    life(
        "the release of another hold releases nothing",
        ("created", "2026-01-10"),
        ("hold_placed", "2026-02-10", "H1"),
        ("hold_released", "2026-02-12", "H2"),
        expected={"delete_by": None, "status": "on_hold"},
    ),
    life(
        "what is deleted on its last day is deleted on time",
        ("created", "2026-01-31"),
        ("deleted", "2026-02-28T23:59:59.999999"),
        expected={"status": "deleted_on_time", "deleted_date": "2026-02-28", "over_days": None},
    ),
    life(
        "what is deleted the day after is deleted late",
        ("created", "2026-01-31"),
        ("anonymised", "2026-03-01T00:00:00"),
        expected={"status": "deleted_late", "over_days": 1, "deletion_event_type": "anonymised"},
    ),
    life(
        "what had to be kept was deleted early",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-10"),
        expected={"status": "deleted_early", "keep_until": "2026-03-11"},
        purpose_code="news",
    ),
    life(
        "on the day until which it must be kept it may go",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T00:00:00"),
        expected={"status": "deleted_on_time"},
        purpose_code="news",
    ),
    life(
        "before the trigger a minimum has not been kept",
        ("created", "2026-03-01"),
        ("deleted", "2026-05-11"),
        expected={"status": "deleted_early", "keep_until": None, "trigger_at": None},
        data_category="bills",
    ),
    life(
        "before the trigger is early for good even when the trigger comes the same day",
        ("created", "2026-03-01"),
        ("deleted", "2026-05-11T10:00:00"),
        ("trigger", "2026-05-11T11:00:00"),
        expected={"status": "deleted_early", "keep_until": "2026-05-11"},
        jurisdiction="US-CA",
    ),
    life(
        "a deletion at the instant of the placing is one under a hold",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T10:00:00"),
        ("hold_placed", "2026-03-11T10:00:00", "H1"),
        expected={"status": "deleted_under_hold"},
    ),
    life(
        "a deletion at the instant of the release is not",
        ("created", "2026-03-01"),
        ("hold_placed", "2026-03-05", "H1"),
        ("deleted", "2026-03-11T10:00:00"),
        ("hold_released", "2026-03-11T10:00:00", "H1"),
        expected={"status": "deleted_on_time", "held_days": 6},
    ),
    life(
        "a deletion a microsecond before the release is",
        ("created", "2026-03-01"),
        ("hold_placed", "2026-03-05", "H1"),
        ("deleted", "2026-03-11T09:59:59.999999"),
        ("hold_released", "2026-03-11T10:00:00", "H1"),
        expected={"status": "deleted_under_hold"},
    ),
    life(
        "what a scan finds after the deletion has reappeared",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11"),
        ("seen", "2026-05-01"),
        ("deleted", "2026-05-02"),
        expected={
            "status": "reappeared",
            "is_alive": False,
            "deleted_date": "2026-03-11",
            "reappeared_at": "2026-05-01T11:00:00+00:00",
        },
    ),
    life(
        "a scan at the instant of the deletion found what was about to go",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T10:00:00"),
        ("seen", "2026-03-11T10:00:00"),
        expected={"status": "deleted_on_time", "reappeared_at": None},
    ),
    life(
        "a scan a microsecond later found it again",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T10:00:00"),
        ("seen", "2026-03-11T10:00:00.000001"),
        expected={"status": "reappeared"},
    ),
    life(
        "a scan on the date of a deletion without a time of day may have come first",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T00:00:00"),
        ("seen", "2026-03-11T23:59:59.999999"),
        ("last_activity", "2026-03-11T18:00:00"),
        expected={"status": "deleted_on_time", "reappeared_at": None},
    ),
    life(
        "a scan on the next date came later",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-11T00:00:00"),
        ("seen", "2026-03-12T00:00:00"),
        expected={"status": "reappeared", "reappeared_at": "2026-03-12T00:00:00+00:00"},
    ),
    life(
        "a scan before the deletion is no news",
        ("created", "2026-03-01"),
        ("seen", "2026-03-10"),
        ("deleted", "2026-03-11"),
        expected={"status": "deleted_on_time", "reappeared_at": None},
    ),
    life(
        "what was made anonymous may be seen",
        ("created", "2026-03-01"),
        ("anonymised", "2026-03-11"),
        ("seen", "2026-05-01"),
        expected={"status": "deleted_on_time", "reappeared_at": None},
    ),
    life(
        "an activity after it was made anonymous is somebodys",
        ("created", "2026-03-01"),
        ("anonymised", "2026-03-11"),
        ("last_activity", "2026-05-01"),
        expected={"status": "reappeared"},
    ),
    life(
        "what a partial deletion left is kept too long all the same",
        ("created", "2026-01-31"),
        ("deleted", "2026-02-20", "9"),
        ("deleted", "2026-03-02", "30"),
        expected={
            "status": "over_retained",
            "is_alive": True,
            "record_count": 100,
            "records_left": 61,
            "deleted_at": None,
            "deleted_record_count": None,
            "partial_deletions": [
                PART | {"deleted_at": "2026-02-20T12:00:00+00:00", "deleted_date": "2026-02-20", "record_count": 9},
                PART
                | {"deleted_at": "2026-03-02T12:00:00+00:00", "deleted_date": "2026-03-02", "record_count": 30}
                | {"status": "deleted_late", "over_days": 2},
            ],
        },
        record_count=100,
    ),
    life(
        "what went in parts ends with the one that left nothing and a number too great removes what was left",
        ("created", "2026-01-31"),
        ("deleted", "2026-02-20", "99"),
        ("seen", "2026-02-21"),
        ("anonymised", "2026-02-22", "5"),
        ("seen", "2026-02-23"),
        expected={
            "status": "deleted_on_time",
            "reappeared_at": None,
            "deleted_date": "2026-02-22",
            "deletion_event_type": "anonymised",
            "records_left": 0,
            "deleted_record_count": 1,
        },
        record_count=100,
    ),
    life(
        "a partial deletion under a hold is one and the rest is assessed by its own end",
        ("created", "2026-01-31"),
        ("hold_placed", "2026-02-01", "H1"),
        ("deleted", "2026-02-02", "1"),
        ("hold_released", "2026-02-03", "H1"),
        ("deleted", "2026-02-04"),
        expected={
            "status": "deleted_on_time",
            "deleted_record_count": 99,
            "partial_deletions": [
                PART
                | {"deleted_at": "2026-02-02T12:00:00+00:00", "deleted_date": "2026-02-02", "record_count": 1}
                | {"status": "deleted_under_hold"}
            ],
        },
        record_count=100,
    ),
    life(
        "an activity after a partial deletion is no return and moves no period from which it was deleted",
        ("created", "2026-03-01"),
        ("deleted", "2026-03-20", "1"),
        ("last_activity", "2026-03-25"),
        expected={
            "status": "over_retained",
            "trigger_date": "2026-03-25",
            "partial_deletions": [
                PART | {"deleted_at": "2026-03-20T12:00:00+00:00", "deleted_date": "2026-03-20", "record_count": 1}
            ],
            "reappeared_at": None,
        },
        record_count=2,
        purpose_code="news",
    ),
    life(
        "on the last day of the wait the event may still come",
        ("created", "2026-05-17"),
        expected={"status": "not_started", "trigger_due_by": "2026-06-01", "trigger_overdue": False},
        data_category="bills",
    ),
    life(
        "a day later it is overdue and the period has not begun all the same",
        ("created", "2026-05-16"),
        expected={"status": "not_started", "trigger_due_by": "2026-05-31", "trigger_overdue": True},
        data_category="bills",
    ),
    life(
        "once it has come it is overdue no more",
        ("created", "2026-03-01"),
        ("trigger", "2026-05-31T23:00:00"),
        expected={"trigger_due_by": "2026-03-16", "trigger_overdue": False},
        data_category="bills",
    ),
    life(
        "a hold is reviewed by placing it again",
        ("created", "2026-03-01"),
        ("hold_placed", "2026-03-10", "H1"),
        ("hold_placed", "2026-05-12T23:59:59", "H1"),
        expected={"status": "on_hold", "holds_not_reviewed": [], "hold_unreviewed_since": None},
    ),
    life(
        "a hold that was placed again and then forgotten is not",
        ("created", "2026-03-01"),
        ("hold_placed", "2026-03-10", "H1"),
        ("hold_placed", "2026-05-11", "H1"),
        ("hold_placed", "2026-05-12", "H2"),
        expected={"holds_not_reviewed": ["H1"], "hold_unreviewed_since": "2026-05-11T11:00:00+00:00", "hold_refs": ["H1", "H2"]},
    ),
    life(
        "a hold that was released needs no review",
        ("created", "2026-03-01"),
        ("hold_placed", "2026-03-10", "H1"),
        ("hold_released", "2026-05-30", "H1"),
        expected={"holds_not_reviewed": [], "hold_unreviewed_since": None},
    ),
    life(
        "a hold that is placed when it is overdue keeps it and moves no day",
        ("created", "2026-01-31"),
        ("hold_placed", "2026-05-20", "H1"),
        expected={"status": "on_hold", "delete_by": "2026-02-28", "held_when_overdue": True, "over_days": None},
    ),
    life(
        "a hold that is placed on its last day moves it",
        ("created", "2026-01-31"),
        ("hold_placed", "2026-02-28T23:59:59", "H1"),
        expected={"status": "on_hold", "delete_by": None, "held_when_overdue": False},
    ),
    life(
        "active on three days in a row where two are a persons",
        ("created", "2026-05-01"),
        *(("last_activity", f"2026-05-{day}T18:00:00") for day in (10, 11, 12, 20)),
        expected={"activity_looks_automatic": True, "activity_automatic_at": "2026-05-12T17:00:00+00:00"},
        purpose_code="news",
    ),
    life(
        "a day without activity breaks the run",
        ("created", "2026-05-01"),
        *(("last_activity", f"2026-05-{day}T18:00:00") for day in (10, 11, 13, 14)),
        expected={"activity_looks_automatic": False, "activity_automatic_at": None},
        purpose_code="news",
    ),
    life(
        "activity that moves no period is nobodys doubt",
        ("created", "2026-05-01"),
        *(("last_activity", f"2026-05-{day}T18:00:00") for day in (10, 11, 12)),
        expected={"activity_looks_automatic": False, "activity_automatic_at": "2026-05-12T17:00:00+00:00"},
    ),
    life("what was never created is no record set", ("deleted", "2026-03-11"), expected=None),
    life("what will be created is none yet", ("created", "2026-05-31T23:30:00.000001+00:00"), expected=None),
    life(
        "what was created at that very instant is one",
        ("created", "2026-05-31T23:30:00+00:00"),
        expected={"created_date": "2026-06-01", "delete_by": "2026-07-01", "status": "due_soon"},
    ),
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The product's rows and the oracle's."""
    warehouse = prepared(tmp_path_factory.mktemp("lives"))
    lives = {one.sentence: one.as_events() for one in LIVES}
    warehouse.land(rows_of(lives), log="retention")
    return published(warehouse, AS_OF), expected(lives, read_policy(warehouse.folder / "records-pack"), AS_OF)


@pytest.mark.parametrize("one", LIVES, ids=lambda one: one.sentence.replace(" ", "_"))
def test_of_a_record_set(both: tuple[dict[str, Any], dict[str, Any]], one: Life) -> None:
    product, oracle = both
    if one.expected is None:
        assert one.sentence not in product
        assert one.sentence not in oracle
        return
    row = product[one.sentence]
    assert {name: row[name] for name in one.expected} == one.expected
    assert differences(row, oracle[one.sentence]) == {}


def test_every_row_leads_back_to_the_creation_that_counts(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    product, _ = both
    assert {(row["namespace"], row["source"], row["batch_id"]) for row in product.values()} == {
        ("retention", "retention", "b-0001")
    }
    assert all(row["record_key"] == f"retention/{record_id}" for record_id, row in product.items())
    assert len({row["row_number"] for row in product.values()}) == len(product)


def test_two_namespaces_may_use_one_identifier(tmp_path) -> None:
    warehouse = prepared(tmp_path)
    events = (Event("e1", "created", AS_OF, system="crm", data_category="mail", purpose_code="other", record_count=1),)
    rows = rows_of({"R-1": events})
    warehouse.land([row | {"namespace": name} for row in rows for name in ("crm", "voice")], log="retention")
    warehouse.land([rows[0] | {"namespace": "voice", "event_id": "e2", "event_type": "deleted"}], log="retention")
    warehouse.build(AS_OF.isoformat(), select=("+fct_records",))
    found = warehouse.rows("select record_key, is_alive from outgoing.marts.fct_records order by all")
    assert found == [{"record_key": "crm/R-1", "is_alive": True}, {"record_key": "voice/R-1", "is_alive": False}]


def test_without_a_row_of_the_log_there_is_no_record_set(tmp_path) -> None:
    warehouse = prepared(tmp_path).build(AS_OF.isoformat(), select=("+fct_records",))
    assert warehouse.rows("select * from outgoing.marts.fct_records") == []
