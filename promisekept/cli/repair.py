"""`quarantine`, `reland`, `fsck` and `restore`: what was rejected, mapped wrongly, damaged or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, end_progress, progress, table
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.evidence.proof import read_checkpoint
from promisekept.presentation.formats import instant
from promisekept.publishing.fsck import fsck as find_problems
from promisekept.publishing.fsck import repair_pointer
from promisekept.publishing.lock import writer_lock
from promisekept.sources.landing.land import describe
from promisekept.sources.landing.quarantine import list_rejected_files, list_rejects, show_rejects
from promisekept.sources.landing.reland import reland as reland_batches
from promisekept.sources.landing.reland import retry_rejects
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.zone.ledger import Ledger

PANEL = "Repair"
LOCK_WAIT_SECONDS = 60
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]
_ROWS = frozenset({4})
_NOT_BACK = "Bring the others back from a backup of home, or go on without them:  promisekept restore --give-up --reason ..."


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Rejected rows and files, why, and landing them again.")
    group.command("list")(quarantine_list)
    group.command("show")(quarantine_show)
    group.command("retry")(quarantine_retry)
    app.add_typer(group, name="quarantine", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(reland)
    app.command(rich_help_panel=PANEL)(fsck)
    app.command(rich_help_panel=PANEL)(restore)


def quarantine_list(source: SourceOption = None, config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Rejected rows by batch and reason, and files that were rejected whole."""
    settings = load_settings(config)
    ledger, zone = Ledger.open(settings.home), settings.organisation.time_zone
    rejects, rejected_files = list_rejects(settings, ledger, source), list_rejected_files(settings, ledger, source)
    parts = []
    if rejects:
        rows = [
            (one.batch_id, one.source, one.path, instant(one.landed_at, zone), one.rows, one.reason, one.says) for one in rejects
        ]
        parts.append(table(("Batch", "Source", "File", "Landed", "Rows", "Reason", ""), rows, _ROWS))
    if rejected_files:
        files = [(one.source, one.path, instant(one.at, zone), one.reason, one.says) for one in rejected_files]
        parts.append("Rejected as a whole:\n" + table(("Source", "File", "Seen", "Reason", ""), files))
    data = {"rows": [asdict(one) for one in rejects], "files": [asdict(one) for one in rejected_files]}
    emit(form, data, "\n\n".join(parts) or "Nothing is in quarantine and no file is rejected.")


def quarantine_show(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="As `quarantine list` names it.")],
    row: Annotated[int | None, typer.Option(help="Only this row of the file.")] = None,
    most: Annotated[int, typer.Option(help="At most so many rows.", min=1)] = 20,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """The rejected rows of one batch: codes as they were, people keyed, other text by length and hash."""
    settings = load_settings(config)
    rows = show_rejects(settings, Ledger.open(settings.home), batch, row, most)
    blocks = ["\n".join(f"  {name:<18}{value}" for name, value in one.items() if value is not None) for one in rows]
    emit(form, rows, "\n\n".join(blocks) or "No such row.")


def quarantine_retry(
    source: SourceOption = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Land rejected rows again from their original files, after a mapping or the configuration was fixed."""
    settings = load_settings(config)
    with writer_lock(settings.home, LOCK_WAIT_SECONDS, "quarantine retry", report=_print_waiting):
        done = retry_rejects(settings, Ledger.open(settings.home), clock(), source, batch)
    _report(form, done, "Nothing was in quarantine.")


def reland(
    source: Annotated[str, typer.Option(help="The source whose mapping was fixed.")],
    reason: Annotated[str, typer.Option(help="What was fixed; it stands in the ledger.")],
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Where a database or an API gives other rows now, take those; the ledger records it."),
    ] = False,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Map the original bytes of a source again; the ledger names what is superseded."""
    settings = load_settings(config)
    with writer_lock(settings.home, LOCK_WAIT_SECONDS, "reland", report=_print_waiting):
        done = reland_batches(settings, Ledger.open(settings.home), source, batch, reason=reason, now=clock(), changed=changed)
    _report(form, done, "Nothing was landed again.")


def fsck(
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|SIZE:ROOT",
            help="An earlier state of the ledger, from a bundle (its folder or metadata/log-proof.txt) or a manifest;"
            " today's must extend it.",
        ),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="First point CURRENT to the newest snapshot that the ledger names, if it does not.")
    ] = False,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Check every hash, the ledger, the conservation of rows, the pointers and the keys; report how to repair what is wrong."""
    earlier = _earlier(checkpoint) if checkpoint else None
    settings = load_settings(config)
    home = settings.home
    if repair:
        with writer_lock(home, LOCK_WAIT_SECONDS, "fsck --repair", report=_print_waiting):
            repair_pointer(home)
    problems = find_problems(home, earlier, settings.keys.pseudonym)
    sound = "Sound: every hash, every line of the ledger, every row accounted for."
    if earlier:
        sound += f"\nThe ledger extends the checkpoint of {earlier[0]:,} lines: not one of them was changed since."
    emit(form, [asdict(problem) for problem in problems], "\n".join(str(problem) for problem in problems) or sound)
    if problems:
        raise typer.Exit(1)


def restore(
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Go on without what can't be built again: it is retired, the ledger records why.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is given up; needed with --give-up.")] = "",
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Build again what is lost of everything that was published, from landing, ledger and keys, and compare its hashes."""
    from orchestration.progress import listening
    from orchestration.restoring import restore as build_again

    if give_up and not reason.strip():
        raise ConfigError("restore: --give-up needs a reason.\n  State in --reason why; it stands in the ledger.")
    settings = load_settings(config)
    listen = progress(form)
    with listening(listen), writer_lock(settings.home, LOCK_WAIT_SECONDS, "restore", report=_print_waiting):
        done = build_again(settings, clock(), lambda what: listen("restore", what), reason if give_up else None)
    end_progress(form)
    lines = [f"{one.id}  {'as published' if one.back else 'not back'}  {one.content_hash[:12]}" for one in done]
    lines = [f"{line}\n{one.says}".rstrip() for line, one in zip(lines, done, strict=True)]
    back = sum(one.back for one in done)
    lines.append(f"{back} of {len(done)} are back, with the content hash in the ledger." if done else "Nothing is lost.")
    if back < len(done):
        lines.append("The others are given up; the ledger records it." if give_up else _NOT_BACK)
    emit(form, [asdict(one) for one in done], "\n".join(lines))
    if back < len(done):
        raise typer.Exit(1)


def _earlier(given: str) -> tuple[int, str]:
    """Size and root of a checkpoint, typed or in a file."""
    size, _, root = given.partition(":")
    if size.isdecimal() and root and not Path(given).exists():
        return int(size), root
    found = read_checkpoint(Path(given))
    return found.size, found.root.hex()


def _report(form: Format, done: Sequence[Landed], nothing: str) -> None:
    text = "\n".join(describe(landed) for landed in done)
    after = "\nNext: promisekept run" if done else ""
    emit(form, [asdict(landed) for landed in done], (text or nothing) + after)


def _print_waiting(sentence: str) -> None:
    typer.echo(sentence, err=True)
