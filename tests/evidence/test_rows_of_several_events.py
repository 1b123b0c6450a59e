"""A delivery whose rows hold several events each, as most ticket systems export them: a bundle has each of them once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from evidence.conftest import Project
from evidence.opened import table
from evidence.shell import require_green
from world import World, help_desk

from orchestration.run import run_job

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
MAPPING = """
select id || ':r' as event_id, id as request_id, 'received' as event_type, opened as occurred_at, 'access' as right_type,
    'IE' as jurisdiction, 'email' as channel, id as subject_ref, _row
from source
union all by name
select id || ':c' as event_id, id as request_id, 'fulfilled' as event_type, closed as occurred_at, _row from source
"""


@pytest.fixture(scope="module")
def tickets(tmp_path_factory) -> Project:
    """Twelve tickets that state when they were opened and when closed, one a row."""
    world = World(tmp_path_factory.mktemp("tickets") / "world")
    (world.folder / "map.sql").write_text(MAPPING, encoding="utf-8")
    world.configure(help_desk("tickets", "requests") | {"mapping": "./map.sql"})
    world.deliver(
        [{"id": f"T{n}", "opened": f"2026-01-{n + 1:02d} 09:00", "closed": f"2026-02-{n + 1:02d} 09:00"} for n in range(12)]
    )
    assert run_job(world.folder / "promisekept.yml", as_of=AS_OF.isoformat(), now=AS_OF.isoformat()).published
    return Project(world.folder)


@pytest.mark.parametrize("ids_kept_for", [None, "Kim LLP: sampling of cases"])
def test_each_request_and_each_event_stands_in_the_bundle_once(tickets: Project, ids_kept_for: str | None):
    """Rows were numbered anew by event: every request stood there twice, and its figures could not be computed again."""
    bundle = tickets.export("2026-Q1", ids_kept_for=ids_kept_for).path
    assert [len({row["request_key"] for row in table(bundle, "fct_requests")}), len(table(bundle, "fct_requests"))] == [12, 12]
    events = table(bundle, "requests", folder="events")
    assert [len({row["event_id"] for row in events}), len(events)] == [24, 24]
    assert {row["row_number"] for row in events} == {str(number) for number in range(1, 13)}
    require_green(bundle)
