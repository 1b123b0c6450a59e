"""The quarantine as the models read it: a table that follows the quarantine files from one build to the next.

After every kind of change to them it equals the same table made from scratch, and what the files themselves hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from promisekept.retention.rejects import purge_rejects
from promisekept.sources.landing.quarantine_relation import attach_quarantine, keep_quarantine
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.zone.batches import Zone
from tests.source_project import Project, answered, received

SHOWN = "select * from landing.quarantine order by all"
PLACED = "select batch_id, row_number, event_id, reason, content_hash from landing.quarantine order by all"


def bad(number: int, **changes: object) -> dict[str, object]:
    """A row of which the right is none of the contract's."""
    return received(event_id=f"e{number}", request_id=f"r{number}", right_type="telepathy", **changes)


def in_utc(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(database)
    connection.execute("set timezone = 'UTC'")
    return connection


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path).source()


class Kept:
    """The database of a build, in which a quarantine is kept."""

    def __init__(self, project: Project, known_seq: int | None = None, full_refresh: bool = False) -> None:
        self.zone = Zone(project.settings.home, project.ledger, known_seq)
        self.file = project.folder / "warehouse.duckdb"
        with self.connect() as connection:
            connection.execute("create schema if not exists landing")
            keep_quarantine(connection, self.zone, full_refresh=full_refresh)

    def connect(self) -> duckdb.DuckDBPyConnection:
        return in_utc(str(self.file))

    def ask(self, sql: str = SHOWN) -> list[tuple]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def require_true(self) -> None:
        """It is what a build from scratch makes, and has the rows that the files have."""
        with in_utc() as connection:
            connection.execute("create schema landing")
            attach_quarantine(connection, self.zone)
            assert self.ask(PLACED) == connection.execute(PLACED).fetchall()
            connection.execute("drop view landing.quarantine")
            keep_quarantine(connection, self.zone, full_refresh=True)
            assert self.ask() == connection.execute(SHOWN).fetchall()


def changes(project: Project) -> Iterator[str]:
    """Change what lies in quarantine in every way there is."""
    yield "nothing landed"
    project.file("a.csv", [bad(1), bad(2), received()])
    project.land()
    yield "rows were rejected"
    project.file("b.csv", [bad(2), bad(3), answered()])
    project.land()
    yield "a row was delivered again, with another"
    project.file("c.csv", [answered(event_id="e9")])
    project.land()
    yield "no row was rejected"
    project.source(skip="false")
    reland(project.settings, project.ledger, "helpdesk", reason="another mapping", now=project.now)
    yield "all files landed again, in place of the first"
    project.source(skip="event_id = 'e3'")
    retry_rejects(project.settings, project.ledger, project.now)
    yield "rejected rows were read again"
    assert purge_rejects(project.settings, project.ledger, project.now + timedelta(days=120))
    yield "rejected values were purged"


def test_it_equals_one_from_scratch_after_each_change_of_the_files(project):
    found = []
    for _ in changes(project):
        kept = Kept(project)
        kept.require_true()
        found.append(len(kept.ask()))
    assert found == [0, 2, 3, 3, 3, 2, 2]


def test_a_build_of_what_was_known_before_has_the_rows_of_its_time(project):
    for number in range(3):
        project.file(f"{number}.csv", [bad(number)])
        project.land()
    for known_seq in (3, 1, 2):
        kept = Kept(project, known_seq)
        kept.require_true()
        assert len(kept.ask()) == known_seq


def test_where_the_first_delivery_counts_no_more_the_next_one_is_shown(project):
    project.file("a.csv", [bad(1)])
    project.land()
    project.file("b.csv", [bad(1), received()])
    project.land()
    first, second = (batch.batch_id for batch in Zone(project.settings.home, project.ledger).batches)
    assert Kept(project).ask("select batch_id from landing.quarantine") == [(first,)]
    project.source(skip="false")
    reland(project.settings, project.ledger, "helpdesk", first, reason="another mapping", now=project.now)
    kept = Kept(project)
    kept.require_true()
    assert kept.ask("select batch_id from landing.quarantine") == [(second,)]


def test_each_file_is_read_once(project):
    project.file("a.csv", [bad(1)])
    project.land()
    rows = Kept(project).ask()
    ((file, _),) = Zone(project.settings.home, project.ledger).reject_files()
    (project.settings.home / "landing" / file).write_bytes(b"not read again")
    project.file("b.csv", [bad(2)])
    project.land()
    assert rows[0] in Kept(project).ask()
    with pytest.raises(duckdb.Error):
        Kept(project, full_refresh=True)


def test_no_rejected_value_and_no_person_is_in_the_database_of_a_build(project):
    """Nor any that another column could not have had: a row may be wrong in several, and is rejected for the first."""
    wrong_twice = bad(1, regime_code="private words", channel="pigeon post", jurisdiction="Ireland")
    project.file("a.csv", [wrong_twice, received(event_id="e2", evidence_ref="jane", channel="odd")])
    project.land()
    shown = project.quarantine("select value, content, subject_key from landing.quarantine")
    assert "telepathy" in str(shown)
    for word in ("private words", "pigeon post", "Ireland"):
        assert word in str(shown)
    kept = Kept(project)
    key = next(key for _, _, key in shown)
    for word in ("telepathy", "private words", "pigeon post", "Ireland", "odd", key):
        assert word not in str(kept.ask("from landing.rejects")), word
        assert word.encode() not in kept.file.read_bytes(), word


def test_a_purge_leaves_no_value_that_the_contract_does_not_allow(project):
    project.file("a.csv", [bad(1, channel="pigeon post", jurisdiction="Ireland"), bad(2, role="processor", jurisdiction="IE-D")])
    project.land()
    before = Kept(project).ask("select content from landing.rejects order by event_id")
    assert purge_rejects(project.settings, project.ledger, project.now + timedelta(days=120)) == 2
    ((file, _),) = Zone(project.settings.home, project.ledger).reject_files()
    with in_utc() as connection:
        purged = connection.execute(
            "select content from read_parquet($file) order by event_id", {"file": str(project.settings.home / "landing" / file)}
        ).fetchall()
    assert purged == before
    wrong, right = (json.loads(content) for (content,) in purged)
    assert (wrong["channel"], wrong["jurisdiction"], wrong["event_type"]) == (None, None, "received")
    assert (right["role"], right["jurisdiction"], right["right_type"]) == ("processor", "IE-D", None)
