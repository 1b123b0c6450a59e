r"""A file may have a name whose bytes are no UTF-8, as archives of other systems unpack to: it lands, and no run stops at it.

`caf\xe9.jsonl` landed, and from then on no run could build: the ledger held its name, and a table of the warehouse could not.
"""

from __future__ import annotations

import gzip
import json
import os
from datetime import timedelta

import duckdb
import pytest
from source_project import as_csv, received

from promisekept.paths import pattern_of
from promisekept.sources.landing import land, tasks
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.reland import reland
from promisekept.sources.zone import ledger

NAME = os.fsdecode(b"caf\xe9")
SHOWN = r"caf\xe9"
ROW = received()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".parquet"])
def test_a_file_of_each_format_lands_under_a_name_that_can_be_written(project, suffix):
    file = project.file(NAME + suffix, "")
    if suffix == ".parquet":
        plain = project.folder / "plain.parquet"
        columns = ", ".join(f"'{value}' as {name}" for name, value in ROW.items())
        duckdb.sql(f"copy (select {columns}) to '{plain}'")
        plain.rename(file)
    elif suffix == ".jsonl":
        file.write_text(json.dumps(ROW))
    else:
        text = as_csv([ROW]).encode()
        file.write_bytes(gzip.compress(text) if suffix.endswith(".gz") else text)
    tried = dry_run(project.settings, project.settings.sources[0], project.now)
    assert (tried.tried, tried.counts["landed"]) == (SHOWN + suffix, 1)
    landed = project.land_one()
    assert (landed.path, landed.counts["landed"]) == (f"inbox/{SHOWN}{suffix}", 1)
    assert project.land() == []
    assert project.query("select origin_path from landing.batches") == [(landed.path,)]
    assert project.column("request_id") == ["r1"]


def test_a_folder_in_the_inbox_may_have_such_a_name(project):
    (project.folder / "inbox" / NAME).mkdir()
    project.file(f"{NAME}/a.csv", [ROW])
    assert project.source(path="inbox/**/*.csv").land_one().path == f"inbox/{SHOWN}/a.csv"
    assert project.column("event_id") == ["e1"]


def test_a_project_drafted_from_such_a_file_reads_it_and_no_other(project):
    file = project.file(f"{NAME} [1].csv", [ROW])
    project.file("café 1.csv", [ROW])
    assert project.source(path=pattern_of(file)).land_one().path == f"inbox/{SHOWN} [1].csv"


def test_its_original_bytes_are_found_and_land_again(project):
    project.file(f"{NAME}.csv", [ROW])
    project.land()
    now = project.now + timedelta(hours=1)
    (again,) = reland(project.settings, project.ledger, "helpdesk", reason="a test case", now=now)
    assert (again.path, again.counts["landed"]) == (f"inbox/{SHOWN}.csv", 1)


def test_a_pipe_of_such_a_name_is_not_opened(project):
    os.mkfifo(project.folder / "inbox" / f"{NAME}.csv")
    assert project.land_one().held_back == "not_a_file"
    assert project.query("select origin_name from landing.held_back") == [(f"inbox/{SHOWN}.csv",)]


def test_a_ledger_that_holds_such_a_name_keeps_no_run_from_building(project, monkeypatch):
    with monkeypatch.context() as as_it_was:
        for module in (land, tasks):
            as_it_was.setattr(module, "printable", lambda path: path)
        as_it_was.setattr(ledger, "_require_characters", lambda body: body)
        project.file(f"{NAME}.csv", [ROW])
        project.land()
        os.mkfifo(project.folder / "inbox" / f"{NAME}.jsonl")
        project.land()
    assert project.land() == []
    assert r"\udce9" in (project.folder / "home/landing/ledger.jsonl").read_text()
    assert project.query("select origin_path from landing.batches") == [(f"inbox/{SHOWN}.csv",)]
    assert project.query("select origin_name from landing.held_back") == [(f"inbox/{SHOWN}.jsonl",)]
