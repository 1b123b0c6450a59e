"""Collections in hundreds of small worlds: the mart agrees with the oracle, at every instant.

One build computes all worlds: each is a collection of its own, and they share the pack and the policy's versions.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracles import policies
from oracles.collections_log import Listed, evaluate
from warehouse import Warehouse, by_key, plain, require_equal

WORLDS = 800
MICROSECOND = timedelta(microseconds=1)
MIDNIGHT_IN_DUBLIN = datetime(2026, 5, 31, 23, tzinfo=UTC)  # 1 June begins
LANDED = (datetime(2026, 5, 31, 22, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (
    MIDNIGHT_IN_DUBLIN - MICROSECOND,
    MIDNIGHT_IN_DUBLIN,
    datetime(2026, 6, 15, 9, tzinfo=UTC),
    datetime(2026, 8, 1, tzinfo=UTC),
)
REGISTER = (
    Listed("contact"),
    Listed("usage", valid_from=date(2026, 6, 1)),
    Listed("voice", valid_to=date(2026, 6, 1)),
    Listed("location", date(2026, 1, 1), date(2026, 5, 20)),
    Listed("location", date(2026, 6, 10)),
)
PURPOSES = (Listed("service", valid_to=date(2026, 6, 1)), Listed("news", date(2026, 6, 1), date(2026, 6, 10)))
CATEGORIES = ("contact", "usage", "voice", "location", "genes", "mood")
# A version that went and never came, one that two sources record, one that took effect only later.
VERSIONS = (
    ("v1", "effective", MIDNIGHT_IN_DUBLIN - timedelta(days=40), "policies"),
    ("v1", "superseded", MIDNIGHT_IN_DUBLIN, "policies"),
    ("v2", "published", MIDNIGHT_IN_DUBLIN - timedelta(days=9), "policies"),
    ("v2", "effective", MIDNIGHT_IN_DUBLIN, "policies"),
    ("v2", "effective", datetime(2026, 5, 20, tzinfo=UTC), "elsewhere"),
    ("v2", "superseded", datetime(2026, 5, 25, tzinfo=UTC), "elsewhere"),
    ("v3", "superseded", datetime(2026, 5, 1, tzinfo=UTC), "policies"),
    ("v4", "effective", datetime(2026, 7, 1, tzinfo=UTC), "policies"),
)
POLICY_EVENTS = [
    {"policy_version": version, "event_type": kind, "occurred_at": at, "namespace": namespace, "event_id": f"p{number}"}
    | ({"material": True} if kind == "published" else {})
    for number, (version, kind, at, namespace) in enumerate(VERSIONS)
]


def pack(folder: Path, register: tuple[Listed, ...] | None, purposes: tuple[Listed, ...] | None) -> Path:
    folder.mkdir()
    (folder / "pack.yml").write_text("name: test\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
    for name, columns, more, rows in (
        ("data_categories", "data_category", "", register),
        ("purposes", "purpose_code,consent_required", ",no", purposes),
    ):
        if rows is not None:
            lines = [f"{row.code}{more},{row.valid_from or ''},{row.valid_to or ''}" for row in rows]
            (folder / f"{name}.csv").write_text("\n".join([f"{columns},valid_from,valid_to", *lines, ""]), encoding="utf-8")
    return folder


def collected(dice: Random, number: int) -> dict[str, Any]:
    """One collection, much of it around the midnight that begins June."""
    moments = [MIDNIGHT_IN_DUBLIN + shift for shift in (timedelta(0), MICROSECOND, -MICROSECOND)]
    moments += [*AS_OF, LANDED[0] + timedelta(minutes=5), LANDED[0] + timedelta(minutes=5) + MICROSECOND]
    moments += [at for _, _, at, _ in VERSIONS] + [VERSIONS[0][2] - MICROSECOND, VERSIONS[0][2] - timedelta(days=20)]
    moments += [MIDNIGHT_IN_DUBLIN + timedelta(hours=dice.randint(-900, 900), seconds=dice.randint(0, 3599)) for _ in range(6)]
    occurred = dice.choice(moments)
    shown = dice.choice((None, occurred, occurred + MICROSECOND, occurred - MICROSECOND, *dice.sample(moments, 4)))
    kind = dice.choice(("automatic", "requested", "feature"))
    return {
        "event_id": f"c{number}",
        "namespace": dice.choice(("collections", "elsewhere")),
        "subject_key": f"{number % 50:032x}",
        "subject_ref_type": "customer_id",
        "occurred_at": occurred,
        "landed_at": dice.choice(LANDED),
        "collection_type": kind,
        "feature": "voicemail_transcription" if kind == "feature" else None,
        "data_categories": [dice.choice(CATEGORIES) for _ in range(dice.choice((0, 1, 1, 2, 3, 4)))],
        "purpose_code": dice.choice(("service", "news")),
        "jurisdiction": dice.choice((None, "IE", "US-CA")),
        "notice_shown_at": shown,
        "notice_id": dice.choice((None, "n1")),
        "policy_version": dice.choice((None, "v1", "v2", "v2", "v3", "v4", "v9")),
        "notice_exemption": dice.choice((None, None, None, "not_required", "already_informed")),
    }


def worlds() -> list[dict[str, Any]]:
    dice = Random(5)
    return [collected(dice, number) for number in range(WORLDS)]


def versions_at(as_of: datetime) -> list[dict[str, Any]]:
    lives = defaultdict(list)
    for event in POLICY_EVENTS:
        lives[event["namespace"], event["policy_version"]].append(event | {"landed_at": LANDED[1]})
    return [row for events in lives.values() if (row := policies.evaluate(events, as_of))]


def published(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("fct_collections", ("namespace", "event_id"), as_of)


def expected(
    register: tuple[Listed, ...] | None, purposes: tuple[Listed, ...] | None, policy: bool, as_of: datetime
) -> dict[tuple[Any, ...], dict[str, Any]]:
    versions = versions_at(as_of) if policy else []
    return by_key(
        (
            verdict | {"namespace": row["namespace"]}
            for row in worlds()
            if (verdict := evaluate(row, register, purposes, versions, as_of))
        ),
        *("namespace", "event_id"),
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("collections")
    warehouse = Warehouse(folder).prepare(pack(folder / "pack", REGISTER, PURPOSES))
    warehouse.deliver(worlds(), Random(1), "collections")
    warehouse.land([{name: plain(value) for name, value in row.items()} for row in POLICY_EVENTS], log="policies")
    return warehouse


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_collection(warehouse, as_of):
    require_equal(published(warehouse, as_of), expected(REGISTER, PURPOSES, policy=True, as_of=as_of), above=300)


def test_the_worlds_hold_what_the_checks_are_about(warehouse):
    rows = published(warehouse, AS_OF[-1]).values()
    for column in ("ok_notice", "ok_policy_version"):
        assert {row[column] for row in rows} == {True, False, None}, column
    for column in ("ok_categories", "ok_purpose"):
        assert {row[column] for row in rows} == {True, False}, column
    between = {
        datetime.fromisoformat(row["notice_shown_at"]) - datetime.fromisoformat(row["occurred_at"])
        for row in rows
        if row["notice_shown_at"]
    }
    assert {timedelta(0), MICROSECOND, -MICROSECOND} <= between
    undated = [row for row in rows if row["policy_version"] is None and row["notice_shown_at"] and row["ok_notice"] is not None]
    in_time = [row for row in undated if row["notice_shown_at"] <= row["occurred_at"]]
    first = VERSIONS[0][2].isoformat()
    assert {(row["ok_notice"], row["notice_shown_at"] >= first) for row in in_time} == {(True, True), (False, False)}
    on_the_day = {(row["occurred_date"], tuple(row["unlisted_categories"])) for row in rows}
    assert ("2026-05-31", ("usage",)) in on_the_day
    assert ("2026-06-01", ("voice",)) in on_the_day


def test_without_categories_and_policy_versions_both_checks_are_undetermined(tmp_path):
    warehouse = Warehouse(tmp_path).prepare(pack(tmp_path / "pack", None, None))
    warehouse.deliver(worlds(), Random(1), "collections")
    found = published(warehouse, AS_OF[2])
    require_equal(found, expected(None, None, policy=False, as_of=AS_OF[2]))
    checks = ("unlisted_categories", "ok_categories", "ok_purpose", "ok_policy_version")
    assert {tuple(row[check] for check in checks) for row in found.values()} == {(None,) * 4}


def test_an_empty_register_of_categories_lists_nothing(tmp_path):
    warehouse = Warehouse(tmp_path).prepare(pack(tmp_path / "pack", (), ()))
    warehouse.deliver(worlds(), Random(1), "collections")
    require_equal(published(warehouse, AS_OF[2]), expected((), (), policy=False, as_of=AS_OF[2]))


def test_a_row_leads_back_to_its_landed_row(warehouse):
    published(warehouse, AS_OF[-1])
    assert warehouse.led_astray("fct_collections", "collections") == 0
