"""`keys`: those that sign bundles, and those that pseudonymise persons.

Here: making the first, changing and giving up the second. Not here: what a key does (promisekept/evidence, promisekept/sources).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit
from promisekept.cli.traces import load_settings
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.publishing.lock import writer_lock
from promisekept.sources.zone.keyring import forget_key, rotate_key
from promisekept.sources.zone.ledger import Ledger

PANEL = "Evidence"
LOCK_WAIT_SECONDS = 60
ReasonOption = Annotated[str, typer.Option(help="Why; it stands in the ledger.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Keys that sign bundles, and keys that pseudonymise persons.")
    group.command("signing")(signing)
    group.command("rotate")(rotate)
    group.command("forget")(forget)
    app.add_typer(group, name="keys", rich_help_panel=PANEL)


def signing(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where they go; not below the pipeline's home.")],
    organisation: Annotated[str, typer.Option(help="Whose they are, as the certificates name it.")],
    form: FormatOption = Format.text,
) -> None:
    """Make a key that releases bundles and a local time authority, each with a certificate to hand out."""
    files = create_signing_keys(folder, organisation)
    lines = [
        "Wrote",
        *(f"  {file}" for file in files),
        "Give the two .crt files to whoever checks your bundles, through another channel than the bundles.",
        "Keep the two .pem files where the pipeline can't read them: docs/evidence.md.",
    ]
    emit(form, {"files": files}, "\n".join(lines))


def rotate(reason: ReasonOption, config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Make a new pseudonym key for new persons; the others stay under the earlier key, which is kept."""
    settings = load_settings(config)
    path = settings.keys.pseudonym
    with writer_lock(settings.home, LOCK_WAIT_SECONDS, "keys rotate"):
        done = rotate_key(path, Ledger.open(settings.home), clock(), reason)
    text = (
        f"People who are new from now on get key {done.key_id} ({path}).\n"
        f"The others stay under {done.earlier}, which lies in {done.file} now.\n"
        "Back up both: docs/operate.md lists what is lost with each."
    )
    emit(form, {"key_id": done.key_id, "earlier": done.earlier, "file": done.file}, text)


def forget(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As `keys rotate` or the message of a stopped run names it.")],
    reason: ReasonOption,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Give up an earlier pseudonym key for good: it is destroyed, and persons under it come again as new persons."""
    settings = load_settings(config)
    with writer_lock(settings.home, LOCK_WAIT_SECONDS, "keys forget"):
        removed = forget_key(settings.keys.pseudonym, Ledger.open(settings.home), clock(), key_id, reason)
    text = (
        f"{key_id} is given up{' and its file removed' if removed else ''}; destroy its copies in backups, too.\n"
        "What landed under it stays as it is; it can no longer be traced to anybody."
    )
    emit(form, {"key_id": key_id, "file_removed": removed}, text)
