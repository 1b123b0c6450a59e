"""Row counts of landing, counted without the models."""

from __future__ import annotations

import shutil
from datetime import timedelta
from random import Random

import duckdb
import pytest
from landed import AS_OF, RECEIVED, LandedWorld

from expectations.row_counts import landed_counts
from promisekept.sources.contract import contract


@pytest.fixture
def world(tmp_path):
    return LandedWorld(tmp_path)


def units(world):
    return landed_counts(world.path).rows["units"]


def test_no_event_is_no_unit(world):
    assert units(world) == 0


def test_each_right_of_each_request_of_each_namespace_is_one_unit(world):
    world.event(event_id="e1")
    world.event(event_id="e2")
    world.event(event_id="e3", right_type="erasure")
    world.event(event_id="e4", request_id="r2")
    world.event(event_id="e5", namespace="portal")
    world.event(event_id="e6", event_type="fulfilled", request_id="r9")
    assert units(world) == 4


def test_what_came_after_as_of_or_from_the_future_is_none(world):
    world.event(event_id="e1", occurred_at=AS_OF + timedelta(seconds=1), landed_at=AS_OF + timedelta(days=1))
    world.event(event_id="e2", occurred_at=AS_OF, landed_at=AS_OF - timedelta(minutes=6))
    assert units(world) == 0
    world.event(event_id="e3", occurred_at=AS_OF, landed_at=AS_OF - timedelta(minutes=5))
    assert units(world) == 1


def test_of_several_revisions_the_highest_counts(world):
    world.event(event_id="e1", revision=1)
    world.event(event_id="e1", revision=2, request_id="r2", collides=True)
    world.event(event_id="e2", revision=1, request_id="r3")
    world.event(event_id="e2", revision=2, request_id="r3", event_type="denied", collides=True)
    assert units(world) == 1


def test_of_two_contents_under_one_revision_neither_counts_unless_a_higher_one_settles_it(world):
    world.event(event_id="e1")
    world.event(event_id="e1", channel="mail", collides=True)
    assert units(world) == 0
    world.event(event_id="e1", revision=1, collides=True)
    assert units(world) == 1


def test_the_same_content_landed_twice_counts_once(world):
    world.event(event_id="e1")
    world.event(event_id="e1", collides=True, batch_id="b-0002", landed_at=AS_OF + timedelta(days=1))
    assert units(world) == 1


def record_event(world, log, **columns):
    """A row of another log, with what every log has."""
    common = {"namespace": "n", "event_id": "e1", "revision": 0, "occurred_at": AS_OF, "landed_at": AS_OF, "collides": False}
    common["batch_id"] = "b-0001"
    world.insert(f"landing.{log}", **(common | columns))


def test_an_incident_is_one_once_it_is_detected(world):
    record_event(world, "incidents", event_id="e1", incident_id="i1", event_type="detected")
    record_event(world, "incidents", event_id="e2", incident_id="i1", event_type="detected")
    record_event(world, "incidents", event_id="e3", incident_id="i2", event_type="closed")
    record_event(
        world, "incidents", event_id="e4", incident_id="i3", event_type="detected", occurred_at=AS_OF + timedelta(seconds=1)
    )
    record_event(world, "incidents", event_id="e1", namespace="other", incident_id="i1", event_type="detected")
    assert landed_counts(world.path).rows["incidents"] == 2


def test_a_version_of_the_policy_is_one_as_soon_as_anything_is_recorded_of_it(world):
    record_event(world, "policies", event_id="e1", policy_version="v1", event_type="published")
    record_event(world, "policies", event_id="e2", policy_version="v1", event_type="effective")
    record_event(world, "policies", event_id="e3", policy_version="v2", event_type="superseded")
    assert landed_counts(world.path).rows["policy_versions"] == 2


def test_each_collection_that_nothing_contradicts_is_one(world):
    record_event(world, "collections", event_id="e1", data_categories=["voice"])
    record_event(world, "collections", event_id="e2", data_categories=["voice"])
    record_event(world, "collections", event_id="e2", data_categories=["contact"], collides=True)
    record_event(world, "collections", event_id="e3", data_categories=["voice"])
    record_event(world, "collections", event_id="e3", data_categories=["voice"], collides=True)
    assert landed_counts(world.path).rows["collections"] == 2


def test_each_disclosure_that_nothing_contradicts_is_one_with_or_without_a_person(world):
    record_event(world, "disclosures", event_id="e1", data_categories=["voice"], recipient_id="host", record_count=3)
    record_event(
        world, "disclosures", event_id="e1", namespace="other", data_categories=["voice"], recipient_id="host", record_count=3
    )
    record_event(world, "disclosures", event_id="e2", recipient_id="host")
    record_event(world, "disclosures", event_id="e2", recipient_id="court", collides=True)
    record_event(world, "disclosures", event_id="e3", recipient_id="host", occurred_at=AS_OF + timedelta(seconds=1))
    assert landed_counts(world.path).rows["disclosures"] == 2


def test_each_act_of_processing_that_nothing_contradicts_is_one(world):
    assert landed_counts(world.path).rows["processing"] == 0
    record_event(world, "processing", event_id="e1", system="crm")
    record_event(world, "processing", event_id="e1", namespace="other", system="crm")
    record_event(world, "processing", event_id="e2", system="crm")
    record_event(world, "processing", event_id="e2", system="erp", collides=True)
    record_event(world, "processing", event_id="e3", system="crm", occurred_at=AS_OF + timedelta(seconds=1))
    assert landed_counts(world.path).rows["processing"] == 2


def test_each_record_set_of_each_namespace_that_was_created_is_one(world):
    created = {name: value for name, value in RECEIVED.items() if name in contract()["retention"].landed}
    created |= {"record_id": "R-1", "event_type": "created"}
    assert landed_counts(world.path).rows["records"] == 0
    for changes in (
        {"event_id": "e1"},
        {"event_id": "e2"},
        {"event_id": "e3", "namespace": "portal"},
        {"event_id": "e4", "record_id": "R-2"},
        {"event_id": "e5", "record_id": "R-3", "event_type": "deleted"},
        {"event_id": "e6", "record_id": "R-4", "occurred_at": AS_OF + timedelta(seconds=1)},
        {"event_id": "e7", "record_id": "R-5"},
        {"event_id": "e7", "record_id": "R-6", "collides": True},
    ):
        world.insert("landing.retention", **(created | changes))
    assert landed_counts(world.path).rows["records"] == 3


def day_of_rows(dice, day, known):
    """Rows of a batch: new events, some before their time or not to be believed, and other versions of known ones."""
    for number in range(12):
        log = dice.choice(("requests", "retention", "disclosures"))
        earlier = [one for one in known if one[0] == log]
        again = bool(earlier) and dice.random() < 0.4
        event_id = dice.choice(earlier)[1] if again else f"{day}-{number}"
        thing = {"requests": "request_id", "retention": "record_id", "disclosures": "recipient_id"}[log]
        landed_at = AS_OF + timedelta(days=day)
        yield (
            log,
            {
                "event_id": event_id,
                "namespace": dice.choice(("n", "n", "other")),
                "revision": dice.choice((0, 0, 1, 2)) if again else 0,
                "occurred_at": landed_at + timedelta(hours=dice.choice((-30, -2, 0, 0, 20)) if dice.random() < 0.5 else 0),
                "landed_at": landed_at + timedelta(days=dice.choice((0, 0, 3))),
                "batch_id": f"b-{day:04d}",
                "collides": again,
                thing: f"thing{dice.randrange(8)}",
                **({} if log == "disclosures" else {"event_type": dice.choice(("received", "created", "created"))}),
                **({"right_type": dice.choice(("access", "erasure"))} if log == "requests" else {}),
            },
        )


@pytest.mark.parametrize("seed", range(2))
def test_what_is_counted_day_by_day_is_what_is_counted_at_once(world, tmp_path, seed):
    dice, known = Random(seed), []
    for day in range(6):
        for log, row in day_of_rows(dice, day, known) if dice.random() < 0.8 else ():
            if not row["collides"]:
                known.append((log, row["event_id"]))
            record_event(world, log, **row)
        with duckdb.connect(str(world.path)) as connection:
            connection.execute("update run.run_instants set as_of = $1", [AS_OF + timedelta(days=day)])
        shutil.copy(world.path, tmp_path / "copy.duckdb")
        counted = landed_counts(world.path, anew=False)
        assert counted.rows == landed_counts(tmp_path / "copy.duckdb").rows
        assert counted.whole_at == AS_OF


def test_all_rows_are_counted_where_what_is_kept_does_not_hold(world):
    def counted(as_of=AS_OF + timedelta(days=1), counts_for="month"):
        with duckdb.connect(str(world.path)) as connection:
            connection.execute("update run.run_instants set as_of = $1", [as_of])
        found = landed_counts(world.path, counts_for=counts_for, anew=False)
        return found.rows["units"], found.whole_at == as_of

    world.event(event_id="e1")
    world.event(event_id="e2", request_id="r2")
    assert counted(AS_OF) == (2, True)
    world.event(event_id="e3", request_id="r3", batch_id="b-0002")
    assert counted() == (3, False)
    assert counted(counts_for="another month") == (3, True)
    assert counted(AS_OF, counts_for="another month") == (3, True)
    with duckdb.connect(str(world.path)) as connection:
        connection.execute("delete from landing.requests where event_id = 'e2'")
    assert counted(counts_for="another month") == (2, True)
