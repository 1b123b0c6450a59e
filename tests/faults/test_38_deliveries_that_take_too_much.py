"""Fault 38: one line of 1 GB, a gzip of 1:1000, a FIFO, a symlink out of the inbox: each is rejected with its reason, memory
stays bounded, and nothing of its content or target is in ledger or message.

Each is landed by a process of its own, which prints by how much it grew.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zlib

import landing_process
import pytest
from aftermath import require_balance, require_sound
from source_project import Project, answered, as_csv, received

pytestmark = pytest.mark.slow

ROWS = [received(), answered()]
SECRET = "maeve.obrien"
GIGABYTE = 2**30
MOST_GROWTH = 300 * 2**20
"""What landing an ordinary file takes is the greater part of it: DuckDB, Arrow and their threads."""


@pytest.fixture
def project(tmp_path):
    """A project in which the ordinary file waits behind whatever else is delivered."""
    project = Project(tmp_path)
    project.file("z.csv", ROWS)
    yield project
    assert project.query("select event_id from landing.requests where event_id <> 'e3' order by all") == [("e1",), ("e2",)]
    assert project.land() == []
    require_sound(project.settings.home, allowed=())
    require_balance(project.settings.home)


def line_of_a_gigabyte(path, start):
    """A sparse file: its line begins with a name, and goes on with a gigabyte that takes no room on disk."""
    path.write_text(start + SECRET)
    os.truncate(path, GIGABYTE)


def dense_gzip(path, piece, times):
    """A gzip of a piece again and again, which is cheap to write and dear to read."""
    packed = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        for _ in range(times):
            file.write(packed.compress(piece))
        file.write(packed.flush())
    assert len(piece) * times > 500 * path.stat().st_size


def pipe(path, folder):
    os.mkfifo(path)


def device(path, folder):
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root")


def link_out(path, folder):
    (folder / f"{SECRET}.csv").write_text(as_csv([received(event_id=SECRET)]))
    path.symlink_to(folder / f"{SECRET}.csv")


DELIVERIES = {
    "a_line_of_1_GB": ("a.csv", "line_too_long", lambda path, _: line_of_a_gigabyte(path, as_csv(ROWS))),
    "a_header_of_1_GB": ("a.csv", "line_too_long", lambda path, _: line_of_a_gigabyte(path, "")),
    "a_quote_left_open": (
        "a.csv",
        "line_too_long",
        lambda path, _: path.write_text(as_csv(ROWS) + '"' + f"{SECRET}\n" * 800_001),
    ),
    "an_object_of_1_GB": ("a.jsonl", "line_too_long", lambda path, _: line_of_a_gigabyte(path, '{"event_id": "')),
    "a_line_of_200_MB_in_a_gzip": ("a.csv.gz", "line_too_long", lambda path, _: dense_gzip(path, SECRET.encode() * 2**16, 260)),
    "a_gzip_of_1_to_1000": ("a.csv.gz", "gzip_too_dense", lambda path, _: dense_gzip(path, b"\n" * 2**20, 512)),
    "a_FIFO": ("a.csv", "not_a_file", pipe),
    "a_device": ("a.csv", "not_a_file", device),
    "a_link_out_of_the_inbox": ("a.csv", "not_a_file", link_out),
}


@pytest.mark.parametrize("kind", DELIVERIES)
def test_38_what_would_take_too_much_is_rejected_with_its_reason_and_the_next_file_lands(project, kind):
    name, reason, make = DELIVERIES[kind]
    make(project.folder / "inbox" / name, project.folder)
    project.settings  # noqa: B018 - writes the configuration
    command = [sys.executable, landing_process.__file__, str(project.folder / "promisekept.yml"), project.now.isoformat(), "0"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert int(result.stdout) < MOST_GROWTH
    (line,) = project.ledger.lines("held_back")
    assert (line.body["origin"]["path"], line.body["reason"]) == (f"inbox/{name}", reason)
    assert line.body["says"].endswith((".", "`."))
    ledger = (project.folder / "home/landing/ledger.jsonl").read_text()
    assert not [text for text in (ledger, result.stdout, result.stderr) if SECRET in text]


def test_38_whoever_needs_longer_lines_or_denser_files_says_so_and_they_land(project):
    """The limits are settings of the reader: a file that was held back is taken once they are raised."""
    long = answered(event_id="e3", evidence_ref="https://dms.example.org/" + "x" * 5_000_000)
    project.file("a.csv", [long])
    dense = [long | {"evidence_ref": long["evidence_ref"][:1_000_000]}] * 18
    project.file("b.csv.gz", gzip.compress(as_csv(dense).encode()))
    assert {one.held_back for one in project.land()} == {None, "line_too_long", "gzip_too_dense"}
    project.source(reader={"longest_line": 8 * 2**20, "gzip_ratio": 2000})
    assert [(one.held_back, one.quarantined) for one in project.land()] == [(None, {}), (None, {})]
    longest = "select max(length(evidence_ref)) > 5000000 from landing.requests where event_id = 'e3'"
    assert project.query(longest) == [(True,)]
