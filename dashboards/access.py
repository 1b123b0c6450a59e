"""Who reads, in which role, and what that role may see.

Here: who reads now, and which right a page needs. Not here: what a role may see (promisekept/config/roles.py), the door itself
(sign_in.py). Every question is answered on the server at each page run: a page that a role may not see is not registered,
so an address typed by hand leads nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import Any

import streamlit as st

from dashboards import arguments, clock
from promisekept.config.dashboard import Dashboard, SignIn
from promisekept.config.roles import LOCAL, NOBODY, Reader, Right, is_over, reader_of
from promisekept.errors import ConfigError

__all__ = ["LOCAL", "NEEDED", "NOBODY", "Reader", "Right", "configured", "current", "may", "may_open", "reader_of", "signed_in"]

NEEDED: Mapping[str, Right] = {
    "views/findings/page.py": "rows",
    "views/restatements/page.py": "rows",
    "views/evidence/page.py": "export",
}
"""Page -> the right without which it is not registered. Every other page shows figures, and its rows where `rows` allows."""


def may_open(reader: Reader, file: str) -> bool:
    """Whether the reader may open the page."""
    return reader.role is not None and (file not in NEEDED or reader.may(NEEDED[file]))


def current() -> Reader | None:
    """Who reads now; None where somebody has yet to sign in.

    Raises:
        ConfigError: nobody would have to sign in, and others than this machine can reach the app.
    """
    door = configured()
    if door.sign_in is None:
        _require_loopback()
        return LOCAL
    return signed_in(st.user.to_dict(), door.sign_in)


def signed_in(claims: Mapping[str, Any], sign_in: SignIn) -> Reader | None:
    """Who the claims of a sign-in describe; None where there is none, or it is over."""
    # The cookie lives for a month.
    if not claims.get("is_logged_in") or is_over(claims, sign_in.hours, clock.now()):
        return None
    return reader_of(claims, sign_in)


def may(right: Right) -> bool:
    """Whether whoever reads now has the right."""
    reader = current()
    return reader is not None and reader.may(right)


@cache
def _configured(given: tuple[str, ...]) -> Dashboard:
    return arguments.readers(given)


def configured() -> Dashboard:
    """Who may read, as promisekept.yml configures it; read once per start."""
    read: Dashboard = _configured(tuple(sys.argv[1:]))
    return read


def _require_loopback() -> None:
    if not st.runtime.exists():
        return
    address = str(st.get_option("server.address") or "")
    if not _is_loopback(address):
        raise ConfigError(
            f"server.address: `{address or 'every address of this machine'}` can be reached by others, and nobody would have to"
            " sign in.\n  Start it with `promisekept dashboard`, or configure `dashboard.sign_in` in promisekept.yml."
        )


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False
