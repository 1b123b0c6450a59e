"""What readers took away is part of the evidence: the next run binds it into the ledger, and fsck finds what is done to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import promisekept
from world import World

from promisekept.publishing import export_log
from promisekept.publishing.export_log import Export
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
TAKEN = Export("csv", "Findings: worklist", "0001-9f3c1a", "m.okafor", "officer", 12, 86, "a" * 64)


def test_a_run_binds_what_was_taken_away_and_nobody_can_strike_it_out_afterwards(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.request("r1", received=datetime(2026, 1, 5, 9, tzinfo=UTC))
    world.deliver()
    home = world.settings.home
    for rows in (12, 13):
        export_log.record(home, Export(**{**TAKEN.as_body(), "rows": rows}), AS_OF)
    run = ("run", "--config", world.folder, "--as-of", AS_OF.isoformat())
    assert promisekept(*run).code == 0
    (bound,) = Ledger.open(home).lines("export")
    assert (bound.body["entries"], bound.content_hash) == (2, export_log.entries(home)[-1].hash)
    assert promisekept("fsck", "--config", world.folder).code == 0
    log = home / export_log.FILE
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    result = promisekept("fsck", "--config", world.folder)
    assert (result.code, "entry 2 is not the one that line" in result.out) == (1, True), result
