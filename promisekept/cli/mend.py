"""`quarantine`, `reland` and `fsck`: what was refused, mapped wrongly or damaged."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, emit
from promisekept.publishing.fsck import fsck as find_problems
from promisekept.settings import load_settings

PANEL = "Mend"
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Rows that were refused, why, and landing them again.")
    group.command("list")(quarantine_list)
    group.command("show")(quarantine_show)
    group.command("retry")(quarantine_retry)
    app.add_typer(group, name="quarantine", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(reland)
    app.command(rich_help_panel=PANEL)(fsck)


def fsck(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Check every hash, the ledger, the conservation of rows and the pointers; say how to mend what is wrong."""
    problems = find_problems(load_settings(config).home)
    text = (
        "\n".join(str(problem) for problem in problems) or "Sound: every hash, every line of the ledger, every row accounted for."
    )
    emit(form, [asdict(problem) for problem in problems], text)
    if problems:
        raise typer.Exit(1)
