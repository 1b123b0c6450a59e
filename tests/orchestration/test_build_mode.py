"""When a build may be incremental, and when it is a full refresh."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import model_builds
import pytest
from all_logs import source
from command import promisekept
from rebuilding import marts_of
from world import LONG_AFTER, World, help_desk

from orchestration.build_mode import REMEMBER
from orchestration.pipeline import Build
from orchestration.progress import listening
from promisekept.sources.landing.reland import reland
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

DAYS = ("2026-03-02", "2026-03-03")
FACTS = ("fct_requests", "fct_processing")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A help desk, acts of processing and links, none of which lasts longer than the evening of 1 March."""
    world = World(tmp_path / "world")
    configure(world)
    world.request("settled", received="2026-03-01").fulfilled("2026-03-01T13:00:00Z")
    act = {"subject_ref": "a@example.org", "purpose_code": "news", "system": "crm", "data_categories": ["usage"]}
    when = {"event_id": "late at night", "occurred_at": "2026-03-01T23:30:00Z"}
    world.deliver([act | when | {"automated_decision": False, "legal_basis": "other"}], inbox="processing")
    world.deliver([link("one", "C-1", 0)], inbox="subject_links")
    return world


def configure(world: World, skip: str = "false", time_zone: str = "Europe/Dublin", home: str = "./.promisekept") -> None:
    organisation = {"name": "Example Ltd", "country": "IE", "time_zone": time_zone}
    desk = help_desk("helpdesk", inbox="requests") | {"skip": skip}
    world.configure(desk, source("processing"), source("subject_links"), organisation=organisation, home=home)


def link(event_id: str, other: str, revision: int) -> dict[str, object]:
    row = {"event_id": event_id, "occurred_at": "2026-03-01T09:00:00Z", "revision": revision}
    row |= {"subject_ref": "a@example.org", "subject_ref_type": "email"}
    return row | {"other_ref": other, "other_ref_type": "customer_id"}


def built(world: World, day: str) -> Build:
    build = world.prepare(day)
    with model_builds.attached(build.warehouse) as connection:
        model_builds.make(connection, FACTS, full_refresh=build.full_refresh)
        connection.execute(REMEMBER)
    return build


def test_a_new_link_keeps_a_build_incremental_and_a_revised_one_does_not(world):
    """Who was taken for one person may be two: it is unknown whose facts those were."""
    built(world, DAYS[0])
    world.deliver([link("two", "C-2", 0)], inbox="subject_links")
    assert reasons(world, DAYS[1]) == []
    world.deliver([link("one", "C-3", 1)], inbox="subject_links")
    assert reasons(world, DAYS[1]) == ["full refresh: batch b-0005 of subject_links revised a link between identifiers"]


def test_a_batch_that_was_mapped_again_leaves_nothing_of_what_it_said(world):
    build = built(world, DAYS[0])
    assert counted(build) == 1
    configure(world, skip="request_id = 'settled'")
    ledger = Ledger.open(world.settings.home)
    reland(world.settings, ledger, "helpdesk", reason="a test case", now=LONG_AFTER + timedelta(days=1))
    assert reasons(world, DAYS[1]) == ["full refresh: batch b-0004 of helpdesk was mapped again"]
    build = built(world, DAYS[1])
    assert (build.full_refresh, counted(build)) == (True, 0)


def test_a_run_says_why_its_build_is_a_full_refresh(world):
    assert reasons(world, DAYS[0]) == ["full refresh: no finished build is there to add to"]
    built(world, DAYS[1])
    assert reasons(world, DAYS[1]) == []
    assert reasons(world, DAYS[0]) == ["full refresh: the instants lie before those of the last build"]
    owners = world.folder / "pack" / "owners.csv"
    owners.write_text("control_id,owner,remedy_due\nCTL-DEADLINE,Privacy Office,\n", encoding="utf-8")
    assert reasons(world, DAYS[1]) == ["full refresh: the policy pack changed"]


def reasons(world: World, day: str) -> list[str]:
    """What preparing a build says of why it is a full refresh."""
    said: list[tuple[str, str]] = []
    with listening(lambda stage, what: said.append((stage, what))):
        build = world.prepare(day)
    found = [what for stage, what in said if stage == "prepare" and what.startswith("full refresh")]
    assert build.full_refresh == bool(found)
    return found


def test_a_run_without_a_terminal_says_why_its_build_is_a_full_refresh(world):
    """A scheduler's log has the first line of each stage, and the reason was in the second one."""
    world.deliver()
    result = promisekept("run", "--config", world.folder, "--as-of", f"{DAYS[0]}T12:00:00+00:00")
    assert (result.code, "prepare      full refresh: no finished build is there to add to\n" in result.err) == (0, True), result


def test_other_settings_of_the_organisation_are_a_full_refresh(world):
    """Half past eleven in Dublin is the next day in Helsinki, also of what was settled long before the setting was fixed."""
    before = marts_of(built(world, DAYS[0]))
    configure(world, time_zone="Europe/Helsinki")
    moved = built(world, DAYS[1])
    configure(world, time_zone="Europe/Helsinki", home="./fresh")
    fresh = built(world, DAYS[1])
    assert moved.full_refresh
    assert fresh.warehouse != moved.warehouse
    assert marts_of(moved) == marts_of(fresh)
    assert marts_of(moved)["fct_processing"] != before["fct_processing"]


def counted(build: Build) -> int:
    with duckdb.connect(str(build.outgoing), read_only=True) as connection:
        return int(connection.execute("select count(*) from marts.fct_requests").fetchall()[0][0])
