"""The yardstick of all logs measures the same work, and a further day leads where a rebuild leads.

Here: a small world of all nine logs through the lean script and the product. Not here: any time; `python -m benchmarks all`
prints those.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from rebuilding import marts_of

from benchmarks.compare import FACTS, differences
from benchmarks.lean import Task, compute
from benchmarks.logs import AS_OF, LATER, LOGS, write_further_day, write_inboxes
from benchmarks.measure import write_project
from orchestration import pipeline
from orchestration.pipeline import Build
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings

pytestmark = pytest.mark.slow

EVENTS = 12_000
PARTS = 60
"""A further day of the tests brings more than a day does, so that every log has late rows and repeated ones."""


class World:
    """One project whose inbox is delivered, built, delivered to once more, and built again in two ways.

    Attributes:
        lean: the lean script's snapshot at the first instant.
        differences: what it and the product's first build did not agree about.
        day: the marts after the further day, and `rebuilt` those of a build from scratch.
    """

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        write_inboxes(self.inbox, EVENTS, one_file=True)
        settings = load_settings(write_project(folder / "project", self.inbox))
        self.lean = folder / "lean" / "snapshot.duckdb"
        key = settings.keys.pseudonym.read_bytes().strip()
        compute(Task(self.inbox, self.lean.parent, datetime.fromisoformat(AS_OF), key, settings.pack))
        first = _built(settings, AS_OF, datetime(2026, 11, 20, tzinfo=UTC))
        self.differences = differences(self.lean, first.outgoing)
        self.before = marts_of(first)
        write_further_day(self.inbox, parts=PARTS)
        build = _built(settings, LATER, datetime(2026, 11, 21, tzinfo=UTC))
        self.is_daily = not build.full_refresh
        self.day = marts_of(build)
        scratch = replace(build, full_refresh=True)
        pipeline.stage(scratch)
        pipeline.transform(scratch)
        self.rebuilt = marts_of(scratch)

    def lean_rows(self, query: str) -> list[tuple[object, ...]]:
        """The content of the lean script's snapshot."""
        with duckdb.connect(str(self.lean), read_only=True) as connection:
            return connection.execute(query).fetchall()


def _built(settings: Settings, as_of: str, now: datetime) -> Build:
    pipeline.land_sources(settings, now)
    instants = pipeline.fix_instants(settings, datetime.fromisoformat(as_of), None)
    build = pipeline.prepare(settings, instants, pipeline.read_pack(settings))
    pipeline.stage(build)
    pipeline.transform(build)
    return build


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("all"))


def test_the_same_number_of_events_makes_the_same_logs(world: World, tmp_path: Path) -> None:
    write_inboxes(tmp_path / "again", EVENTS, one_file=True)
    write_further_day(tmp_path / "again", parts=PARTS)
    for log in LOGS:
        rows = [
            duckdb.execute("from read_parquet(?) order by all", [str(folder / log / "*.parquet")]).fetchall()
            for folder in (world.inbox, tmp_path / "again")
        ]
        assert rows[0] == rows[1], log


def test_lean_script_and_product_say_the_same_about_every_fact(world: World) -> None:
    assert not world.differences, "\n".join(str(difference) for difference in world.differences)


def test_a_difference_is_told_with_its_column_and_an_example(world: World, tmp_path: Path) -> None:
    other = tmp_path / "snapshot.duckdb"
    shutil.copyfile(world.lean, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("create schema marts")
        for mart in FACTS:
            connection.execute(f"create table marts.{mart} as from main.{mart}")
        connection.execute("update marts.fct_requests set due_date = due_date + 1 where status = 'open_overdue'")
    found = differences(world.lean, other)
    assert [(difference.mart, difference.column) for difference in found] == [("fct_requests", "due_date")]
    assert "open_overdue" not in str(found[0])
    assert "lean 20" in str(found[0])


def test_every_fact_has_rows_and_every_promise_is_broken_somewhere(world: World) -> None:
    for mart in FACTS:
        assert world.lean_rows(f"select count(*) > 0 from {mart}") == [(True,)], mart
    broken = {name for (name,) in world.lean_rows("select distinct unnest(failed_checks) from fct_disclosures")}
    assert len(broken) == 11
    statuses = {name for (name,) in world.lean_rows("select distinct status from fct_records")}
    assert {"over_retained", "deleted_late", "deleted_early", "deleted_under_hold", "reappeared", "unscheduled"} <= statuses
    assert world.lean_rows("select count(*) > 0 from fct_withdrawal_systems where status = 'unconfirmed'") == [(True,)]
    assert world.lean_rows("select count(*) > 0 from fct_processing where not ok_consent") == [(True,)]


def test_a_further_day_has_late_rows_and_repeated_ones(world: World) -> None:
    for log in ("consents", "disclosures", "retention"):
        (counts,) = duckdb.execute(
            "select count(*), count_if(occurred_at < '2026-11-01' and event_id like '%.further'),"
            " count_if(event_id not like '%.further') from read_parquet(?)",
            [str(world.inbox / log / f"{log}-further.parquet")],
        ).fetchall()
        assert all(count > 0 for count in counts), (log, counts)


def test_a_further_day_gives_the_same_marts_as_a_rebuild(world: World) -> None:
    assert world.is_daily
    assert world.day == world.rebuilt
    assert {name for name in world.day if world.day[name] != world.before[name]} >= set(list(FACTS)[:7])
