"""The events of a log that do not fit into the memory that DuckDB may take."""

from __future__ import annotations

import duckdb
import pytest

from promisekept.evidence import events
from promisekept.evidence.events import given
from promisekept.evidence.rekeying import rekey
from promisekept.sources.contract import contract
from promisekept.sources.zone.keys import Key

pytestmark = pytest.mark.slow

ROWS = 300_000
MEMORY = "185MB"
"""150 MB are enough. While names were looked up as rows were sorted, 200 MB were not."""
MADE = {"namespace": "'desk'", "batch_id": "'batch number ' || n % 20", "row_number": "n"}


def made(name: str, kind: str) -> str:
    """A column of row n. Of some events two share an instant: their names show their order."""
    instant = "timestamptz '2026-01-01' + to_seconds(n - (n % 10 = 0)::int)"
    other = {"VARCHAR": f"md5('{name}' || n)", "TIMESTAMPTZ": instant}.get(kind, "null")
    return f"({MADE.get(name, other)})::{kind} as {name}"


@pytest.fixture
def database(tmp_path):
    """A log of consents, all of whose events are in the bundle under its names."""
    with duckdb.connect() as connection, duckdb.connect() as snapshot:
        connection.execute(f"set TimeZone = 'UTC'; set threads = 2; set temp_directory = '{tmp_path / 'spilled'}'")
        columns = ", ".join(made(name, kind) for name, kind in contract()["consents"].landed.items())
        connection.execute(f"create temp view landed_consents as select {columns} from range({ROWS}) as numbers (n)")
        connection.execute("create temp table wanted_consents as select subject_key, purpose_code from landed_consents")
        connection.execute("create schema landing; create table landing.quarantine as from landed_consents limit 0")
        in_bundle, key = {"consents": given("consents")}, Key("bundle", b"of a bundle")
        rekey(connection, snapshot, key, events=in_bundle, rows=(), traces=None, contracts=(), keeps_ids=False)
        connection.execute(f"set memory_limit = '{MEMORY}'")
        yield connection


def test_a_log_that_does_not_fit_into_memory_is_written_in_its_order(database, tmp_path, monkeypatch):
    """A quarter of a hundred million events could not be exported: joins held their rows in memory while others were sorted."""
    monkeypatch.setattr(events, "_KEYS", {})  # what lies in landing/ is no part of this
    (written,) = events.write_events(database, ["consents"], tmp_path, lambda _: None)
    assert written.rows == ROWS
    with (tmp_path / "events" / "consents.csv").open(encoding="utf-8") as lines:
        next(lines)
        shown = [line.split(",")[1] for line in lines]
    assert shown == sorted(shown)
    assert len(set(shown)) == ROWS
