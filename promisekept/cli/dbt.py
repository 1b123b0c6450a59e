"""`dbt`: any dbt command line on the models, for whoever works on them."""

from __future__ import annotations

from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption
from promisekept.cli.traces import load_settings

PANEL = "Work on the models"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(dbt)


def dbt(
    arguments: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND ...", help="dbt's own arguments, e.g. -- build --select fct_requests")
    ],
    config: ConfigOption = HERE,
) -> None:
    """Run dbt on the warehouse of the last run: -- build, test, show, docs generate ..."""
    settings = load_settings(config)
    from orchestration.dbt_command import run_dbt

    if code := run_dbt(settings, arguments):
        raise typer.Exit(code)
