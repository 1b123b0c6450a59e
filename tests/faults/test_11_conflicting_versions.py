"""Fault 11: same event_id, different content: both contents are kept as a conflict with a finding, and no write wins.

The same run learns of a late request: its month is restated, and the bundle that somebody holds of it stays as it was.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aftermath import require_balance, require_sound
from command import promisekept
from source_project import Project, answered, as_csv, received
from world import World

from orchestration.run import run_job
from promisekept.publishing.reader import open_current

CONTRADICTION = {"event_type": "denied", "reason_code": "exempt"}


@pytest.mark.parametrize("reverse", [False, True])
def test_two_contents_of_one_event_are_a_conflict_whichever_came_last(tmp_path, reverse):
    project = Project(tmp_path)
    files = [as_csv([received(), answered(event_id="b3")]), as_csv([answered(event_id="b3", **CONTRADICTION)])]
    for number, text in enumerate(files[::-1] if reverse else files):
        project.file(f"{number}.csv", text)
        landed = project.land_one()
    assert landed.counts["conflicting"] == 1
    both = "select event_type from landing.requests where event_id = 'b3' order by all"
    assert project.query(both) == [("denied",), ("fulfilled",)]
    require_balance(project.settings.home)


def run(world: World, as_of: datetime) -> None:
    assert run_job(world.folder, as_of=as_of.isoformat(), now=as_of.isoformat()).published


def restated(world: World) -> dict[str, set[str]]:
    """The causes of each figure of January that the current snapshot restates."""
    with open_current(world.settings.home) as snapshot:
        rows = (
            snapshot.cursor()
            .execute(
                "select metric_code, causes from history.fct_restatements"
                " where snapshot = ? and period_start = date '2026-01-01' and period_grain = 'month' and dimension = 'all'",
                [snapshot.id],
            )
            .fetchall()
        )
    return {metric: set(causes) for metric, causes in rows}


@pytest.mark.slow
def test_a_contradiction_and_a_late_request_restate_a_closed_month_whose_bundle_stays_as_it_was(tmp_path):
    world = World(tmp_path / "world")
    for number in range(8):
        world.request(f"r{number}", received=f"2026-01-{number + 5:02d}").fulfilled(f"2026-01-{number + 12:02d}")
    world.deliver()
    run(world, datetime(2026, 3, 1, 6, tzinfo=UTC))
    made = promisekept("export", "--config", world.folder, "--period", "2026-01", "--audience", "auditor")
    assert made.code == 0, made.err
    before_bytes = {path: path.read_bytes() for path in (world.settings.home / "evidence").rglob("*") if path.is_file()}
    assert any(path.name == "fct_requests.csv" for path in before_bytes)

    world.deliver([world.requests["r3"].events[1] | CONTRADICTION])
    world.request("late", received="2026-01-20").fulfilled("2026-01-25")
    world.deliver()
    run(world, datetime(2026, 3, 9, 6, tzinfo=UTC))
    assert restated(world)["requests_received"] == {"conflict", "late_rows"}
    with open_current(world.settings.home) as snapshot:
        findings = snapshot.cursor().execute("select event_id from marts.fct_findings where finding_code = 'conflict'").fetchall()
    assert findings == [("r3:1:fulfilled",)]
    assert {path: path.read_bytes() for path in before_bytes} == before_bytes
    require_sound(world.settings.home, allowed=())
    require_balance(world.settings.home)
