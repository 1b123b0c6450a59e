"""Fault 34: the same file again under another name, with rejected rows in it; a cumulative export every day for 60 days
with the same bad rows: each reject is one finding and counts once, and every run publishes.

Sixty days land one by one; the models run after the first and the last of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aftermath import require_balance, require_sound
from world import World

from orchestration.run import run_job
from promisekept.publishing.reader import open_current
from promisekept.sources.landing.relations import attach
from promisekept.sources.sandbox import sandbox_database
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
FIRST_DAY = datetime(2026, 6, 1, 6, tzinfo=UTC)
DAYS = 60


def exported(world: World) -> list[dict[str, str]]:
    """Twenty requests, and three rows of one case that break the contract: an unknown code, no instant, both in one."""
    for number in range(20):
        world.request(f"r{number}", received=f"2026-01-{number + 5:02d}").fulfilled(f"2026-02-{number + 2:02d}")
    rows, world.events = world.events, []
    bad = rows[0] | {"event_id": "bad:1", "right_type": "telepathy"}
    return [*rows, bad, bad | {"event_id": "bad:2"}, rows[1] | {"event_id": "bad:3", "occurred_at": "yesterday"}]


def run(world: World, day: int) -> None:
    now = (FIRST_DAY + timedelta(days=day)).isoformat()
    assert run_job(world.folder, as_of=now, now=now).published


def counted(world: World) -> tuple[list[str], int, int]:
    """Event ids of the findings, rejected rows to date as the marts count them, and the same to the snapshot's metric."""
    with open_current(world.settings.home) as snapshot:
        findings = (
            snapshot.cursor()
            .execute("select event_id from marts.fct_findings where finding_code = 'quarantined' order by event_id")
            .fetchall()
        )
        rejected = snapshot.cursor().execute("select sum(rows)::bigint from marts.audit_quarantine").fetchall()
        worst = (
            snapshot.cursor()
            .execute(
                "select value_worst from marts.fct_metrics where metric_code = 'deadline_adherence'"
                " and period_grain = 'to_date' and dimension = 'all'"
            )
            .fetchall()
        )
    return [event for (event,) in findings], rejected[0][0], worst[0][0]


def test_an_export_that_repeats_its_bad_rows_every_day_never_blocks_a_run_and_counts_each_once(tmp_path):
    world = World(tmp_path / "world")
    rows = exported(world)
    world.deliver(rows)
    run(world, 0)
    once = counted(world)
    assert once[:2] == (["bad:1", "bad:2", "bad:3"], 3)
    world.deliver(rows)  # the same bytes under another name
    for day in range(1, DAYS):
        world.deliver([*rows, rows[0] | {"event_id": f"r0:{day}", "event_type": "acknowledged"}])
        world.land(FIRST_DAY + timedelta(days=day))
    run(world, DAYS)
    assert counted(world) == once
    require_sound(world.settings.home, allowed=())
    require_balance(world.settings.home)


def test_two_events_of_one_source_row_that_are_both_rejected_are_two_rejects(tmp_path):
    world = World(tmp_path / "world")
    rows = exported(world)
    world.deliver(rows)
    world.land(FIRST_DAY)
    settings = world.settings
    ledger = Ledger.open(settings.home)
    with sandbox_database(settings) as connection:
        attach(connection, settings, ledger, ledger.seq)
        hashes = connection.execute("select content_hash from landing.quarantine").fetchall()
    assert len(set(hashes)) == len(hashes) == 3
