"""Fault 24: 10 GB input on 24 GB machine, 2 cores: a run completes, and its memory stays below the limit and a tenth.

Scaled: half a GB of text, twice the limit of 256 MB, where the table has 10 GB under 10 GB. Every row comes four times, each time
in another order, so that landing has all of it to read and compare. What the models take grows with the number of requests, and
with four times as many some run out. What a run takes without data is measured beside it and comes on top, as
docs/configuration.md says. No control group holds the process: its peak is what the kernel counted. Temporary files have the
room that the disk has.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from aftermath import require_balance, require_sound

from benchmarks.logs import AS_OF, requests_of
from benchmarks.measure import Cost, run_product, write_logs, write_project
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

LIMIT = 256_000_000
EVENTS = 2_727_273  # of all logs; of them the requests alone are written
REQUESTS = requests_of(EVENTS)
DELIVERIES = 4
WIDE = "'https://dms.example.org/' || repeat(sha256(event_id), 14)"


def a_log(folder: Path, events: int) -> tuple[int, int]:
    """Write a log as CSV with a wide column, each row once in every delivery; the rows of all of them and their bytes."""
    inbox = folder / "inbox" / "requests"
    inbox.mkdir(parents=True)
    rows = write_logs(folder / "made", events, "--log", "requests")
    with duckdb.connect() as connection:
        for file in sorted((folder / "made" / "requests").glob("*.parquet")):
            for number in range(DELIVERIES):
                written = inbox / f"{file.stem}-{number}.csv"
                query = f"select * replace ({WIDE} as evidence_ref) from '{file}' order by hash(event_id || '{number}')"
                connection.execute(f"copy ({query}) to '{written}' (header)")
    return rows * DELIVERIES, sum(file.stat().st_size for file in inbox.iterdir())


def a_run(folder: Path) -> tuple[Cost, Path]:
    config = write_project(folder / "project", folder / "inbox", memory_limit=f"{LIMIT // 1_000_000}MB")
    config.write_text(config.read_text(encoding="utf-8").replace("*.parquet", "*.csv"), encoding="utf-8")
    return run_product(config, "run", "--as-of", AS_OF), config.parent / ".promisekept"


def test_an_input_of_twice_the_limit_is_published_within_the_limit_and_a_tenth(tmp_path):
    small, big = tmp_path / "small", tmp_path / "big"
    a_log(small, EVENTS // 150)
    rows, size = a_log(big, EVENTS)
    assert size > 2 * LIMIT
    without_data, _ = a_run(small)
    cost, home = a_run(big)
    with open_current(home) as snapshot:
        ((requests,),) = snapshot.cursor().execute("select count(distinct request_id) from marts.fct_requests").fetchall()
    assert 0.9 * REQUESTS < requests <= REQUESTS  # without those that were sent twice, and so on
    assert sum(line.body["counts"]["read"] for line in Ledger.open(home).lines("batch")) == rows
    assert cost.memory < without_data.memory + 1.1 * LIMIT
    require_sound(home, allowed=())
    require_balance(home)
    assert not list(home.rglob("*.tmp")) + list(home.rglob(".spill"))
