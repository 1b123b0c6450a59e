"""An error is one message to a person and has its exit code; its trace lies in a log below home."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from command import ROOT, promisekept, signal_at
from file_rights import enforce
from world import help_desk

from orchestration import pipeline
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
LOG = Path(".promisekept") / "logs" / "promisekept.log"


def lines_of(message: str) -> list[str]:
    """What is left of the standard error when the progress of a run is taken out."""
    return [line for line in message.splitlines() if " s  " not in line[:10]]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_pack_that_leads_nowhere_is_named_once_and_before_anything_lands(desk, form):
    """At ten million events a typo in the pack was named after forty seconds of landing, behind a stack trace."""
    controls = desk.folder / "pack" / "control_metrics.csv"
    controls.write_text(
        controls.read_text(encoding="utf-8").replace("deadline_adherence", "deadline_adherense"), encoding="utf-8"
    )
    result = promisekept("run", "--config", desk.folder, "--format", form)
    assert (result.code, result.out) == (2, ""), result
    assert result.err.count("deadline_adherense") == 1, result.err
    assert "Traceback" not in result.err
    assert Ledger.open(desk.settings.home).seq == 0, "rows landed before the pack was read"


def test_a_key_that_is_not_there_is_named_before_anything_lands(desk):
    (desk.folder / "keys" / "pseudonym.key").unlink()
    result = promisekept("run", "--config", desk.folder)
    assert (result.code, "pseudonym.key" in result.err, "Traceback" in result.err) == (2, True, False), result.err
    assert not (desk.settings.home / "landing").exists()


def test_a_typo_in_a_mapping_is_named_before_anything_lands(desk):
    """It was named file by file, after whatever came before it had landed."""
    (desk.folder / "desk.sql").write_text("select _row, uper(ticket) as event_id from source", encoding="utf-8")
    desk.configure(help_desk("tracker", inbox="tracker") | {"mapping": "./desk.sql"}, help_desk("helpdesk", inbox="requests"))
    result = promisekept("run", "--config", desk.folder)
    assert (result.code, "Traceback" in result.err) == (2, False), result.err
    assert "sources.tracker.mapping" in result.err and "uper" in result.err, result.err
    assert Ledger.open(desk.settings.home).seq == 0


def test_a_run_without_a_landed_row_names_what_check_names(desk):
    """The files were there and a time zone was not; the run asked for files where readers look."""
    desk.deliver([{"event_id": "e1", "request_id": "x1", "event_type": "received", "occurred_at": "2026-02-01T00:00:00"}])
    (desk.folder / "inbox" / "requests" / "delivery-0001.jsonl").unlink()
    desk.configure({"name": "helpdesk", "log": "requests", "reader": {"kind": "files", "path": "./inbox/requests/*.jsonl"}})
    checked = promisekept("check", "--config", desk.folder)
    result = promisekept("run", "--config", desk.folder)
    assert result.code == 2
    [reason] = [line.strip() for line in checked.out.splitlines() if "no_time_zone" in line]
    assert reason in result.err, (reason, result.err)
    assert "where `sources.*.reader.path` looks" not in result.err
    assert "Traceback" not in result.err


def crash() -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("could not convert 'jane@people.invalid'")

    pipeline.land_sources = broken


def test_a_crash_has_a_code_of_its_own_and_its_trace_is_in_the_log_without_values(desk):
    """It read as the verdict of the publish gate: exit 1."""
    desk.settings.home.mkdir()
    result = promisekept("run", "--config", desk.folder, prepare=crash)
    assert result.code == 3, result.err
    log = desk.folder / LOG
    assert str(log) in result.err
    assert "Traceback" not in result.err
    assert len(lines_of(result.err)) <= 3, result.err
    kept = log.read_text(encoding="utf-8")
    assert "RuntimeError" in kept
    assert "in broken" in kept
    assert "people.invalid" not in kept
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_verbose_shows_the_trace(desk):
    (desk.folder / "keys" / "pseudonym.key").unlink()
    result = promisekept("--verbose", "run", "--config", desk.folder)
    assert (result.code, "Traceback" in result.err) == (2, True), result.err


def test_the_log_is_bounded(desk, monkeypatch):
    from promisekept.cli import traces

    monkeypatch.setattr(traces, "BYTES", 20_000)
    desk.settings.home.mkdir()
    traces.load_settings(desk.folder)
    for _ in range(200):
        log = traces.keep(ValueError("x" * 500))
        assert log is not None
        assert log.stat().st_mode & 0o777 == 0o600  # one that had just begun was for every user until the next line
    files = {path.name: path.stat() for path in (desk.settings.home / "logs").iterdir()}
    assert sorted(files) == ["promisekept.log", *(f"promisekept.log.{number}" for number in range(1, 5))]
    assert sum(file.st_size for file in files.values()) < 6 * 20_000


def test_a_trace_that_names_a_file_whose_name_is_no_utf_8_is_kept(desk):
    """It ended the program once more, while the first error was written down."""
    from promisekept.cli import traces

    desk.settings.home.mkdir()
    traces.load_settings(desk.folder)
    log = traces.keep(ValueError("no such file: " + os.fsdecode(b"caf\xe9.csv")))
    assert log is not None
    assert r"no such file: caf\udce9.csv" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(("pattern", "was_published"), [("landing/ledger.jsonl", False), ("CURRENT", True)])
def test_a_run_that_sigterm_ends_says_whether_it_had_published(desk, pattern, was_published):
    home = desk.settings.home
    at = partial(signal_at, signal.SIGTERM, home, pattern)
    result = promisekept("run", "--config", desk.folder, "--as-of", AS_OF.isoformat(), prepare=at)
    err, last = result.err, result.err.splitlines()[-1]
    assert result.code == 143, err
    assert "Traceback" not in err
    assert last.startswith(f"Interrupted {'after' if was_published else 'before'} publishing"), err
    if was_published:
        with open_current(home) as snapshot:
            assert snapshot.id in last


RUN = ("run", "--as-of", AS_OF.isoformat())


@pytest.mark.parametrize(
    ("arguments", "closed"),
    [
        (RUN, ".promisekept"),
        (RUN, ".promisekept/landing"),
        (RUN, ".promisekept/snapshots"),
        (("check",), "pack"),
        (("figures",), ".promisekept/snapshots"),
        (("fsck",), ".promisekept/snapshots"),
        (("figures",), "promisekept.yml"),
    ],
)
def test_what_may_not_be_read_or_written_is_named_without_a_trace(desk, arguments, closed):
    """It was a fault of the program, which did not name what it could not open; to `figures` a snapshot was damaged."""
    if ".promisekept" in closed:
        assert promisekept(*RUN, "--config", desk.folder).code == 0
    place = desk.folder / closed
    before = place.stat().st_mode
    place.chmod(0)
    try:
        result = promisekept(*arguments, "--config", desk.folder, prepare=enforce)
    finally:
        place.chmod(before)
    assert (result.code, "Traceback" in result.err, "fault of the program" in result.err) == (2, False, False), result.err
    assert str(place) in result.err, result.err
    assert "chown" in result.err, result.err


@pytest.fixture
def small_disk(desk, tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    desk.configure(home=str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_one_message_without_a_trace(desk, small_disk):
    """It was 386 lines of stack traces."""
    result = promisekept("run", "--config", desk.folder, "--as-of", AS_OF.isoformat())
    assert result.code == 2, result.err
    assert "Traceback" not in result.err
    *before, what, remedy = filter(None, lines_of(result.err))
    assert [what, remedy] == [
        "The disk is full: what was begun is not in place, and readers still see the last good snapshot.",
        "  Free space and run again; the rerun finishes or undoes what was begun.",
    ]
    assert all(line.endswith("could not be written or sent; the run goes on") for line in before), result.err
    assert not (small_disk / "CURRENT").exists()


def test_a_dashboard_on_a_fresh_account_asks_for_no_address(tmp_path, small_home):
    """Streamlit asked for an e-mail address, and nothing was served until somebody answered."""
    account, (ours, theirs) = tmp_path / "account", pty.openpty()
    account.mkdir()
    command = [sys.executable, "-c", SERVE, str(small_home)]
    environment = {**os.environ, "HOME": str(account), "BROWSER": "true"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT)
    os.close(theirs)
    try:
        result = output_until(ours, b"URL", b"mail", within=180)
    finally:
        process.terminate()
        process.wait(30)
        os.close(ours)
    assert b"mail" not in result.lower(), result
    assert b"URL" in result, result


def output_until(terminal: int, *words: bytes, within: float) -> bytes:
    """What a process writes to `terminal` until one of `words`, its end, or `within` seconds."""
    result, deadline = b"", time.monotonic() + within
    while not any(word in result for word in words) and (left := deadline - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            result += os.read(terminal, 4096)
        except OSError:  # Linux answers EIO where nobody holds the other side any more
            break
    return result


SERVE = """
import socket, sys
from pathlib import Path
from promisekept.cli.daily import serve
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
serve(Path(sys.argv[1]), port, headless=False)
"""


@pytest.fixture
def small_home(desk) -> Path:
    return desk.folder / "promisekept.yml"
