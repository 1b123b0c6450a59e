"""Disclosures in hundreds of small worlds: the mart agrees with the oracle, at every instant.

One build computes all worlds: each is a person of its own, and they share the registers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracles import consents, persons, stops
from oracles.disclosures import IN_ORDER, SUITS, Registers, evaluate
from oracles.occurrence import by_then
from random_disclosures import AS_OF, MICROSECOND, MIDNIGHTS, VALID_DAYS, World, registers, rows_of, worlds, write_pack
from warehouse import Warehouse, plain, require_equal

COUNT = 800
LOGS = ("subject_links", "consents", "requests", "collections", "disclosures")
Found = dict[tuple[Any, ...], dict[str, Any]]
WORLDS = worlds(COUNT)
PACK = registers()
BARE = replace(PACK, recipients=None, agreements=None, categories=None)


def prepared(folder: Path, pack: Registers, seed: int = 1) -> Warehouse:
    warehouse = Warehouse(folder).prepare(write_pack(folder / "pack", pack))
    for log in LOGS:
        warehouse.deliver(rows_of(WORLDS, log), Random(seed), log)
    if pack.policy_since:
        since = {"policy_version": "v1", "event_type": "effective", "occurred_at": pack.policy_since.isoformat()}
        warehouse.land([since | {"namespace": "here", "event_id": "p1"}], log="policies")
    return warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return prepared(tmp_path_factory.mktemp("disclosures"), PACK)


def published(warehouse: Warehouse, as_of: datetime) -> Found:
    return warehouse.model("fct_disclosures", ("namespace", "event_id"), as_of)


def expected(world: World, pack: Registers, as_of: datetime) -> Found:
    """What the oracle computes of one world, given the persons, what was agreed to, and what stopped."""

    def person(row: dict[str, Any]) -> str:
        return who.get(row["subject_key"], row["subject_key"])

    who = {key: one["person_key"] for key, one in persons.resolve(world.rows["subject_links"], as_of).items()}
    decisions = [
        consents.ConsentEvent("here", row["event_id"], row["occurred_at"], person(row), row["purpose_code"], row["event_type"])
        for row in by_then(world.rows["consents"], as_of)
    ]
    purposes = [consents.Purpose(code, days) for code, days in VALID_DAYS.items()]
    states = [row for row in consents.intervals(consents.knowledge(decisions, (), purposes, as_of)) if row["state"] == "active"]
    stopped = stops.stops(*(world.rows[log] for log in ("requests", "consents", "collections")), who, as_of)
    binding = sorted(stopped, key=lambda stop: (stop.stopped_at, stop.request_key))

    def agreed(key: str, purpose: str, at: datetime) -> bool:
        about = [row for row in states if (row["subject_key"], row["purpose_code"]) == (who.get(key, key), purpose)]
        return any(row["valid_from"] <= at and (row["valid_to"] is None or at < row["valid_to"]) for row in about)

    def holding(key: str, purpose: str, at: datetime) -> tuple[list[tuple[datetime, str, str, bool]], set[str]]:
        mine = [stop for stop in binding if stop.person_key == who.get(key, key) and stop.right_type != "automated_decision"]
        held = [
            (stop.stopped_at, stop.request_key, stop.right_type, stop.knows_scope) for stop in mine if stop.binds(purpose, at)
        ]
        return held, {stop.right_type for stop in mine if stop.is_in_force(at)}

    return {
        (row["namespace"], row["event_id"]): {name: plain(value) for name, value in verdict.items()}
        for row in world.rows["disclosures"]
        if (verdict := evaluate(row, pack, agreed, holding, as_of))
    }


def of_all(pack: Registers, as_of: datetime) -> Found:
    return {key: row for world in WORLDS for key, row in expected(world, pack, as_of).items()}


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_disclosure(warehouse, as_of):
    require_equal(published(warehouse, as_of), of_all(PACK, as_of), above=500)


def test_the_worlds_hold_what_the_checks_are_about(warehouse):
    """A guard on the guard: every verdict of every check, every stop and many failures at once are there, and not once."""
    seen: Counter[Any] = Counter()
    agreements = {(one.recipient_id, one.valid_to.isoformat()) for one in PACK.agreements or () if one.valid_to}
    entries = {(one.recipient_id, one.valid_to.isoformat()) for one in PACK.recipients or () if one.valid_to}
    worlds_by_number = {world.number: world for world in WORLDS}
    for row in published(warehouse, AS_OF[-1]).values():
        seen.update((check, row[check]) for check in IN_ORDER)
        seen["stopped", row["stopped_right_type"]] += 1
        seen["kind", row["recipient_kind"]] += 1
        seen["failures", len(row["failed_checks"])] += 1
        day = (row["recipient_id"], row["occurred_date"])
        seen["the agreement ended that day"] += row["ok_agreement"] is False and day in agreements
        seen["the register row ended that day"] += day in entries
        near = {at.isoformat() for at in worlds_by_number[int(row["event_id"][1:].split("-")[0])].instants()}
        at = datetime.fromisoformat(row["occurred_at"])
        seen["at an instant of the person"] += row["occurred_at"] in near
        seen["just after a stop"] += row["ok_not_stopped"] is False and (at - MICROSECOND).isoformat() in near
        told_at = row["disclosed_to_subject_at"]
        seen["notified that instant"] += told_at == row["occurred_at"]
        in_time = row["ok_told"] is not None and told_at is not None and told_at <= row["occurred_at"]
        seen["notified before there was a policy"] += in_time and row["ok_told"] is False
        seen["notified of the first policy at once"] += in_time and told_at == MIDNIGHTS[0].isoformat()
    wanted: list[Any] = [(check, verdict) for check in IN_ORDER for verdict in (True, False, None)]
    wanted = [one for one in wanted if one not in {("ok_recipient", None)}]
    wanted += [("stopped", right) for right in ("erasure", "objection", "restriction", "opt_out_sale_share")]
    wanted += [("kind", kind) for kind in (*SUITS, None)] + [("failures", count) for count in range(7)]
    wanted += ["the agreement ended that day", "the register row ended that day"]
    wanted += ["at an instant of the person", "just after a stop", "notified that instant", "notified before there was a policy"]
    assert {case: seen[case] for case in wanted if seen[case] < 5} == {}


def test_a_pack_without_registers_assesses_only_checks_that_need_none(tmp_path):
    found = published(prepared(tmp_path, BARE), AS_OF[2])
    require_equal(found, of_all(BARE, AS_OF[2]))
    for check in ("ok_recipient", "ok_reason", "ok_agreement", "ok_authority", "ok_categories", "ok_purpose"):
        assert {row[check] for row in found.values()} == {None}, check
    assert {row["ok_transfer"] for row in found.values()} == {True, None}
    doubts = [row for row in found.values() if row["subject_key"] and row["reason_code"] != "required_by_law"]
    assert {row["ok_not_stopped"] for row in doubts} == {True, False, None}


def test_an_empty_register_lists_nobody(tmp_path):
    pack = replace(PACK, recipients=(), agreements=(), categories=())
    found = published(prepared(tmp_path, pack), AS_OF[2])
    require_equal(found, of_all(pack, AS_OF[2]))
    assert {(row["ok_recipient"], row["ok_reason"], row["ok_agreement"]) for row in found.values()} == {(False, None, None)}


def test_a_row_leads_back_to_its_landed_row(warehouse):
    published(warehouse, AS_OF[-1])
    assert warehouse.led_astray("fct_disclosures", "disclosures") == 0


def test_a_stop_that_is_named_is_a_request_of_the_mart(warehouse):
    published(warehouse, AS_OF[-1])
    (lost,) = warehouse.rows(
        "select count(*) as rows from outgoing.marts.fct_disclosures as facts"
        " anti join outgoing.marts.fct_requests as requests"
        " on facts.stopped_by = requests.request_key and facts.stopped_right_type = requests.right_type"
        " where facts.stopped_by is not null"
    )
    assert lost == {"rows": 0}
