"""A read that is cut off: the server killed in the middle, the process killed between and within chunks. Nothing is lost and
nothing is taken twice; and however much there is to read, memory holds a chunk of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import landing_process
import pytest
from postgres_server import Postgres, postgres
from queried_project import COLUMNS, TABLE, asked, everything_written, nothing_spooled, spans, table_reader, totals
from source_project import Project

from promisekept.errors import LandingError
from promisekept.sources.extract import retry, temporary_files
from promisekept.sources.landing.land import land

pytestmark = pytest.mark.slow

ROWS = 120_000
FILL = """insert into cases
    select n, 'e' || n, '2026-03-01T00:00:00Z'::timestamptz + n * interval '1 second', 'user' || n || '@example.org', 'email',
        'r' || n, 'access', case when n % 40000 = 7 then 'bogus' else 'received' end, 'IE', 'email'
    from generate_series({first}, {last}) as given (n)"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        running.execute(TABLE.format(name="cases"), FILL.format(first=1, last=ROWS))
        yield running


@pytest.fixture
def source(server: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose source is the table; chunks of a sixth of it."""
    monkeypatch.setenv("HELPDESK_DB", server.dsn)
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.2)
    return asked(project, table_reader("HELPDESK_DB", "cases", chunk_rows=ROWS // 6))


def landing(source: Project, chunks: int = 0) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        landing_process.__file__,
        source.settings.base,
        source.now.isoformat(),
        str(chunks),
    ]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def all_there_once(project: Project, rows: int = ROWS) -> None:
    rejected = rows // 40_000
    counts = totals(project)
    assert project.query("select count(*), count(distinct event_id) from landing.requests") == [
        (rows - rejected, rows - rejected)
    ]
    assert (counts["landed"], counts["quarantined"]) == (rows - rejected, rejected)
    assert counts["source_rows"] == rows + counts.get("duplicate", 0)
    assert len(project.rejects()) == rejected
    ranges = spans(project)
    assert ranges[0][0] is None
    for (_, end), (begin, _) in pairwise(ranges):
        assert begin is not None and begin[1] == end
    assert nothing_spooled(project)


def test_a_server_killed_in_the_middle_is_resumed_by_the_next_run(server: Postgres, source: Project):
    asked(source, source.sources[0]["reader"] | {"retries": 0})

    def progress(_: str) -> None:
        if len(list(source.ledger.lines())) == 2:
            server.kill()

    with pytest.raises(LandingError, match=r"^sources\.helpdesk\.reader: the connection broke.*\n.*the next run goes on"):
        land(source.settings, source.ledger, source.now, progress)
    taken = spans(source)
    assert 2 <= len(taken) < 6
    with pytest.raises(LandingError, match="nothing listens at its host and port"):
        source.land()
    server.start()
    source.land()
    assert spans(source)[: len(taken)] == taken
    all_there_once(source)


def test_a_server_that_comes_back_in_time_is_not_noticed(server: Postgres, source: Project):
    asked(source, source.sources[0]["reader"] | {"retries": 6})
    starting = threading.Thread(target=lambda: (time.sleep(0.3), server.start()))

    def progress(_: str) -> None:
        if server.process is not None and not starting.ident and len(list(source.ledger.lines())) == 2:
            server.kill()
            starting.start()

    land(source.settings, source.ledger, source.now, progress)
    starting.join()
    all_there_once(source)


@pytest.mark.parametrize("within", [0.0, 0.15])
def test_a_process_killed_between_chunks_or_within_one_loses_nothing(server: Postgres, source: Project, within: float):
    process = landing(source, chunks=2)
    assert process.stdout is not None and process.stdout.readline() == b"now\n"
    time.sleep(within)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert b"@example.org" not in everything_written(source)
    taken = spans(source)
    assert 2 <= len(taken) < 6
    source.land()
    assert spans(source)[: len(taken)] == taken
    all_there_once(source)


def test_rows_of_a_killed_run_are_gone_with_the_next_one(source: Project):
    left = source.folder / "home" / "landing" / ".incoming" / "1-left"
    left.parent.mkdir(parents=True)
    left.write_text("user1@example.org")
    source.land()
    assert b"user1@example.org" not in everything_written(source)
    all_there_once(source)


def test_where_files_need_a_name_what_is_laid_down_is_for_its_owner_alone(source: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(temporary_files, "OPEN_FILES", Path("/nowhere"))
    seen: set[tuple[int, int]] = set()
    home = source.folder / "home"
    done = threading.Event()

    def look() -> None:
        folder = home / "landing" / ".incoming"
        while not done.is_set():
            for path in folder.glob("*") if folder.exists() else ():
                try:
                    seen.add((path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777))
                except FileNotFoundError:
                    continue
            time.sleep(0.005)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        source.land()
    finally:
        done.set()
        looking.join()
    assert seen == {(0o600, 0o700)}
    assert nothing_spooled(source)


def test_a_query_that_fails_in_the_middle_is_not_asked_again(source: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retry.time, "sleep", lambda _: pytest.fail("it waited for another attempt"))
    columns = COLUMNS.replace("request_id", "'r' || 1 / (50000 - id) as request_id")
    asked(source, source.sources[0]["reader"] | {"query": f"select {columns} from cases", "retries": 4, "cursor": None})
    with pytest.raises(LandingError, match=r"^sources\.helpdesk\.reader\.query: the database could not finish it"):
        source.land()
    assert list(source.ledger.lines("batch")) == []


def test_a_hanging_server_is_left_after_the_time_limit_and_resumed(server: Postgres, source: Project):
    timeouts = {"connect": "PT5S", "read": "PT2S"}
    asked(source, source.sources[0]["reader"] | {"retries": 0, "timeouts": timeouts})
    stopped: list[int] = []

    def progress(_: str) -> None:
        if not stopped and len(list(source.ledger.lines())) == 1:
            found = server.fetch(
                """select pid from pg_stat_activity
                where application_name = 'promisekept' and state = 'active' and backend_type = 'client backend'"""
            )
            stopped.extend(int(pid) for (pid,) in found)
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)

    try:
        with pytest.raises(LandingError, match=r"no more rows within `timeouts\.read` \(2 s\)"):
            land(source.settings, source.ledger, source.now, progress)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert len(stopped) == 1 and 1 <= len(spans(source)) < 6
    source.land()
    all_there_once(source)


def test_memory_holds_chunks_however_much_there_is_to_read(server: Postgres, source: Project):
    grew = []
    for name, rows in (("few", 100_000), ("many", 500_000)):
        server.execute(
            f"drop table if exists {name}", TABLE.format(name=name), FILL.replace("cases", name).format(first=1, last=rows)
        )
        asked(source, table_reader("HELPDESK_DB", name), name=name, namespace=name)
        source.sources = source.sources[-1:]
        with landing(source) as process:
            assert process.stdout is not None
            grew.append(int(process.stdout.readline()))
        assert source.query(f"select count(*) from landing.requests where source = '{name}'") == [(rows - -(-rows // 40_000),)]
    few, many = grew
    assert many < 1.75 * few, f"{few:,} bytes for 100,000 rows, {many:,} for five times as many"
