"""A file that changes after it was looked for waits for the next run: what is hashed is what is read."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from source_project import Project, as_csv, received

from promisekept.errors import LandingError
from promisekept.sources.landing import land
from promisekept.sources.landing.land import fingerprint
from promisekept.sources.landing.reland import reland
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.landing.typed_events import validate

MAPPING = (
    "select _row, event_id, occurred_at, subject_ref, subject_ref_type, request_id, right_type, event_type, jurisdiction, channel"
)


def append(path: Path) -> None:
    path.write_text(path.read_text() + as_csv([received(event_id="later")]).partition("\n")[2])


def cut(path: Path) -> None:
    path.write_text(path.read_text()[:30])


def land_while(project: Project, change: Callable[[Path], None], said: list[str]) -> Sequence[Landed]:
    """Land what is new, and change the first file once it has been hashed."""
    first = next(iter(sorted((project.folder / "inbox").iterdir())))

    def hash_and_change(file, reader):
        found = fingerprint(file, reader)
        if file.path == str(first):
            change(first)
        return found

    with patch.object(land, "fingerprint", hash_and_change):
        return land.land(project.settings, project.ledger, project.now, said.append)


@pytest.mark.parametrize("change", [append, cut, Path.unlink])
@pytest.mark.parametrize("others", [0, 2])
@pytest.mark.parametrize("is_mapped", [False, True])
def test_a_file_that_changes_while_it_lands_waits_for_the_next_run(project, change, others, is_mapped):
    """Its hash was recorded for rows of another state; one that was taken away ended the run as a fault of the program."""
    if is_mapped:
        project.mapping(f"{MAPPING} from source")
    for number in range(others + 1):
        project.file(f"{number}.csv", [received(event_id=f"e{number}")])
    said: list[str] = []
    assert [one.path for one in land_while(project, change, said)] == [f"inbox/{number}.csv" for number in range(1, others + 1)]
    assert said[-1] == "helpdesk: 0.csv is still being written, or is gone; it lands once it is finished"
    again = project.land()
    if change is append:
        assert [one.counts["landed"] for one in again] == [2]
    elif change is cut:
        assert [one.held_back for one in again] == ["mapping_broken" if is_mapped else "unknown_column"]
    else:
        assert again == []


@pytest.mark.parametrize("name", ["0.jsonl", "0.parquet"])
def test_a_file_of_any_format_that_is_taken_away_leaves_the_others(project, name):
    if name == "0.jsonl":
        project.file(name, json.dumps(received()))
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist([received()]), project.folder / "inbox" / name)
    project.file("1.csv", [received(event_id="e1")])
    assert [one.path for one in land_while(project, Path.unlink, [])] == ["inbox/1.csv"]


def test_a_file_that_goes_before_it_is_read_at_all_leaves_the_others(project):
    project.file("0.csv", [received()])
    gone = project.file("1.csv", [received(event_id="e1")])
    said: list[str] = []
    with patch.object(land, "read_twice", lambda *_: gone.unlink() or {}):
        done = land.land(project.settings, project.ledger, project.now, said.append)
    assert [one.path for one in done] == ["inbox/0.csv"]
    assert "1.csv is still being written, or is gone" in said[-1]


def test_landing_again_takes_nothing_of_a_file_that_changes_meanwhile(project):
    path = project.file("a.csv", [received()])
    project.land()
    with (
        patch("promisekept.sources.landing.batch.validate", lambda batch: append(path) or validate(batch)),
        pytest.raises(LandingError, match=r"a\.csv was written again since it was looked for, or is gone"),
    ):
        reland(project.settings, project.ledger, "helpdesk", reason="repaired", now=project.now)
    assert project.column("event_id") == ["e1"]
