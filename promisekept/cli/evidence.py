"""`export` and `verify`: bundles of a published snapshot for people outside, and checking one."""

from __future__ import annotations

import getpass
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, end_progress, progress
from promisekept.cli.interrupts import interruptible, leave_at_once
from promisekept.cli.traces import load_settings
from promisekept.errors import EvidenceError
from promisekept.evidence.scope import Scope, read_audience, read_period, read_reason, read_regime
from promisekept.evidence.signing.signatures import Release
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.keys import load_key

PANEL = "Evidence"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(export)
    app.command(rich_help_panel=PANEL)(verify)


def export(
    period: Annotated[str, typer.Option(help="A quarter (2026-Q3), a month (2026-09) or a year (2026).")],
    audience: Annotated[str, typer.Option(help="regulator, auditor or public: counts only, small cells hidden.")] = "auditor",
    regime: Annotated[str | None, typer.Option(help="Only what falls under this law, e.g. EU_GDPR.")] = None,
    keep_ids: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Keep the ids of cases as in their sources: who gets them, and for what.",
        ),
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="A past snapshot's id. Default: the current one.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder that the bundle is put into, or a ZIP. Default: evidence, in this project.")
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="One ZIP instead of a folder.")] = False,
    who: Annotated[str, typer.Option(hidden=True, help="The person for whom the dashboard exports, for the export log.")] = "",
    role: Annotated[str, typer.Option(hidden=True, help="The role of that person.")] = "local",
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Write an evidence bundle that a third party can check: a draft until it is released."""
    chosen_period, reader, law = read_period(period), read_audience(audience), read_regime(regime) if regime else None
    ids_purpose = read_reason(keep_ids, reader) if keep_ids is not None else None
    settings = load_settings(config)
    key = load_key(settings.keys.pseudonym)
    if snapshot is None:
        with open_current(settings.home) as current:
            snapshot = current.id
    from orchestration.compiling import compiled_project
    from promisekept.evidence.export import Exporter
    from promisekept.evidence.export import export as write_bundle
    from promisekept.evidence.workspace import abandon

    report = progress(form, every=True)
    report("models", "how the marts were computed")
    models = compiled_project().models
    scope, exporter = Scope(snapshot, chosen_period, reader, law, ids_purpose), Exporter(who or user(), role, clock())
    try:
        bundle = interruptible(
            lambda: write_bundle(
                settings.home,
                scope,
                key,
                models,
                exporter,
                out=out,
                zipped=zipped,
                progress=lambda what: report("export", what),
                engine=settings.engine.config,
            )
        )
    except KeyboardInterrupt:
        abandon()
        leave_at_once("Interrupted. No bundle was put in place, and what was begun is removed.")
    end_progress(form)
    data = {
        "bundle": str(bundle.path),
        "fingerprint": bundle.fingerprint,
        "rows": bundle.rows,
        "draft": not bundle.is_released,
        "was_there": bundle.was_there,
    }
    status = (
        "It has been released; its signatures are as they were." if bundle.is_released else "A draft: nobody has signed it yet."
    )
    text = (
        f"{bundle.path}\n  {bundle.rows:,} rows of snapshot {snapshot}, {chosen_period.code}, for {reader}\n"
        f"  Fingerprint {bundle.fingerprint}\n"
        + ("  The very same bundle lay there already, and nothing was changed.\n" if bundle.was_there else "")
        + f"  {status}"
    )
    emit(form, data, text)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder or a ZIP.")],
    fingerprint: Annotated[str | None, typer.Option(help="What you received through another channel.")] = None,
    trust: Annotated[
        Path | None, typer.Option(help="PEM of who signs, or of its authority, as it came through another channel.")
    ] = None,
    time_trust: Annotated[Path | None, typer.Option(help="PEM of who dates, or of its root; needed with --trust.")] = None,
    previous: Annotated[Path | None, typer.Option(help="The bundle before this one.")] = None,
    form: FormatOption = Format.text,
) -> None:
    """Check a bundle: nothing changed, missing, added or renamed, and signed by whom you trust."""
    from promisekept.evidence.signing.signatures import Trust
    from promisekept.evidence.verifying import verify as check_bundle

    for option, path in (("--trust", trust), ("--time-trust", time_trust)):
        if path is not None and not path.is_file():
            raise EvidenceError(f"{option}: there is no file {path}.\n  Name the PEM of the certificate that you were given.")
    if (trust is None) != (time_trust is None):
        raise EvidenceError(
            "--trust, --time-trust: only one of them was given.\n"
            "  A signature is checked at the time of its token: name the certificates of who signs and of who dates."
        )
    trusted = Trust(trust, time_trust) if trust and time_trust else None
    verdict = check_bundle(bundle, expected=fingerprint, trust=trusted, previous=previous)
    lines = [f"REJECTED: {problem}" for problem in verdict.problems]
    if verdict.is_sound:
        lines = ["Sound: every file is as stated, and the ledger held the snapshot."]
        lines += [_release_line(release) for release in verdict.releases]
    if verdict.is_sound and verdict.is_draft:
        lines.append("A draft: nobody has signed it. It holds together, which proves nothing about who made it.")
    lines.append(f"Fingerprint {verdict.fingerprint or '–'}")
    emit(form, asdict(verdict), "\n".join(lines))
    if not verdict.is_sound:
        raise typer.Exit(1)


def _release_line(release: Release) -> str:
    statement = release.statement
    when = f"{release.at:%Y-%m-%d %H:%M:%S} UTC, {statement.time}"
    by = f"prepared by {statement.prepared_by}, reviewed by {statement.reviewed_by}, approved by {statement.approved_by}"
    return f"Release {release.number}: signed by {statement.signer} ({when})\n  {by}"


def user() -> str:
    """Who is at the command line, for the export log."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
