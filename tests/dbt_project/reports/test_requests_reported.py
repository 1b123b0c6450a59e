"""A thousand random requests: the roll-forward and the tables of the regulators hold what one counts row by row."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from oracles import ccpa
from oracles.events import Event
from oracles.roll_forward import movements, was_open
from request_lives import ZONES, built, lives, look, periods
from warehouse import Warehouse

COUNT = 1000
AS_OF = datetime(2026, 7, 15, 12, tzinfo=UTC)
EARLIER = datetime(2025, 10, 1, 3, tzinfo=UTC)  # already October in Ireland, still September in California
MOVEMENTS = ("received", "reopened", "answered", "excluded")
LIVES = lives(COUNT)


@pytest.fixture(scope="module", params=[EARLIER, AS_OF], ids=["earlier", "later"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, datetime]:
    return built(tmp_path_factory.mktemp("reports"), LIVES, request.param), request.param


def units(as_of: datetime) -> list[tuple[str, str, str, list[Event]]]:
    """Each right that had been requested: request, right, zone and what had happened."""
    found = []
    for request_id, rows in LIVES.items():
        events = [
            Event(row["event_type"], row["occurred_at"], row["right_type"], row.get("reason_code"), role=row.get("role"))
            for row in rows
            if row["occurred_at"] <= as_of
        ]
        zone = ZONES[rows[0]["jurisdiction"]]
        rights = {event.right_type for event in events if event.event_type == "received"}
        found += [(request_id, right, zone, events) for right in sorted(rights)]
    return found


def requests(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.rows("from outgoing.marts.fct_requests")


def test_the_open_requests_of_every_evening_are_those_that_the_auditor_finds_open(seen):
    warehouse, as_of = seen
    expected: Counter[tuple[str, str | None, str, str]] = Counter()
    spans = [*((grain, start, end) for grain, start, end in periods(as_of.date())), ("to_date", None, None)]
    for _, right, zone, events in units(as_of):
        moved = movements(events, right, zone)
        for grain, start, end in spans:
            first, after = start or date.min, end or date.max
            key = (grain, start.isoformat() if start else None, right)
            expected[*key, "opening"] += was_open(events, right, zone, first)
            expected[*key, "closing"] += was_open(events, right, zone, after)
            for movement, day in moved:
                expected[*key, movement] += first <= day < after
    rows = warehouse.rows("from outgoing.marts.rpt_roll_forward")
    found = {
        (row["period_grain"], row["period_start"], row["right_type"], name): row[name]
        for row in rows
        for name in ("opening", *MOVEMENTS, "closing")
    }
    assert found == {key: expected[key] for key in found}
    assert +Counter(found) == +expected
    assert all(row["balance"] == 0 for row in rows)
    assert all(sum(row[name] for row in rows) > 20 for name in ("opening", *MOVEMENTS, "closing"))


def test_the_roll_forward_reaches_each_denominator_that_one_counts_from_the_requests(seen):
    warehouse, _ = seen
    of_requests = requests(warehouse)
    assessed_statuses = ("closed_on_time", "closed_late", "open_overdue")

    def counted(day: str, row: dict[str, Any], holds: list[bool]) -> int:
        return sum(
            one
            and (
                row["period_start"] is None
                or ((place := request[day]) is not None and row["period_start"] <= place < row["period_end"])
            )
            for one, request in zip(holds, of_requests, strict=True)
        )

    for request in of_requests:
        request["placed"] = request["due_date"] or request["closed_date"]
    for row in warehouse.rows("from outgoing.marts.rpt_roll_forward where period_grain <> 'quarter'"):
        mine = [request["right_type"] == row["right_type"] for request in of_requests]

        def those(test, mine=mine) -> list[bool]:
            return [one and test(request) for one, request in zip(mine, of_requests, strict=True)]

        assert row["fell_due"] == counted("placed", row, those(lambda r: r["status"] in assessed_statuses))
        assert row["fell_due_strictly"] == counted("placed", row, those(lambda r: r["strict_status"] in assessed_statuses))
        assert row["closed"] == counted(
            "closed_date", row, those(lambda r: r["closed_date"] is not None and r["status"] != "excluded")
        )
        assert row["achievable"] == counted(
            "received_date", row, those(lambda r: r["status"] not in ("excluded", "no_rule", "no_deadline"))
        )
        assert row["ack_fell_due"] == counted(
            "ack_due_date",
            row,
            those(lambda r: r["status"] != "excluded" and r["ack_status"] in ("on_time", "late", "open_overdue")),
        )


def test_the_yearly_table_of_california_is_the_one_that_the_business_counts_by_hand(seen):
    warehouse, as_of = seen
    expected = ccpa.table(requests(warehouse), as_of.year)
    rows = {(row["calendar_year"], row["request_type"]): row for row in warehouse.rows("from outgoing.marts.rpt_ccpa_7102")}
    assert rows.keys() == expected.keys()
    for key, row in expected.items():
        assert {name: rows[key][name] for name in row} == pytest.approx(row), key


def test_the_record_holds_each_request_from_california_and_none_else(seen):
    warehouse, _ = seen
    rows = {row["request_key"]: row for row in warehouse.rows("from outgoing.marts.rpt_ccpa_7101")}
    expected = {row["request_key"]: row for row in requests(warehouse) if row["jurisdiction"] == "US-CA"}
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        register = expected[key]
        assert row["nature_of_response"] == (ccpa.DISPOSITION[register["outcome"]] if register["outcome"] else None)
        assert row["nature_of_request"] == ccpa.TYPES.get(register["right_type"], register["right_type"])
        of_requests = ("received_date", "channel", "closed_date", "event_id", "batch_id", "row_number")
        here = ("date_of_request", "manner_of_request", "date_of_response", "event_id", "batch_id", "row_number")
        assert [row[name] for name in here] == [register[name] for name in of_requests]


def test_the_months_of_the_gdpr_count_each_request_once(seen):
    warehouse, _ = seen
    ways = {"closed_on_time": "answered_in_time", "closed_late": "answered_late", "no_rule": "without_deadline"}
    ways |= {"no_deadline": "without_deadline"}
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for row in requests(warehouse):
        if row["regime_code"] in ("EU_GDPR", "UK_GDPR"):
            key = (row["regime_code"], row["right_type"], row["received_date"][:7] + "-01")
            stands = row["status"] != "excluded"
            expected[*key, "received"] += 1
            expected[*key, ways.get(row["status"], row["status"])] += 1
            expected[*key, "denied"] += stands and row["outcome"] == "denied"
            expected[*key, "answered"] += stands and row["outcome"] is not None
            expected[*key, "extended"] += stands and row["extension_status"] == "valid"
            expected[*key, "extended_without_effect"] += stands and row["extension_status"] in ("late", "not_permitted")
    names = {key[3] for key in expected}
    found = {
        (row["regime_code"], row["right_type"], row["month_start"], name): row[name]
        for row in warehouse.rows("from outgoing.marts.rpt_gdpr_art12_requests")
        for name in names
    }
    assert +Counter(found) == +expected
    assert len({key[0] for key in found}) == 2


@pytest.mark.parametrize("seen", [AS_OF], indirect=True, ids=["later"])
def test_the_lives_hold_what_is_hard(seen):
    warehouse, _ = seen
    moved = warehouse.rows("from intermediate.int_requests__movements")
    fates = Counter(row["fate"] for row in moved if row["movement"] == "answered")
    assert min(fates[fate] for fate in ("stands", "reopened", "excluded")) > 20, fates
    assert max(row["turn"] for row in moved) >= 3
    whole = Counter[str]()
    for row in warehouse.rows("from outgoing.marts.rpt_ccpa_7102"):
        whole.update({name: row[name] for name in (*ccpa.WAYS, *(f"denied_{ground}" for ground in ccpa.GROUNDS))})
    assert min(whole.values()) > 0, whole
    (bridges,) = warehouse.rows(
        "select max(answered_before_receipt) as before, max(closed_due_elsewhere) as elsewhere,"
        " max(strictly_overdue_beyond) as strict from outgoing.marts.rpt_roll_forward"
    )
    assert min(bridges.values()) > 0, bridges


@pytest.mark.parametrize("seen", [AS_OF], indirect=True, ids=["later"])
@pytest.mark.slow
def test_the_order_of_arrival_changes_nothing(seen, tmp_path: Path):
    warehouse, as_of = seen
    again = built(tmp_path / "again", LIVES, as_of, seed=2)
    for mart in ("rpt_roll_forward", "rpt_ccpa_7102", "rpt_gdpr_art12_requests"):
        query = f"from outgoing.marts.{mart} order by all"
        assert again.rows(query) == warehouse.rows(query)
    before = warehouse.rows("from outgoing.marts.rpt_roll_forward where period_end <= '2025-09-01' order by all")
    looked = look(again, EARLIER).rows("from outgoing.marts.rpt_roll_forward where period_end <= '2025-09-01' order by all")
    steady = ("period_grain", "period_start", "right_type", "opening", *MOVEMENTS, "closing")
    assert [[row[name] for name in steady] for row in looked] == [[row[name] for name in steady] for row in before]
