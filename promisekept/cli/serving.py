"""`api`: published figures for programs, over HTTP."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, clock
from promisekept.cli.figures import PANEL
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.publishing.last_good import find_shown


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(rich_help_panel=PANEL)(api)


def api(
    config: ConfigOption = HERE,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8502,
) -> None:
    """Answer programs over HTTP from published snapshots: on this machine only, unless they send a token."""
    settings = load_settings(config)
    find_shown(settings.home)  # raises with the remedy where nothing has been published
    try:
        from http_api.server import serve
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"The HTTP API needs a package that is not installed: {missing.name}.\n  pip install 'promisekept[api]'"
        ) from None
    print(f"HTTP API: http://{settings.api.address}:{port}/openapi.json  (Ctrl-C ends it)", file=sys.stderr)
    serve(settings, port, clock)
