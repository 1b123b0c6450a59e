"""Where the law as data ends: years without a calendar, rows that contradict themselves, events from the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from world import DEADLINES, World

from promisekept.errors import PackError
from promisekept.policy.calendars import LAST_YEAR

FAR_AWAY = datetime(LAST_YEAR + 2, 1, 1, tzinfo=UTC)


def test_a_due_date_beyond_the_years_that_were_built_is_no_rule_and_not_a_guess(tmp_path):
    world = World(tmp_path / "world")
    world.request("last", received=f"{LAST_YEAR}-11-20")
    world.request("beyond", received=f"{LAST_YEAR}-12-20")
    world.request("singapore", jurisdiction="SG", received="2035-12-20")  # the library of holidays ends there in 2035
    world.request("needs-no-calendar", jurisdiction="US-VA", received=f"{LAST_YEAR}-12-20")
    report = world.run(f"{LAST_YEAR + 1}-02-01", only=DEADLINES, now=FAR_AWAY)
    assert report.request("last")["due_date"] == f"{LAST_YEAR}-12-20"
    for request_id in ("beyond", "singapore"):
        assert report.request(request_id) == {"status": "no_rule", "due_date": None}
    assert report.request("needs-no-calendar") == {"due_date": f"{LAST_YEAR + 1}-02-03", "status": "open_in_time"}


def test_an_event_from_the_future_moves_nothing(tmp_path):
    world = World(tmp_path / "world")
    landed_at = datetime(2026, 3, 20, 12, tzinfo=UTC)
    world.request("soon", received="2026-03-10").fulfilled(landed_at + timedelta(minutes=4))
    world.request("later", received="2026-03-10").fulfilled(landed_at + timedelta(minutes=6))
    report = world.run("2026-05-01", only=DEADLINES, now=landed_at)
    assert report.request("soon")["status"] == "closed_on_time"
    assert report.request("later") == {"status": "open_overdue", "closed_date": None}


def test_an_extension_in_another_unit_than_its_period_is_rejected_with_its_line(tmp_path):
    world = World(tmp_path / "world")
    world.change_rule("eu_gdpr.access.2018-05-25", extension_unit="day")
    world.request("r1", received="2026-03-10")
    with pytest.raises(PackError, match=r"regimes\.csv:2"):
        world.run("2026-05-01", only=DEADLINES)


def test_a_place_without_a_calendar_is_no_rule_where_the_rule_needs_one(tmp_path):
    world = World(tmp_path / "world")
    world.place("ZZ-X1", "EU_GDPR", None, "Europe/Paris")
    world.request("rolls", jurisdiction="ZZ-X1", received="2026-03-10")
    world.request("says-nothing", jurisdiction="ZZ-X1", right="consent_withdrawal", received="2026-03-10")
    report = world.run("2026-03-20", only=DEADLINES)
    assert report.request("rolls")["status"] == "no_rule"
    assert report.request("says-nothing")["status"] == "no_deadline"
