"""A candidate is a closed copy of every mart, counted and hashed."""

from __future__ import annotations

import duckdb
import pytest
from small_snapshots import REQUESTS, a_candidate, a_provenance, built_marts

from promisekept.errors import PublishingError
from promisekept.publishing import candidate as candidates
from promisekept.publishing.candidate import write_candidate
from promisekept.publishing.reader import open_hardened


def test_a_candidate_holds_every_mart_and_nothing_else(tmp_path):
    candidate = write_candidate(built_marts(tmp_path), tmp_path / "snapshots", a_provenance(tmp_path))
    with open_hardened(candidate.file) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables order by 2").fetchall()
    assert tables == [("marts", "fct_metrics"), ("marts", "fct_requests")]
    assert {name: table.rows for name, table in candidate.tables.items()} == {"fct_metrics": 2, "fct_requests": 2}
    assert candidate.rows == 4


@pytest.mark.parametrize(
    "statement",
    ["create schema staging; create table staging.stray as select 1 as a", "create view marts.stray as select 1 as a"],
)
def test_what_is_no_mart_is_not_published(tmp_path, statement):
    marts = built_marts(tmp_path)
    with duckdb.connect(str(marts)) as connection:
        connection.execute(statement)
    with pytest.raises(PublishingError, match="stray"):
        write_candidate(marts, tmp_path / "snapshots", a_provenance(tmp_path))
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_candidate_is_one_closed_file_under_a_temporary_name(tmp_path):
    candidate = a_candidate(tmp_path)
    assert candidate.file.parent.name.startswith(".candidate-")
    assert [path.name for path in candidate.file.parent.iterdir()] == ["snapshot.duckdb"]


def test_the_same_marts_in_another_order_have_the_same_content_hash(tmp_path):
    one = a_candidate(tmp_path / "one")
    two = a_candidate(tmp_path / "two", requests=f"{REQUESTS} order by request_key desc", landed=7)
    assert one.content_hash == two.content_hash
    assert one.content_hash != a_candidate(tmp_path / "three", numerator=8).content_hash


def test_a_database_without_marts_makes_no_candidate(tmp_path):
    with duckdb.connect(str(tmp_path / "outgoing.duckdb")) as connection:
        connection.execute("create schema marts")
    with pytest.raises(PublishingError, match="holds no table"):
        write_candidate(tmp_path / "outgoing.duckdb", tmp_path / "snapshots", a_provenance(tmp_path))
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_absent_marts_are_named(tmp_path):
    with pytest.raises(PublishingError, match=r"no marts were built.*\n.*promisekept run"):
        write_candidate(tmp_path / "outgoing.duckdb", tmp_path / "snapshots", a_provenance(tmp_path))


def test_a_database_that_is_open_elsewhere_is_an_error_with_a_remedy_and_leaves_nothing(tmp_path):
    marts = built_marts(tmp_path)
    with (
        duckdb.connect(str(marts)) as writing,
        pytest.raises(PublishingError, match=r"could not be written.*\n.*\n.*close what else has outgoing\.duckdb open"),
    ):
        writing.execute("create table main.unfinished (a int)")
        write_candidate(marts, tmp_path / "snapshots", a_provenance(tmp_path))
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_copy_that_is_not_what_was_built_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(candidates.shutil, "copyfile", lambda made, copy: copy.write_bytes(made.read_bytes() + b"more"))
    with pytest.raises(PublishingError, match="the copy is not what was built"):
        a_candidate(tmp_path)
    assert list((tmp_path / "snapshots").iterdir()) == []
