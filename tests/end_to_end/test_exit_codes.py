"""What a scheduler sees of a command: 0 well, 1 a negative verdict, 2 unusable input."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest
from command import promisekept

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def test_check_of_a_sound_project_is_0_and_with_a_problem_is_1(desk):
    assert promisekept("check", "--config", desk.folder).code == 0
    (desk.folder / "keys" / "pseudonym.key").unlink()
    result = promisekept("check", "--config", desk.folder)
    assert (result.code, "pseudonym" in result.out) == (1, True), result


def test_fsck_of_a_changed_batch_is_1_and_nothing_is_built_from_it(desk):
    """Somebody takes one row out of evidence that was landed: the file is well formed, only the ledger knows better."""
    desk.land()
    assert promisekept("fsck", "--config", desk.folder).code == 0
    [batch] = (desk.settings.home / "landing").rglob("*.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"create table less as select * from '{batch}' limit 2")
        batch.chmod(0o644)
        connection.execute(f"copy less to '{batch}' (format parquet)")
    result = promisekept("fsck", "--config", desk.folder)
    assert (result.code, batch.name in result.out) == (1, True), result
    result = promisekept("run", "--config", desk.folder, "--as-of", AS_OF.isoformat())
    assert (result.code, batch.name in result.err, "restore it from a backup" in result.err) == (2, True, True), result
    assert "Traceback" not in result.err


def test_rejected_rows_that_are_gone_stop_a_run(desk):
    """Without its quarantine a log would look as if nothing had been rejected, and the worst case would be a better one."""
    desk.request("r9", received=datetime(2026, 1, 9, 9, tzinfo=UTC), channel="pigeon")
    desk.land()
    [rejects] = (desk.settings.home / "landing" / "quarantine").rglob("*.parquet")
    rejects.unlink()
    result = promisekept("run", "--config", desk.folder, "--as-of", AS_OF.isoformat())
    assert (result.code, rejects.name in result.err) == (2, True), result


def test_what_cannot_be_used_is_2(desk):
    assert promisekept("run", "--config", desk.folder, "--as-of", "tomorrow").code == 2
    assert promisekept("no-such-command").code == 2
