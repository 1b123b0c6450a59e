"""The sensor that looks into the inboxes: a source that can't be listed keeps none of the others waiting."""

from __future__ import annotations

import json

import dagster as dg
import pytest
from world import World

from orchestration.definitions import build_definitions

AWAY = {"endpoint_url": "http://127.0.0.1:9", "key_env": "STORE_KEY", "secret_env": "STORE_SECRET", "retries": 4}


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("STORE_KEY", "anybody")
    monkeypatch.setenv("STORE_SECRET", "never-to-be-seen")
    return World(tmp_path)


def source(name: str, path: str, **reader) -> dict:
    return {"name": name, "log": "requests", "reader": {"kind": "files", "path": path, **reader}, "time_zone": "Europe/Dublin"}


DESK = source("desk", "inbox/requests/*.jsonl")
STORE = source("archive", "s3://bucket/in/*", store=AWAY)


class Sensor:
    """The sensor of a world with some sources, ticking with the cursor that it left."""

    def __init__(self, world: World, *sources: dict) -> None:
        self.world, self.cursor = world, None
        self.configure(*sources)

    def configure(self, *sources: dict) -> None:
        self.world.configure(*sources)
        self.definition = build_definitions(self.world.folder / "promisekept.yml").resolve_sensor_def("new_files")

    def tick(self) -> dg.SensorExecutionData:
        evaluated = self.definition.evaluate_tick(dg.build_sensor_context(cursor=self.cursor))
        self.cursor = evaluated.cursor or self.cursor
        return evaluated


def test_a_store_that_can_not_be_listed_stops_no_run_of_the_others_and_the_run_says_so(world):
    sensor = Sensor(world, STORE, DESK)
    (world.folder / "inbox/requests/a.jsonl").write_text("{}\n")
    (run,) = sensor.tick().run_requests
    assert run.tags["promisekept/not_listed"] == "archive"
    assert set(json.loads(sensor.cursor)) == {"desk"}
    skipped = sensor.tick()
    assert not skipped.run_requests
    assert "Not listed: sources.archive.reader.path: s3://bucket/in/* can't be listed" in skipped.skip_message
    assert "never-to-be-seen" not in skipped.skip_message
    (world.folder / "inbox/requests/b.jsonl").write_text("{}\n")
    assert len(sensor.tick().run_requests) == 1


def test_a_source_that_can_be_listed_again_asks_for_a_run_only_if_something_is_new(world):
    sensor = Sensor(world, DESK, source("mailroom", "inbox/mail/*"))
    mail = world.folder / "inbox/mail"
    mail.mkdir()
    (mail / "a.csv").write_text("event_id\n")
    assert len(sensor.tick().run_requests) == 1
    (mail / "strange.name").write_text("")
    unlisted = sensor.tick()
    assert not unlisted.run_requests
    assert "the name strange.name does not show its format" in unlisted.skip_message
    (mail / "strange.name").unlink()
    assert not sensor.tick().run_requests
    (mail / "b.csv").write_text("event_id\n")
    assert len(sensor.tick().run_requests) == 1


def test_a_source_that_is_asked_for_its_rows_has_no_inbox(world):
    reader = {"kind": "sql", "url_env": "NOWHERE", "query": "select 1", "cursor": "id"}
    sensor = Sensor(world, DESK, {"name": "crm", "log": "requests", "reader": reader})
    assert list(sensor.tick().run_requests)
    assert set(json.loads(sensor.cursor)) == {"desk"}


def test_a_cursor_of_another_time_is_no_hindrance(world):
    sensor = Sensor(world, DESK)
    sensor.cursor = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
    assert len(sensor.tick().run_requests) == 1
    assert not sensor.tick().run_requests
