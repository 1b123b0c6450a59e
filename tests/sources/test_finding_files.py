"""Which files a source has, wherever they lie, and which of them are finished."""

import threading
import time
from datetime import UTC, datetime

import fsspec
import pytest
from source_project import answered, as_csv, received

from promisekept.errors import LandingError
from promisekept.sources.files import find_files


def test_files_of_an_object_store_land_like_local_ones(project):
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/in/b.csv", as_csv([answered()]).encode())
    store.pipe(
        "/bucket/in/a.jsonl", b'{"event_id":"e1","occurred_at":"2026-03-20T10:00:00Z","request_id":"r1","event_type":"extended"}'
    )
    project.source(reader={"path": "memory://bucket/in/*"})
    assert [landed.path for landed in project.land()] == ["memory:///bucket/in/a.jsonl", "memory:///bucket/in/b.csv"]
    assert project.column("event_id") == ["e1", "e2"]
    assert project.land() == []


def test_a_store_that_is_not_known_is_named_with_the_path(project):
    project.source(reader={"path": "nosuch://bucket/*.csv"})
    with pytest.raises(LandingError, match=r"sources\.helpdesk\.reader\.path: nosuch://bucket"):
        project.land()


def test_a_store_that_finds_no_account_says_so_without_what_its_package_says(project):
    class Closed(fsspec.AbstractFileSystem):
        def __init__(self):
            raise ValueError("no account for key AKIA-SECRET")

    fsspec.register_implementation("closed", Closed, clobber=True)
    project.source(reader={"path": "closed://bucket/*.csv"})
    with pytest.raises(LandingError, match=r"closed://bucket/\*\.csv can't be opened \(ValueError\)") as refused:
        project.land()
    assert "AKIA" not in str(refused.value)


def test_a_file_that_grows_while_it_is_looked_at_waits(project):
    path = project.file("a.csv", as_csv([received()]))
    done = threading.Event()

    def write():
        while not done.is_set():
            with path.open("a") as file:
                file.write("x")
            time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = find_files(project.settings.source("helpdesk"), datetime.now(UTC))
    finally:
        done.set()
        writer.join()
    assert found == []
    assert len(find_files(project.settings.source("helpdesk"), datetime.now(UTC))) == 1


def test_files_below_folders_are_found_by_a_double_star(project):
    (project.folder / "inbox" / "2026" / "03").mkdir(parents=True)
    project.file("2026/03/a.csv", [received()])
    project.source(reader={"path": "inbox/**/*.csv"})
    assert project.land_one().path == "inbox/2026/03/a.csv"


def test_a_file_that_grew_lands_what_is_new(project):
    project.file("a.csv", [received()])
    project.land()
    project.file("a.csv", [received(), answered()])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 1)


def test_many_files_meet_each_other_as_few_do(project):
    for number in range(8):
        project.file(
            f"{number}.csv",
            [answered(event_id=f"e{number}"), answered(event_id="same"), answered(event_id="other", revision=number)],
        )
    done = project.land()
    assert [landed.counts["duplicate"] for landed in done] == [0] + [1] * 7
    assert [landed.counts["superseding"] for landed in done] == [0] + [1] * 7
    project.file("9.csv", [answered(event_id="same"), answered(event_id="e3")])
    assert project.land_one().counts["duplicate"] == 2
