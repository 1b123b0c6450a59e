"""Incidents, versions of the policy, collections and links, from files as sources deliver them to what is published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from world import World, help_desk

from orchestration import pipeline

pytestmark = pytest.mark.slow

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ROWS: dict[str, list[dict[str, Any]]] = {
    "incidents": [
        {"incident_id": "breach", "event_type": "detected", "occurred_at": "2026-06-01T10:00:00+01:00"}
        | {"incident_type": "disclosure", "jurisdiction": "IE", "affected_subjects": 12},
        {"incident_id": "breach", "event_type": "authority_notified", "occurred_at": "2026-06-04T09:00:00Z"},
        {"incident_id": "orphan", "event_type": "closed", "occurred_at": "2026-06-04T09:00:00Z"},
    ],
    "policies": [
        {"policy_version": "2026.1", "event_type": "published", "occurred_at": "2026-05-31T23:30:00Z"}
        | {"material": True, "last_updated_shown": "2026-06-01"},
        {"policy_version": "2026.1", "event_type": "change_notified", "occurred_at": "2026-06-02T09:00:00Z"}
        | {"audience_size": 200, "notified_count": 150},
        {"policy_version": "2026.1", "event_type": "effective", "occurred_at": "2026-06-10T00:00:00+01:00"},
    ],
    "collections": [
        {"subject_ref": "Ann@example.org", "collection_type": "feature", "feature": "call_summary", "purpose_code": "service"}
        | {"data_categories": ["voice", "genes"], "notice_shown_at": "2026-06-11T08:00:00Z", "policy_version": "2026.1"}
        | {"occurred_at": "2026-06-11T08:00:00Z", "jurisdiction": "IE"},
        {"subject_ref": "bob@example.org", "collection_type": "automatic", "purpose_code": "service"}
        | {"data_categories": ["voice"], "occurred_at": "2026-06-11T08:00:00Z"},
    ],
    "subject_links": [
        {"subject_ref": "ann@example.org", "other_ref": "ann@example.com", "other_ref_type": "email"}
        | {"occurred_at": "2026-06-01T08:00:00Z"},
        {"subject_ref": "ann@example.com", "other_ref": "A-17", "other_ref_type": "customer_id"}
        | {"occurred_at": "2026-06-02T08:00:00Z"},
    ],
}


def inbox(log: str) -> dict[str, Any]:
    source = help_desk(log, inbox=log) | {"log": log}
    if log in {"collections", "subject_links"}:
        return source | {"defaults": {"subject_ref_type": "email"}}
    return {name: value for name, value in source.items() if name != "defaults"}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Build:
    folder: Path = tmp_path_factory.mktemp("registers")
    world = World(folder)
    with (folder / "pack" / "pack.yml").open("a", encoding="utf-8") as manifest:
        manifest.write("\nincident_hours: {EEA: 72}\n")
    (folder / "pack" / "data_categories.csv").write_text("data_category,name,sensitive\nvoice,Voice,yes\n", encoding="utf-8")
    world.configure(help_desk("helpdesk", inbox="requests"), *(inbox(log) for log in ROWS))
    world.request("r1", received="2026-06-20")
    for log, rows in ROWS.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    build = world.prepare(NOW, now=NOW)
    world.make(build, ["fct_incidents", "fct_policy_versions", "fct_collections", "int_persons__resolved"])
    return build


def rows(build: pipeline.Build, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        db.execute(f"attach '{build.outgoing}' as outgoing (read_only); attach '{build.warehouse}' as warehouse (read_only)")
        return db.execute(query).fetchall()


def test_an_incident_is_assessed_and_an_orphan_is_none(build):
    assert rows(build, "select incident_id, status, affected_subjects, authority_hours from outgoing.marts.fct_incidents") == [
        ("breach", "on_time", 12, 72.0)
    ]


def test_a_policy_version_is_notified_and_dated(build):
    found = rows(
        build,
        "select policy_version, in_force, coverage, notified_before_effective, last_updated_matches"
        " from outgoing.marts.fct_policy_versions",
    )
    assert found == [("2026.1", True, 0.75, True, True)]


def test_a_collection_is_checked_for_notice_categories_and_policy(build):
    found = rows(
        build,
        "select event_id, ok_notice, unlisted_categories, ok_policy_version from outgoing.marts.fct_collections order by 1",
    )
    assert found == [("collections-0", True, ["genes"], True), ("collections-1", False, [], None)]


def test_three_identifiers_of_one_person_are_one_person_and_her_collection_is_found(build):
    persons = rows(build, "select subject_key, person_key, identifiers from warehouse.intermediate.int_persons__resolved")
    keys = {key for key, _, _ in persons}
    assert len(keys) == 3
    assert {(person, size) for _, person, size in persons} == {(min(keys), 3)}
    collected = rows(build, "select subject_key from outgoing.marts.fct_collections order by event_id")
    assert [key in keys for (key,) in collected] == [True, False]
