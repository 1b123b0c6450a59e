"""Listening: the API on the address that the configuration names.

Here: from settings to a server that stays until it ends. Not here: what it answers (app.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address

import uvicorn
from fastapi import FastAPI

from http_api.app import create_app
from http_api.authentication import authentication
from http_api.snapshots import Snapshots
from promisekept.config.host_names import LOOPBACK
from promisekept.config.settings import Settings


def application(settings: Settings, now: Callable[[], datetime]) -> FastAPI:
    """The API of a project.

    Args:
        settings: whose `api` names who may ask, and whose home holds the snapshots.
        now: the present instant, against which tokens expire and which the export log states.

    Raises:
        ConfigError: a token can't be read, or is none.
    """
    address = settings.api.address
    own = () if ip_address(address).is_unspecified else (str(address),)
    hosts = dict.fromkeys((*LOOPBACK, "[::1]", *own, *settings.api.host_names))
    return create_app(Snapshots(settings.home), authentication(settings, now), tuple(hosts), now)


def serve(settings: Settings, port: int, now: Callable[[], datetime]) -> None:
    """Answer until SIGINT or SIGTERM.

    Raises:
        ConfigError: as for `application`.
    """
    app = application(settings, now)
    uvicorn.run(app, host=str(settings.api.address), port=port, log_level="warning", server_header=False, access_log=False)
