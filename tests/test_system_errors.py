"""What a person reads where the operating system refuses something, whichever library met it."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from file_rights import enforced
from source_project import received

from dashboards import saved_views
from orchestration.build_mode import BuildState, choose_warehouse
from orchestration.dbt_runner import DATABASE, OUTGOING
from promisekept.config.credentials import read_credential
from promisekept.errors import ConfigError, LandingError, PromisekeptError, SystemRefusedError
from promisekept.file_rights import require_readable
from promisekept.monitoring import subscriptions
from promisekept.sources.extract.file_readers import read
from promisekept.sources.extract.files import find_files, fingerprint
from promisekept.sources.sandbox import sandbox_database
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.keys import load_key
from promisekept.system_errors import DISK_FULL, is_disk_full, refusal, system_problem


def of(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open no file beyond those that are open."""
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("full", [of(errno.ENOSPC), of(errno.EDQUOT, "/home/a"), duckdb.IOException("No space left on device")])
def test_a_full_disk_is_recognised_in_whatever_library_met_it(full):
    assert system_problem(full) == system_problem(caused(ValueError(), full)) == DISK_FULL
    assert is_disk_full(full)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_what_may_not_be_used_is_named_by_its_path(number):
    problem = system_problem(caused(ValueError(), of(number, "/home/a/ledger.jsonl")))
    assert problem is not None
    assert problem.startswith(f"/home/a/ledger.jsonl: {os.strerror(number)}.")
    assert "chown" in problem
    assert not is_disk_full(of(number, "/home/a"))


@pytest.mark.parametrize(
    ("error", "refused", "limit"),
    [
        (RuntimeError("can't start new thread"), "threads or processes", "TasksMax="),
        (of(errno.EAGAIN), "threads or processes", "ulimit -u"),
        (of(errno.EMFILE, "/home/a/ledger.jsonl"), "files", "ulimit -n"),
        (duckdb.IOException('Cannot open file "a.parquet": Too many open files'), "files", "LimitNOFILE="),
        (MemoryError(), "memory", "MemoryMax="),
        (of(errno.ENOMEM), "memory", "ulimit -v"),
    ],
)
def test_a_limit_is_named_with_where_to_raise_it(error, refused, limit):
    problem = str(system_problem(caused(ValueError(), error)))
    assert problem == system_problem(error)
    assert refused in problem.splitlines()[0]
    assert limit in problem
    assert system_problem(caused(LandingError("named already"), error)) is None


@pytest.mark.parametrize(
    "error",
    [
        BlockingIOError(errno.EAGAIN, "write could not complete without blocking"),
        RuntimeError("dictionary changed size during iteration"),
        of(errno.EACCES),  # of a connection that a firewall forbids
        of(errno.ENOENT, "/home/a"),
        ValueError("Permission denied"),
        caused(LandingError("sources.a.reader.path: it can't be listed"), of(errno.EACCES, "/home/a")),
        None,
    ],
)
def test_what_is_no_matter_of_the_disk_or_is_named_already_stays_what_it_is(error):
    assert system_problem(error) is None


def test_a_database_that_may_not_be_opened_is_named_by_its_path(tmp_path):
    file = tmp_path / "a.duckdb"
    duckdb.connect(str(file)).close()
    file.chmod(0)
    with enforced(), pytest.raises(duckdb.IOException) as caught:
        duckdb.connect(str(file))
    assert str(system_problem(caught.value)).startswith(f"{file}: Permission denied.")


@pytest.mark.parametrize("closed", ["snapshots", "snapshots/1", "snapshots/1/manifest.json"])
def test_a_folder_is_readable_only_to_its_last_file(tmp_path, closed):
    (tmp_path / "snapshots/1").mkdir(parents=True)
    (tmp_path / "snapshots/1/manifest.json").touch()
    (tmp_path / "gone").symlink_to("nowhere")
    before = (tmp_path / closed).stat().st_mode
    with enforced():
        require_readable(tmp_path)
        (tmp_path / closed).chmod(0)
        with pytest.raises(PermissionError, match=closed):
            require_readable(tmp_path)
        (tmp_path / closed).chmod(before)


def test_who_may_not_read_the_key_is_not_sent_to_make_another(project):
    """A new key matches none of the persons whose rows have landed."""
    path = project.folder / "pseudonym.key"
    path.chmod(0)
    with enforced(), pytest.raises(ConfigError, match="Do not make another"):
        load_key(path)


@pytest.mark.parametrize("read", [subscriptions.read, saved_views.read])
def test_what_people_chose_is_not_removed_where_it_may_not_be_read(tmp_path, read):
    for name in (subscriptions.FILE, saved_views.FILE):
        (tmp_path / name).touch(0)
    with enforced(), pytest.raises(PromisekeptError, match=r"may not read it\.\n.*chown"):
        read(tmp_path)


@pytest.mark.parametrize(("mode", "remedy"), [(None, "Create it"), (0, "chown")])
def test_a_credential_that_is_not_there_is_created_and_one_that_is_there_given(tmp_path, mode, remedy):
    file = tmp_path / "password"
    if mode is not None:
        file.touch(mode)
    with enforced(), pytest.raises(ConfigError, match=rf"can't be read .*\n.*{remedy}"):
        read_credential("sources.desk.reader", None, file)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.ConversionException('Could not convert string "Too many open files" to INT32'),
        duckdb.ConversionException('Could not convert string "No space left on device" to INT32'),
        duckdb.OutOfMemoryException("failed to allocate data of size 8.0 EiB"),
        duckdb.IOException('Cannot open file "/inbox/Too many open files.parquet": No such file or directory'),
    ],
)
def test_what_a_delivery_can_bring_about_is_no_refusal(error):
    """A run that ends at each such file could be kept from publishing for good by one delivery."""
    assert refusal(error) is None


def test_a_delivery_that_can_not_be_opened_today_is_not_called_damaged(project):
    """It was rejected as no Parquet, and a file that is rejected is not tried again before the source's settings change."""
    project.source()
    path = project.folder / "inbox" / "a.parquet"
    duckdb.execute(f"copy (select 'e1' as event_id) to '{path}'")
    source = project.settings.sources[0]
    (file,) = find_files(source, datetime.now(UTC) + timedelta(days=1))
    found = fingerprint(file, source.reader)
    with sandbox_database(project.settings) as connection, no_more_files(), pytest.raises(SystemRefusedError, match="ulimit -n"):
        read(connection, source, file, found)
    with sandbox_database(project.settings) as connection:
        assert read(connection, source, file, found).rows == 1


def test_landed_rows_that_can_not_be_opened_today_are_not_called_changed(project):
    project.source().file("a.csv", [received()])
    project.land()
    (stored,) = Zone(project.settings.home, project.ledger).stored("requests")
    with no_more_files(), pytest.raises(SystemRefusedError, match="ulimit -n"):
        stored.is_unchanged()
    assert stored.is_unchanged()


def test_a_build_database_that_can_not_be_opened_today_is_not_thrown_away(project):
    """A build of a hundred million events takes 24 minutes to make again."""
    project.source()
    home = project.settings.home
    home.mkdir()
    state = BuildState(0, datetime(2026, 1, 1, tzinfo=UTC), "pack", "code", "settings")
    for name in (DATABASE, OUTGOING):
        duckdb.connect(str(home / name)).close()
    ledger = project.ledger
    with no_more_files(), pytest.raises(SystemRefusedError, match="ulimit -n"):
        choose_warehouse(home, state, ledger)
    assert (home / DATABASE).exists()
    assert (home / OUTGOING).exists()
