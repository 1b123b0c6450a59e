"""`export` and `verify`: bundles of a published snapshot for people outside, and checking one."""

from __future__ import annotations

import getpass
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, end_progress, progress
from promisekept.evidence.scope import Scope, read_audience, read_period, read_regime
from promisekept.publishing.reader import open_current
from promisekept.settings import load_settings
from promisekept.sources.keys import load_key

PANEL = "Evidence"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(export)
    app.command(rich_help_panel=PANEL)(verify)


def export(
    period: Annotated[str, typer.Option(help="A quarter (2026-Q3), a month (2026-09) or a year (2026).")],
    audience: Annotated[str, typer.Option(help="regulator, auditor or public: counts only, small cells hidden.")] = "auditor",
    regime: Annotated[str | None, typer.Option(help="Only what falls under this law, e.g. US_CA_CCPA.")] = None,
    snapshot: Annotated[str | None, typer.Option(help="A past snapshot's id. Default: the current one.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder that the bundle is put into, or a ZIP. Default: evidence, below home.")
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="One ZIP instead of a folder.")] = False,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Write an evidence bundle that a stranger can check: a draft until it is released."""
    stretch, reader, law = read_period(period), read_audience(audience), read_regime(regime) if regime else None
    settings = load_settings(config)
    key = load_key(settings.keys.pseudonym)
    if snapshot is None:
        with open_current(settings.home) as current:
            snapshot = current.id
    from orchestration.compiling import compiled_models
    from promisekept.evidence.export import Taker
    from promisekept.evidence.export import export as write_bundle

    tell = progress(form)
    tell("models", "how the marts were computed")
    models = compiled_models(settings.home)
    bundle = write_bundle(
        settings.home,
        Scope(snapshot, stretch, reader, law),
        key,
        models,
        Taker(_user(), "local", clock()),
        out=out,
        zipped=zipped,
        progress=lambda what: tell("export", what),
    )
    end_progress(form)
    data = {"bundle": str(bundle.path), "fingerprint": bundle.fingerprint, "rows": bundle.rows, "draft": True}
    text = (
        f"{bundle.path}\n  {bundle.rows:,} rows of snapshot {snapshot}, {stretch.code}, for {reader}\n"
        f"  Fingerprint {bundle.fingerprint}\n"
        "  A draft: nobody has signed it yet."
    )
    emit(form, data, text)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder or a ZIP.")],
    fingerprint: Annotated[str | None, typer.Option(help="What you were told through another channel.")] = None,
    trust: Annotated[Path | None, typer.Option(help="PEM of the certificate that its signature must stand under.")] = None,
    previous: Annotated[Path | None, typer.Option(help="The bundle before this one.")] = None,
    form: FormatOption = Format.text,
) -> None:
    """Check a bundle: nothing changed, missing, added or renamed, and signed by whom you trust."""
    from promisekept.evidence.verifying import verify as check_bundle

    verdict = check_bundle(bundle, told=fingerprint, trust=trust, previous=previous)
    draft = (
        ""
        if verdict.signatures
        else "\nA draft: nobody has signed it. It holds together, which proves nothing about who made it."
    )
    text = "\n".join(f"REJECTED: {problem}" for problem in verdict.problems) or f"Sound: every file is as stated.{draft}"
    emit(form, asdict(verdict) | {"draft": not verdict.signatures}, f"{text}\nFingerprint {verdict.fingerprint or '–'}")
    if not verdict.is_sound:
        raise typer.Exit(1)


def _user() -> str:
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
