"""Which files a source has, wherever they lie, and which of them are finished."""

import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

from source_project import answered, as_csv, received

from promisekept.sources.extract import files
from promisekept.sources.extract.files import find_files


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


def test_sources_wait_for_files_that_were_written_lately_side_by_side(project, monkeypatch):
    """Eight sources of a day waited a quarter of a second each, one after the other: two seconds before the first row."""
    sources = [project.settings.source("helpdesk").model_copy(update={"name": f"helpdesk_{number}"}) for number in range(8)]
    project.file("a.csv", as_csv([received()]))
    all_wait = threading.Barrier(len(sources))
    monkeypatch.setattr(files, "time", SimpleNamespace(sleep=lambda _: all_wait.wait(timeout=20)))
    found = files.find_files_of(sources, datetime.now(UTC))
    assert {name: [file.name for file in of] for name, of in found.items()} == {source.name: ["a.csv"] for source in sources}
