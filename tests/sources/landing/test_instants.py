"""Wall clocks, against Python's own zone rules."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_project import answered

from promisekept.sources.landing.instants import localised, segments

ZONES = [
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
]
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times have no zone yet
FIRST, LAST = EPOCH.replace(year=1901), EPOCH.replace(year=2099)
local_times = st.datetimes(FIRST, LAST)


def by_the_rules(local: datetime, zone: str) -> datetime | None:
    """The first occurrence of a local time; None where it never happens."""
    instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return instant if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local else None


def by_landing(locals_: list[datetime], zone: str, day: str = "false", bounds=None) -> list[datetime | None]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create table t as select unnest($ls::bigint[]) as l", {"ls": [micros(one) for one in locals_]})
        rows = connection.execute(f"select epoch_us({localised('l', day, zone, bounds)}) from t").fetchall()
    return [None if us is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us) for (us,) in rows]


def micros(local: datetime) -> int:
    return (local - EPOCH) // timedelta(microseconds=1)


def near_transitions(zone: str) -> list[datetime]:
    edges = [part.start for part in segments(zone)[1:-1]]
    return [
        EPOCH + timedelta(microseconds=edge + shift * 60_000_000) for edge in edges for shift in (-61, -60, -1, 0, 1, 29, 59, 60)
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_every_transition_of_two_centuries_is_read_by_the_zones_rules(zone):
    times = [one for one in near_transitions(zone) if FIRST < one < LAST]
    assert by_landing(times, zone) == [by_the_rules(one, zone) for one in times]


@settings(deadline=None)
@given(st.lists(local_times, min_size=1, max_size=30), st.sampled_from(ZONES), st.booleans())
def test_any_local_time_is_read_by_the_zones_rules(times, zone, narrow):
    bounds = (micros(min(times)), micros(max(times))) if narrow else None
    assert by_landing(times, zone, bounds=bounds) == [by_the_rules(one, zone) for one in times]


def test_an_hour_that_happens_twice_is_the_first(project):
    project.source(time_zone="Europe/Dublin").file("a.csv", [answered(occurred_at="2026-10-25 01:30:00")])
    project.land()
    assert str(project.column("occurred_at")[0]) == "2026-10-25 00:30:00+00:00"


def test_an_hour_that_never_happens_is_quarantined(project):
    project.source(time_zone="Europe/Dublin").file("a.csv", [answered(occurred_at="2026-03-29T01:30")])
    project.land()
    assert project.rejects() == [(1, "nonexistent_local_time", "occurred_at", "2026-03-29T01:30")]


def test_a_date_is_the_start_of_the_local_day_also_where_the_clock_leaps_at_midnight(project):
    project.source(time_zone="America/Sao_Paulo").file(
        "a.csv", [answered(occurred_at="2018-11-04"), answered(event_id="e3", occurred_at="2018-11-05")]
    )
    project.land()
    assert [str(one) for one in project.column("occurred_at")] == ["2018-11-04 03:00:00+00:00", "2018-11-05 02:00:00+00:00"]


@pytest.mark.parametrize(
    ("fmt", "value", "instant"),
    [
        ("%m/%d/%Y", "03/09/2026", "2026-03-09 04:00:00+00:00"),
        ("%d.%m.%Y %H:%M", "9.3.2026 14:05", "2026-03-09 18:05:00+00:00"),
        ("%d/%b/%Y:%H:%M:%S %z", "09/Mar/2026:14:05:00 +0100", "2026-03-09 13:05:00+00:00"),
    ],
)
def test_a_declared_format_is_read_in_the_sources_zone(project, fmt, value, instant):
    project.source(time_zone="America/New_York", formats={"occurred_at": fmt}).file("a.csv", [answered(occurred_at=value)])
    project.land()
    assert str(project.column("occurred_at")[0]) == instant


def test_a_value_in_another_format_than_the_declared_one_is_quarantined(project):
    project.source(time_zone="UTC", formats={"occurred_at": "%m/%d/%Y"}).file("a.csv", [answered(occurred_at="2026-03-09")])
    project.land()
    assert project.rejects() == [(1, "invalid_time", "occurred_at", "2026-03-09")]


def test_a_revision_may_be_the_instant_of_the_change(project):
    project.file("a.csv", [answered(revision="1970-01-01T00:00:01Z"), answered(event_id="e3", revision="7")])
    project.land()
    assert project.column("revision") == [1_000_000, 7]
