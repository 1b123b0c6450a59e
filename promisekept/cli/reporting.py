"""`report` and `calendar`: files of a published snapshot for people who do not open the dashboard.

Here: choosing the snapshot, the period and the file, and the line in the export log. Not here: what the files contain
(promisekept/evidence/report/board.py, promisekept/assessment/due_dates.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from promisekept.assessment.due_dates import NAME, calendar_file, due_dates
from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit
from promisekept.cli.evidence import user
from promisekept.cli.traces import load_settings
from promisekept.durable import replace_durably
from promisekept.errors import EvidenceError
from promisekept.evidence.report.queries import instant_of
from promisekept.evidence.scope import ScopePeriod, read_period
from promisekept.presentation import periods
from promisekept.publishing.export_log import Export, record
from promisekept.publishing.reader import SnapshotReader, open_current, open_snapshot

PANEL = "Evidence"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(report)
    app.command("calendar", rich_help_panel=PANEL)(calendar_of_due_dates)


def report(
    period: Annotated[
        str | None, typer.Option(help="A quarter (2026-Q3), a month (2026-09) or a year (2026). Default: the snapshot's quarter.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="A past snapshot's id. Default: the current one.")] = None,
    out: Annotated[Path | None, typer.Option(help="The PDF. Default: board-PERIOD.pdf in this folder.")] = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Write one page for the board as PDF: promises kept and missed, what changed, the five worst, what is open.

    Raises:
        EvidenceError: the snapshot has no verdicts for the period, or the file can't be written.
    """
    from promisekept.evidence.report.pdf import board_pdf

    settings = load_settings(config)
    chosen = read_period(period) if period else None
    with open_snapshot(settings.home, snapshot) if snapshot else open_current(settings.home) as reader:
        shown = chosen or _quarter_of(reader)
        document, of = board_pdf(reader, shown), reader.id
    path = out or Path(f"board-{shown.code}.pdf")
    digest = _written(settings.home, document, path, Export("document", "Board page", of, user(), "local", 0, 0, "", shown.code))
    text = f"{path}\n  One page for the board: {shown.code}, snapshot {of}\n  SHA-256 {digest}"
    emit(form, {"document": str(path), "snapshot": of, "period": shown.code, "sha256": digest}, text)


def calendar_of_due_dates(
    out: Annotated[Path, typer.Option(help="The calendar file.")] = Path(NAME),
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Write the due dates of open requests and assigned remediations as a calendar file (ICS); it names no person."""
    settings = load_settings(config)
    with open_current(settings.home) as reader:
        document, number, of = calendar_file(reader), len(due_dates(reader)), reader.id
    digest = _written(settings.home, document, out, Export("document", "Due dates", of, user(), "local", number, number, ""))
    text = f"{out}\n  {number:,} due dates of snapshot {of}\n  SHA-256 {digest}"
    emit(form, {"document": str(out), "snapshot": of, "due_dates": number, "sha256": digest}, text)


def _written(home: Path, document: bytes, path: Path, export: Export) -> str:
    """Record what leaves, then write it; its SHA-256."""
    digest = hashlib.sha256(document).hexdigest()
    record(home, replace(export, sha256=digest), clock())
    try:
        replace_durably(path, document)
    except OSError as error:
        raise EvidenceError(
            f"--out: {path} can't be written ({error.strerror}).\n  Name a file in a folder that is there."
        ) from error
    return digest


def _quarter_of(reader: SnapshotReader) -> ScopePeriod:
    """The quarter of the last local day on which events count."""
    at = instant_of(reader.manifest["as_of"]) - timedelta(microseconds=1)
    return read_period(periods.containing(at.astimezone(ZoneInfo(reader.manifest["time_zone"])).date(), "quarter").code)
