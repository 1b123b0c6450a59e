"""What a person reads where a file system takes or gives nothing, whichever library met it."""

from __future__ import annotations

import errno
import os

import duckdb
import pytest
from file_rights import enforced

from dashboards import saved_views
from promisekept.config.credentials import read_credential
from promisekept.errors import ConfigError, LandingError, PromisekeptError
from promisekept.file_rights import require_readable
from promisekept.monitoring import subscriptions
from promisekept.sources.zone.keys import load_key
from promisekept.storage_errors import DISK_FULL, is_disk_full, storage_problem


def of(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("full", [of(errno.ENOSPC), of(errno.EDQUOT, "/home/a"), duckdb.IOException("No space left on device")])
def test_a_full_disk_is_recognised_in_whatever_library_met_it(full):
    assert storage_problem(full) == storage_problem(caused(ValueError(), full)) == DISK_FULL
    assert is_disk_full(full)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_what_may_not_be_used_is_named_by_its_path(number):
    problem = storage_problem(caused(ValueError(), of(number, "/home/a/ledger.jsonl")))
    assert problem is not None
    assert problem.startswith(f"/home/a/ledger.jsonl: {os.strerror(number)}.")
    assert "chown" in problem
    assert not is_disk_full(of(number, "/home/a"))


@pytest.mark.parametrize(
    "error",
    [
        of(errno.EACCES),  # of a connection that a firewall forbids
        of(errno.ENOENT, "/home/a"),
        ValueError("Permission denied"),
        caused(LandingError("sources.a.reader.path: it can't be listed"), of(errno.EACCES, "/home/a")),
        None,
    ],
)
def test_what_is_no_matter_of_the_disk_or_is_named_already_stays_what_it_is(error):
    assert storage_problem(error) is None


def test_a_database_that_may_not_be_opened_is_named_by_its_path(tmp_path):
    file = tmp_path / "a.duckdb"
    duckdb.connect(str(file)).close()
    file.chmod(0)
    with enforced(), pytest.raises(duckdb.IOException) as caught:
        duckdb.connect(str(file))
    assert str(storage_problem(caught.value)).startswith(f"{file}: Permission denied.")


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
