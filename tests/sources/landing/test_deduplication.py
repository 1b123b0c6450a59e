"""What is landed, duplicate, superseding, conflicting or quarantined adds up, file by file, and depends on no order."""

import itertools
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_project import Project, answered

from promisekept.sources.landing import file_groups, typed_events

pytestmark = pytest.mark.slow

rows = st.builds(
    lambda number, revision, hour, kind: answered(
        event_id=f"e{number}", revision=revision, occurred_at=f"2026-03-20T{hour:02d}:00:00Z", event_type=kind
    ),
    number=st.integers(1, 4),
    revision=st.integers(0, 2),
    hour=st.integers(8, 9),
    kind=st.sampled_from(["fulfilled", "withdrawn", "granted"]),
)
deliveries = st.lists(st.lists(rows, min_size=1, max_size=6), min_size=1, max_size=4)


def landed_in(files, order) -> Project:
    """A project in which the files have landed in an order."""
    folder = TemporaryDirectory()
    project = Project(Path(folder.name))
    project.held = folder
    for number in order:
        project.file(f"{number}.csv", files[number])
        project.done = [*getattr(project, "done", []), *project.land()]
    return project


def what_counts(project: Project) -> set:
    """The version of each event that counts, by the rule of staging; None where its contents contradict each other."""
    contents = defaultdict(set)
    landed = project.query("select event_id, revision, occurred_at, event_type from landing.requests")
    for event, revision, *content in landed:
        contents[event, revision].add(tuple(content))
    highest = {event: max(r for e, r in contents if e == event) for event, _ in contents}
    return {
        (event, revision, *(contents[event, revision] if len(contents[event, revision]) == 1 else {None}))
        for event, revision in highest.items()
    }


@settings(deadline=None, max_examples=25)
@given(deliveries)
def test_rows_are_conserved_collide_but_for_the_first_and_count_in_whatever_order_they_land(files):
    orders = list(itertools.permutations(range(len(files))))[:: max(1, len(files))][:3]
    projects = [landed_in(files, order) for order in orders]
    assert len({frozenset(what_counts(project)) for project in projects}) == 1
    require_conserved(projects[0], files)
    flags = defaultdict(list)
    for event, collides in projects[0].query("select event_id, collides from landing.requests order by batch_id, row_number"):
        flags[event].append(collides)
    assert all(one == [False] + [True] * (len(one) - 1) for one in flags.values())


def require_conserved(project: Project, files) -> None:
    """Every row of every file is in one class, and as many lie in the zone as are stated."""
    for number, landed in enumerate(project.done):
        counts = landed.counts
        classes = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
        assert counts["source_rows"] == counts["mapped"] + counts["skipped"] + counts["unmapped"] + counts["held_back"]
        assert counts["read"] == sum(counts[name] for name in classes) == len(files[number])
    stated = project.query("select sum(landed + superseding + conflicting), sum(quarantined) from landing.batches")[0]
    (landed,) = project.query("select count(*) from landing.requests")[0]
    files = sorted((project.folder / "home" / "landing" / "quarantine").rglob("*.parquet"))
    rejected = sum(duckdb.from_parquet(str(file)).aggregate("count(*)").fetchall()[0][0] for file in files)
    assert stated == (landed, rejected)


def landed_as_parquet(files, key: bytes | None) -> Project:
    """A project in which the first file has landed, and then all others in one run."""
    folder = TemporaryDirectory()
    project = Project(Path(folder.name))
    project.held = folder
    if key is not None:
        (project.folder / "pseudonym.key").write_bytes(key)
    for number, events in enumerate(files):
        instants = pa.array([datetime.fromisoformat(event["occurred_at"]) for event in events], pa.timestamp("us", "UTC"))
        table = pa.Table.from_pylist([event | {"occurred_at": ""} for event in events])
        table = table.set_column(table.column_names.index("occurred_at"), "occurred_at", instants)
        pq.write_table(table, project.folder / "inbox" / f"{number}.parquet")
        if number in (0, len(files) - 1):
            project.land()
    return project


def what_is_recorded(project: Project) -> tuple:
    """Every row, every reject, and what the ledger states about each file but for the names of those that were written."""
    stated = [
        line.body
        | {"origin": line.body["origin"]["sha256"], "file": line.body["file"] is not None, "sha256": None}
        | {"quarantine": line.body["quarantine"] and line.body["quarantine"]["reasons"]}
        for line in project.ledger.lines()
    ]
    return stated, project.query("select * from landing.requests order by batch_id, row_number"), project.rejects()


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(rows, min_size=1, max_size=6), min_size=3, max_size=5))
def test_files_that_go_together_land_as_one_after_the_other(files):
    with patch.object(file_groups, "land_file", wraps=file_groups.land_file) as alone:
        together = landed_as_parquet(files, None)
    assert alone.call_count == 1, "only the file of the first run had no other beside it"
    for module, limit in ((typed_events, "_SMALL"), (file_groups, "MOST_ROWS")):
        with patch.object(module, limit, 0):
            otherwise = landed_as_parquet(files, (together.folder / "pseudonym.key").read_bytes())
        assert what_is_recorded(together) == what_is_recorded(otherwise), limit


def test_a_conflict_that_a_higher_revision_has_settled_is_superseding(project):
    project.file("a.csv", [answered(revision=2), answered(revision=1)])
    project.file("b.csv", [answered(revision=1, event_type="withdrawn")])
    project.land()
    assert project.query("select superseding, conflicting from landing.batches order by seq") == [(1, 0), (1, 0)]


def test_a_rejected_row_makes_no_duplicate_and_no_conflict(project):
    project.file("a.csv", [answered(event_type="granted"), answered(), answered(event_type="lost")])
    counts = project.land_one().counts
    assert (counts["landed"], counts["quarantined"], counts["conflicting"]) == (1, 2, 0)


def test_ids_are_unique_within_a_namespace_and_sources_may_share_one(project):
    project.source("a", path="inbox/a*").source("b", path="inbox/b*").source("c", path="inbox/c*", namespace="a")
    for name in ("a.csv", "b.csv", "c.csv"):
        project.file(name, [answered()])
    assert [landed.counts["landed"] for landed in project.land()] == [1, 1, 0]


def test_lists_and_nulls_are_compared_as_content(project):
    project.file("a.csv", [answered(purpose_codes="a;b"), answered(purpose_codes=" a ; b ;"), answered(purpose_codes="a")])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["conflicting"]) == (1, 1, 1)
