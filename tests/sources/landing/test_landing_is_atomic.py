"""A run that is killed lands each file once or not at all, and leaves no person behind."""

import subprocess
import sys
import textwrap

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_project import Project, answered, as_csv, received

pytestmark = pytest.mark.slow

PERSON = "canary.person@example.org"
LAND = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from promisekept.config.loading import load_settings
from promisekept.sources.zone import storage
from promisekept.sources.landing.land import land
from promisekept.sources.zone.ledger import Ledger
settings = load_settings(Path({folder!r}))
calls = 0
def deadly(event, args):
    global calls
    if event in ("os.rename", "os.mkdir", "open", "os.remove", "os.truncate") and {home!r} in str(args[0]):
        calls += 1
        if calls == {after}:
            os.kill(os.getpid(), 9)
sys.addaudithook(deadly)
land(settings, Ledger.open(settings.home), datetime(2026, 7, 9, tzinfo=UTC))
print(calls)
"""


def killed_after(project: Project, calls: int) -> int:
    """Land in a process that is killed at its n-th write below home; its exit code."""
    code = LAND.format(folder=str(project.folder), home=str(project.folder / "home"), after=calls)
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False).returncode


def test_a_run_killed_at_any_write_lands_each_file_once_after_the_next(tmp_path):
    """The two Parquet files go together."""
    finished = False
    for calls in range(1, 60):
        folder = tmp_path / str(calls)
        folder.mkdir()
        project = Project(folder)
        project.file("a.csv", [received(subject_ref=PERSON), answered(event_type="lost")])
        for number, events in enumerate([[answered(), answered(event_id="e3", event_type="lost")], [answered(event_id="e4")]]):
            table = pa.Table.from_pylist(events)
            pq.write_table(table, folder / f"inbox/{number}.parquet")
        project.settings  # noqa: B018 - writes promisekept.yml
        finished = killed_after(project, calls) == 0
        project.land()
        assert project.query("select event_id from landing.requests order by 1") == [("e1",), ("e2",), ("e4",)]
        assert len(list(project.ledger.lines("batch"))) == 3
        assert len(project.rejects()) == 2
        assert not list((folder / "home").rglob(".incoming*"))
        assert not list((folder / "home").rglob(".spill*"))
        if finished:
            break
    assert finished
    assert calls > 8


def test_no_person_is_anywhere_below_home(project):
    rows = [
        received(subject_ref=PERSON),
        received(event_id="e2", subject_ref=PERSON, channel=PERSON),
        received(event_id=PERSON, subject_ref=PERSON),
        received(event_id="e4", subject_ref=PERSON, channel=PERSON.upper()),
        received(event_id="e5", subject_ref=PERSON, evidence_ref=f"mailto:{PERSON}"),
        received(event_id="e6", subject_ref="Canary Person", channel="Canary Person"),
        received(event_id="e7", subject_ref="Canary Person", revision="Canary Person"),
    ]
    text = as_csv(rows)
    project.file("a.csv", text)
    project.file("b.csv", text + f"cut,{PERSON}")
    project.file("c.csv", as_csv([received(subject_ref=PERSON) | {PERSON: "x"}]))
    project.file("d.csv", text.encode() + b"\xff" + PERSON.encode())
    project.land()
    project.mapping(
        """select _row, id::bigint::text as event_id, 'r' as request_id, 'extended' as event_type,
        '2026-01-01T00:00Z' as occurred_at from source""",
        name="mapped",
        path="inbox/m*",
    )
    project.file("m.csv", f"id\n1\n{PERSON}\n")
    project.land()
    found = [path for path in (project.folder / "home").rglob("*") if path.is_file() and holds_a_person(path)]
    assert found == []


def holds_a_person(path) -> bool:
    import duckdb

    content = path.read_bytes()
    if path.suffix == ".parquet":
        content += str(duckdb.sql(f"select * from '{path}'").fetchall()).encode()
    return b"canary" in content.lower()
