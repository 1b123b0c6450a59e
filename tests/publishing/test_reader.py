"""Reading a snapshot is reading its tables: no file beside it, no network, no writing, no changing of that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import duckdb
import pytest
from small_snapshots import AT, a_candidate, a_verdict, publish

from promisekept.errors import PublishingError
from promisekept.publishing.reader import open_current, open_snapshot, reached_further
from promisekept.publishing.store import SnapshotStore


@pytest.fixture
def reader(tmp_path):
    publish(tmp_path)
    with open_current(tmp_path) as snapshot:
        yield snapshot


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd', sep = '|', header = false)",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
        "copy (select 1) to '/tmp/promisekept_leak.csv'",
        "copy marts.fct_requests to '/tmp/promisekept_leak.parquet'",
        "export database '/tmp/promisekept_leak'",
        "attach '/tmp/promisekept_leak.duckdb' as other",
        "create table marts.mine as select 1",
        "insert into marts.fct_requests select * from marts.fct_requests",
        "delete from marts.fct_requests",
        "delete from history.fct_restatements",
        "create table history.mine as select 1",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set global allowed_directories = ['/etc']",
        "reset enable_external_access",
        "select getenv('HOME')",
    ],
)
def test_a_reader_reads_nothing_beside_its_tables_and_writes_nothing(reader, statement):
    with pytest.raises(duckdb.Error):
        reader.cursor().execute(statement).fetchall()


def test_a_cursor_reads_in_utc_and_binds_values(reader):
    row = reader.cursor().execute("select current_setting('TimeZone'), ?", ["' or 1=1 --"]).fetchall()
    assert row == [("UTC", "' or 1=1 --")]


def test_many_threads_read_at_once_each_with_a_cursor(reader):
    def count(_):
        return reader.cursor().execute("select count(*) from marts.fct_requests").fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(count, range(64))) == {2}


def test_two_readers_of_one_snapshot_are_equally_locked(tmp_path):
    publish(tmp_path)
    with open_current(tmp_path), open_current(tmp_path) as second, pytest.raises(duckdb.Error):
        second.cursor().execute("select * from read_text('/etc/passwd')").fetchall()


def test_a_reader_with_limits_of_its_own_opens_beside_one_that_has_none(tmp_path):
    """An export beside a reader of the same snapshot could not begin: a file is open in one configuration per process."""
    snapshot = publish(tmp_path)
    limits = {"memory_limit": "512.0 MiB", "temp_directory": str(tmp_path / "it's full")}
    limit = "select current_setting('memory_limit')"
    with open_snapshot(tmp_path, snapshot.id, limits) as alone:
        assert alone.cursor().execute(limit).fetchall() == [("512.0 MiB",)]
    with open_current(tmp_path), open_snapshot(tmp_path, snapshot.id, limits) as beside:
        assert beside.cursor().execute(limit).fetchall() != [("512.0 MiB",)]


def test_what_was_published_before_is_read_as_the_schema_history(tmp_path):
    first, second = publish(tmp_path), publish(tmp_path, numerator=8)
    for name, restatements in ((first.id, 0), (second.id, 1)):
        with open_snapshot(tmp_path, name) as one, open_snapshot(tmp_path, name) as other:
            for reader in (one, other):
                count = reader.cursor().execute("select count(*) from history.fct_restatements").fetchall()
                assert count == [(restatements,)]


@pytest.mark.parametrize("name", ["snapshot.duckdb", "history.duckdb"])
def test_a_file_cut_short_is_not_read(tmp_path, name):
    snapshot = publish(tmp_path)
    file = tmp_path / "snapshots" / snapshot.id / name
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-4096])
    with pytest.raises(PublishingError, match=rf"{name}: .* the manifest states"):
        open_current(tmp_path)


def test_a_reader_keeps_its_snapshot_while_another_is_published(tmp_path):
    first = publish(tmp_path)
    with open_current(tmp_path) as old:
        second = publish(tmp_path, requests="select 'c' as request_key, 'paused' as status, 1 as row_number")
        assert old.id == first.id
        assert old.cursor().execute("select count(*) from marts.fct_requests").fetchall() == [(2,)]
        with open_current(tmp_path) as new:
            assert new.id == second.id
            assert new.cursor().execute("select count(*) from marts.fct_requests").fetchall() == [(1,)]


def test_a_past_snapshot_is_opened_by_its_id_without_the_banners_of_the_current_one(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    with open_snapshot(tmp_path, first.id) as past:
        assert (past.id, past.current, past.manifest["sequence"]) == (first.id, None, 1)


def test_before_the_first_publication_the_message_says_what_was_rejected(tmp_path):
    with pytest.raises(PublishingError, match="no snapshot has been published yet"):
        open_current(tmp_path)
    candidate = a_candidate(tmp_path)
    SnapshotStore(tmp_path).reject(a_verdict(candidate, passed=False), AT)
    with pytest.raises(PublishingError, match=r"rejected the last run: .*expect_column_values_to_not_be_null request_key"):
        open_current(tmp_path)


def test_an_unknown_snapshot_is_answered_with_those_there_are(tmp_path):
    first = publish(tmp_path)
    with pytest.raises(PublishingError, match=rf"no snapshot `0009-abcdef`.\n.*{first.id}"):
        open_snapshot(tmp_path, "0009-abcdef")
    with pytest.raises(PublishingError, match="no snapshot"):
        open_snapshot(tmp_path, "../../etc")


def test_a_manifest_that_was_changed_is_not_read(tmp_path):
    snapshot = publish(tmp_path)
    manifest = tmp_path / "snapshots" / snapshot.id / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text().replace("Example", "Exemple"))
    with pytest.raises(PublishingError, match=r"not the one that CURRENT names.\n.*fsck"):
        open_current(tmp_path)


def test_a_pointer_that_is_no_record_is_named(tmp_path):
    publish(tmp_path)
    (tmp_path / "CURRENT").write_text("{")
    with pytest.raises(PublishingError, match="no pointer to a snapshot"):
        open_current(tmp_path)


def publish_as_of(home, days, *, known=0, hours=0):
    """A snapshot as of so many days after the first, and hours, which knows what had landed after so many days."""
    facts = {"as_of": AT + timedelta(days=days, hours=hours), "known_at": AT + timedelta(days=known)}
    return publish(home, provenance=facts | {"code_version": f"0.1.0+{days}.{known}.{hours}"}).id


def further(home):
    with open_current(home) as snapshot:
        found = reached_further(home, snapshot.manifest)
    return found and found["id"]


def test_of_what_was_published_before_it_a_snapshot_has_the_one_that_reaches_furthest(tmp_path):
    """A backfill, or a run with an earlier --as-of, becomes current: its figures looked like those of today."""
    publish_as_of(tmp_path, 0)
    assert further(tmp_path) is None
    newest = publish_as_of(tmp_path, 9)
    assert further(tmp_path) is None
    for day in (5, 6, 7):
        publish_as_of(tmp_path, day)
        assert further(tmp_path) == newest, "the day before it in a backfill is not what was left out"
    publish_as_of(tmp_path, 9, hours=1)
    assert further(tmp_path) is None


def test_hours_of_one_day_leave_nothing_out_and_rows_known_later_do(tmp_path):
    """A run by hand is as of the newest batch, and a scheduled one as of its tick, some hours later."""
    newest = publish_as_of(tmp_path, 9, known=9, hours=5)
    publish_as_of(tmp_path, 9, known=9)
    assert further(tmp_path) is None
    publish_as_of(tmp_path, 9, known=8)
    assert further(tmp_path) == newest


def test_the_day_is_that_of_the_organisation(tmp_path):
    late = publish_as_of(tmp_path, 27, hours=17)  # 23:00 in UTC, and midnight in Dublin in summer
    publish_as_of(tmp_path, 27, hours=16)
    assert further(tmp_path) == late


def test_a_damaged_manifest_of_another_snapshot_hides_nothing_else(tmp_path):
    newest, damaged = publish_as_of(tmp_path, 9), publish_as_of(tmp_path, 10)
    publish_as_of(tmp_path, 5)
    assert further(tmp_path) == damaged
    file = tmp_path / "snapshots" / damaged / "manifest.json"
    for content in (b"{", b"[]", b"{}", file.read_bytes().replace(b"2026-", b"x026-")):
        file.chmod(0o600)
        file.write_bytes(content)
        assert further(tmp_path) == newest
