"""Erasures in hundreds of small worlds: the mart agrees with the oracle, at every instant.

One build computes all worlds: each is a person of its own, and they share the pack.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from erasure_worlds import PLACES, desk, rows_of, write_pack
from oracles.records import Event, evaluate
from warehouse import Warehouse, plain, require_equal

WORLDS = 700
OF_THE_MART_ALONE = {"scanned_after_deletion", "deleted_record_count", "partial_deletions"}  # of fct_records, at as_of
MICROSECOND = timedelta(microseconds=1)
END_IN_DUBLIN = datetime(2026, 4, 23, 22, 59, 59, 999999, tzinfo=UTC)  # the grace of what was closed on 24 March
MIDNIGHT_ON_THE_AZORES = datetime(2026, 10, 25, tzinfo=UTC)  # it strikes twice; this is the first time
AS_OF = (
    END_IN_DUBLIN,
    END_IN_DUBLIN + MICROSECOND,
    datetime(2026, 6, 20, 9, tzinfo=UTC),
    MIDNIGHT_ON_THE_AZORES - MICROSECOND,
    MIDNIGHT_ON_THE_AZORES,
    datetime(2027, 1, 15, tzinfo=UTC),
)
Rows = dict[str, list[dict[str, Any]]]


def worlds() -> Rows:
    return rows_of(WORLDS, AS_OF, seed=11)


def landed(folder: Path, rows: Rows, dice: Random) -> Warehouse:
    warehouse = Warehouse(folder).prepare(write_pack(folder / "erasures-pack"))
    for code in PLACES.keys() - {"IE"}:  # Ireland's is the organisation's own
        warehouse.place(code, None, None, PLACES[code].key)
    for log in rows:
        warehouse.deliver(rows[log], dice, log)
    return warehouse


def published(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("fct_erasures", ("namespace", "request_id"), as_of, "fct_requests")


@pytest.fixture(scope="module")
def rows() -> Rows:
    return worlds()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> Warehouse:
    return landed(tmp_path_factory.mktemp("erasures"), rows, Random(1))


@pytest.fixture(scope="module")
def history(warehouse: Warehouse) -> dict[datetime, dict[tuple[Any, ...], dict[str, Any]]]:
    """The mart at every instant; the warehouse is left as it stands at the last."""
    return {as_of: published(warehouse, as_of) for as_of in AS_OF}


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_inspector_agree_on_every_erasure(warehouse, history, rows, as_of):
    verdicts = desk(rows, warehouse.folder / "erasures-pack").evaluate(as_of)
    expected = {key: {name: plain(value) for name, value in verdict.items()} for key, verdict in verdicts.items()}
    require_equal(history[as_of], expected, above=200)


@pytest.mark.usefixtures("history")
def test_every_record_set_stands_as_it_was_known_at_each_instant(warehouse, rows):
    """The state at an instant of one's own choice, in every column, is what the archivist computes for that instant."""
    inspector = desk(rows, warehouse.folder / "erasures-pack")
    states = warehouse.rows("select * from intermediate.int_erasures__states")
    assert len(states) > 1_000
    names = set(Event.__dataclass_fields__)
    for state in states:
        life = [
            Event(**{name: row.get(name) for name in names})
            for row in inspector.records[state["namespace"], state["record_id"]]
            if row["occurred_at"] - row["landed_at"] <= timedelta(minutes=5)
        ]
        verdict = evaluate(life, inspector.policy, inspector.zone, datetime.fromisoformat(state["state_at"]))
        assert verdict is not None, state["record_key"]
        verdict_columns = {name: plain(value) for name, value in verdict.as_dict().items() if name not in OF_THE_MART_ALONE}
        assert {name: state[name] for name in verdict_columns} == verdict_columns, (state["record_key"], state["state_at"])


def test_a_verdict_stands_whatever_happens_later(history, rows):
    """Only a return, a set that is created again, a link of identifiers, or a new life of the request moves a verdict."""
    early, late = history[AS_OF[2]], history[AS_OF[-1]]
    moved = {row["request_id"] for row in rows["requests"] if row["occurred_at"] > AS_OF[2]}
    linked = {
        key for row in rows["subject_links"] if row["occurred_at"] > AS_OF[2] for key in (row["subject_key"], row["other_key"])
    }
    linked = {key[:4] for key in linked}
    final = [
        key
        for key, row in early.items()
        if row["status"] != "pending" and row["request_id"] not in moved and row["subject_key"][:4] not in linked
    ]
    assert len(final) > 150
    back = {key for key in final if late[key]["reappeared_sets"] > early[key]["reappeared_sets"]}
    again = {key for key in final if late[key]["recreated"] != early[key]["recreated"]}
    for key in final:
        assert key in back | again or late[key] == early[key], key
    turned = {key for key in back | again if (early[key]["status"], late[key]["status"]) == ("complete", "incomplete")}
    assert turned & back
    assert turned & again


def test_the_worlds_hold_what_the_rules_are_about(warehouse, history, rows):
    last, seen = history[AS_OF[-1]], Counter()
    for row in last.values():
        seen[row["status"]] += 1
        for column in ("excused_sets", "reappeared_sets", "missed_records", "erased_sets", "unconfirmed_systems", "recreated"):
            seen[column] += bool(row[column])
        seen["recreated for somebody whom nobody knew"] += bool(row["recreated"]) and not row["record_sets"]
        seen["recreated and nothing else wrong"] += bool(row["recreated"]) and not row["missed"] + row["unconfirmed_systems"]
        seen["excused and yet complete"] += bool(row["excused_sets"]) and row["status"] == "complete"
        seen["nothing missed but a system silent"] += bool(row["unconfirmed_systems"]) and not row["missed_records"]
        seen[f"in {row['time_zone']}"] += 1
    seen["pending"] = Counter(row["status"] for row in history[AS_OF[0]].values())["pending"]
    cases = {(row["namespace"], row["request_id"]): row for row in last.values()}
    for row in rows["requests"]:
        case = cases.get((row["namespace"], row["request_id"]))
        if case is not None:
            seen["reopened and closed again"] += row["event_type"] == "reopened"
            late = datetime.fromisoformat(case["judged_at"]) + MICROSECOND == row["occurred_at"]
            seen["confirmed a microsecond too late"] += late and row["event_type"] == "system_completed"
            just = datetime.fromisoformat(case["judged_at"]) == row["occurred_at"]
            seen["confirmed at the last microsecond"] += just and row["event_type"] == "system_completed"
    for row in warehouse.rows(
        "select found.*, fulfilled.subject_key as asked_by, fulfilled.closed_at, retention.*"
        " from intermediate.int_erasures__fulfilled as fulfilled"
        " inner join intermediate.int_records__timeline as records"
        "   on left(records.subject_key, 4) = left(fulfilled.subject_key, 4)"
        " left join intermediate.int_erasures__found as found"
        "   on found.request_key = fulfilled.request_key and found.record_key = records.record_key"
        " inner join landing.retention as retention"
        "   on retention.namespace = records.namespace and retention.record_id = records.record_id"
    ):
        if row["record_key"] is None:
            seen["created at the very instant of the closing"] += (
                row["event_type"] == "created" and row["occurred_at"] == row["closed_at"]
            )
            continue
        seen["found under another identifier"] += row["event_type"] == "created" and row["subject_key"] != row["asked_by"]
        shift = datetime.fromisoformat(row["occurred_at"]) - datetime.fromisoformat(row["judged_at"])
        for kind in ("deleted", "seen", "hold_placed", "hold_released", "last_activity", "trigger"):
            seen[f"{kind} at judged_at"] += row["event_type"] == kind and shift == timedelta(0)
            seen[f"{kind} a microsecond later"] += row["event_type"] == kind and shift == MICROSECOND
    assert len(seen) >= 31, seen
    assert {way: count for way, count in seen.items() if count < 5} == {}


@pytest.mark.usefixtures("history")
def test_a_row_leads_back_to_the_landed_row_of_its_fulfilment(warehouse):
    (lost,) = warehouse.rows(
        "select count(*) as rows from outgoing.marts.fct_erasures as facts anti join landing.requests as landed"
        " on (facts.batch_id, facts.row_number, facts.namespace, facts.event_id, facts.source, facts.closed_at)"
        " = (landed.batch_id, landed.row_number, landed.namespace, landed.event_id, landed.source, landed.occurred_at)"
        " and facts.request_id = landed.request_id and landed.event_type = 'fulfilled'"
    )
    assert lost == {"rows": 0}


@pytest.mark.usefixtures("history")
def test_every_erasure_that_is_fulfilled_is_assessed(warehouse):
    """The population is that of fct_requests."""
    fulfilled = "select request_key from outgoing.marts.fct_requests where right_type = 'erasure' and outcome = 'fulfilled'"
    assert warehouse.rows(f"{fulfilled} and status <> 'excluded' order by 1") == warehouse.rows(
        "select request_key from outgoing.marts.fct_erasures order by 1"
    )


def test_without_a_row_of_the_retention_log_nothing_is_proven(tmp_path, rows):
    found = published(landed(tmp_path, {"requests": rows["requests"]}, Random(1)), AS_OF[-1])
    assert {row["status"] for row in found.values()} == {"no_records_found"}
    assert len(found) > 300


def test_without_a_request_there_is_no_erasure(tmp_path, rows):
    assert published(landed(tmp_path, {"retention": rows["retention"]}, Random(1)), AS_OF[-1]) == {}
