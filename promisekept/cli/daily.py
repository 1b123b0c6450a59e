"""`run` and `dashboard`: what happens every day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, emit, end_progress, instant, progress
from promisekept.cli.interrupts import (
    ENDED,
    INTERRUPTED,
    SECONDS_BETWEEN_LOOKS,
    RunEnded,
    interruptible,
    leave_at_once,
    sigterm_as_interrupt,
)
from promisekept.cli.scorecard import earlier_text, scorecard, scorecard_text
from promisekept.cli.traces import load_settings
from promisekept.config.host_names import host_names
from promisekept.errors import PublishingError
from promisekept.publishing.last_good import find_shown
from promisekept.publishing.publications import newest_published
from promisekept.sources.zone.ledger import checked_once

if TYPE_CHECKING:
    from orchestration.outcome import RunOutcome

PANEL = "Every day"
SECONDS_TO_PUBLISH = 60
SECONDS_TO_END = 10


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(run)
    app.command(rich_help_panel=PANEL)(dashboard)


def run(
    config: ConfigOption = HERE,
    as_of: Annotated[
        str | None,
        typer.Option(help="Compute the state as of this instant, e.g. 2026-09-30. Default: when the newest batch landed."),
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Use only what had landed at this instant. Default: everything that has landed.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another run.", min=0)] = 60,
    form: FormatOption = Format.text,
) -> None:
    """Land what is new, transform, test, gate and publish."""
    settings = load_settings(config)
    zone = settings.organisation.time_zone
    run_and_report(
        settings.config,
        form,
        as_of=_iso(as_of, zone, "--as-of"),
        known_at=_iso(known_at, zone, "--known-at"),
        wait=wait,
    )


def run_and_report(config: Path, form: Format, *, as_of: str = "", known_at: str = "", now: str = "", wait: float = 60) -> None:
    """Run the job in this process and report which snapshot came of it.

    Raises:
        typer.Exit: code 1 where the publish gate rejected the candidate, 2 where a source could not be read.
    """
    home = load_settings(config).home
    outcome = run_to_end(config, form, as_of=as_of, known_at=known_at, now=now, wait=wait)
    try:
        card = scorecard(home)
    except PublishingError:
        card = None
    data = {
        "snapshot": card["snapshot"] if card else None,
        "published": outcome.published,
        "built": outcome.unchanged is None,
        "refused": outcome.refused,
        "unread": outcome.unread,
        "scorecard": card,
    }
    if outcome.published and card:
        last = f"Snapshot {card['snapshot']}"
        if outcome.unchanged:
            last = f"Nothing new since snapshot {outcome.unchanged}: nothing was built."
        emit(form, data, "\n".join([f"{scorecard_text(card)}\n", *earlier_text(card), last]))
        if outcome.unread:
            _name_unread(outcome)
            raise typer.Exit(2)
        return
    still = f"Snapshot {card['snapshot']} is still current." if card else "Nothing has been published yet."
    failed = "\n".join(f"  {check}" for check in outcome.refused)
    emit(form, data, f"The publish gate rejected this run:\n{failed}\n{still}")
    _name_unread(outcome)
    raise typer.Exit(1)


def _name_unread(outcome: RunOutcome) -> None:
    if outcome.unread:
        print("The run went on without what could not be read:", *outcome.unread, sep="\n", file=sys.stderr)


@checked_once()
def run_to_end(config: Path, form: Format, *, as_of: str, known_at: str = "", now: str = "", wait: float = 60) -> RunOutcome:
    """Run the job in this process, with its progress; an interrupt ends the program."""
    from orchestration.progress import PUBLISHING, listening
    from orchestration.run import run_job

    home = load_settings(config).home
    before = newest_published(home)
    try:
        with listening(progress(form)), sigterm_as_interrupt():
            outcome = interruptible(lambda: run_job(config, as_of=as_of, known_at=known_at, now=now, wait=wait))
    except KeyboardInterrupt as ended:
        PUBLISHING.acquire(timeout=SECONDS_TO_PUBLISH)  # what is becoming current becomes it; nothing begins to after that
        leave_at_once(_how_far(newest_published(home), before), ENDED if isinstance(ended, RunEnded) else INTERRUPTED)
    end_progress(form)
    return outcome


def _how_far(published: str | None, before: str | None) -> str:
    """The last line of a run that was ended."""
    if published is not None and published != before:
        return f"Interrupted after publishing: snapshot {published} is published. Run again to finish what comes after it."
    still = f"snapshot {published} is still the newest" if published else "nothing has been published yet"
    return f"Interrupted before publishing: {still}. Each file landed whole or not at all; run again to go on."


def dashboard(
    config: ConfigOption = HERE,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
) -> None:
    """Read the published snapshot in a browser: on this machine only, unless people sign in."""
    settings = load_settings(config)
    shown = find_shown(settings.home)  # raises with the remedy where nothing has been published
    if shown.damaged:
        print(
            f"{shown.damaged} can't be read: readers see snapshot {shown.id} and a banner.\n"
            "  `promisekept fsck` names the damage and its remedy.",
            file=sys.stderr,
        )
    serve(settings.config, port, headless=headless)


def serve(config: Path, port: int, *, headless: bool) -> None:
    """Start Streamlit at the configured address, by default on 127.0.0.1, and stay until it ends.

    Without a terminal no browser is opened.
    """
    app = Path(__file__).resolve().parents[2] / "dashboards" / "server.py"
    readers = load_settings(config).dashboard
    hosts = [f"--server.allowedHosts={name}" for name in host_names(readers)]
    secrets = [f"--secrets.files={readers.sign_in.secrets}"] if readers.sign_in else []
    without_browser = "false" if sys.stdin.isatty() and not headless else "true"
    command = [
        sys.executable, "-m", "streamlit", "run", str(app), f"--server.address={readers.address}", f"--server.port={port}",
        f"--server.headless={without_browser}", *hosts, *secrets, "--", "--config", str(config),
    ]  # fmt: skip
    print(f"Dashboard: http://{readers.address}:{port}  (Ctrl-C ends it)", file=sys.stderr)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(app.parents[1]), os.environ.get("PYTHONPATH", "")])}
    server = subprocess.Popen(command, cwd=app.parent, env=environment)
    code = _until_ended(server)
    if code not in (0, -signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL):
        raise typer.Exit(2)


def _until_ended(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server; SIGINT and SIGTERM end it with this process, which else would leave it holding the port.

    Returns:
        The exit code of the server, negative where a signal ended it.
    """
    deadline = None

    def end(*_: object) -> None:
        nonlocal deadline
        server.terminate()  # a terminal has sent it SIGINT as well: it takes either, and both
        deadline = deadline or time.monotonic() + SECONDS_TO_END

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    # A system may hand a signal to any thread, and only this one acts on it: waiting without end, it would never wake.
    while server.poll() is None:
        if deadline and time.monotonic() > deadline:
            server.kill()
        with suppress(subprocess.TimeoutExpired):
            server.wait(SECONDS_BETWEEN_LOOKS)
    return server.returncode


def _iso(text: str | None, zone: str, option: str) -> str:
    value = instant(text, zone, option)
    return value.isoformat() if value else ""
