"""Who reads, in which role, and what that role may see.

Here: from the claims of a signed-in person to a `Reader`; the pages and parts that each role may open. Not here: the door
itself (sign_in.py). Every question is answered on the server at each page run: a page that a role may not see is not registered,
so an address typed by hand leads nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any, Literal

import streamlit as st

from dashboards import arguments, clock
from promisekept.config.dashboard import ROLES, Dashboard, Role, SignIn
from promisekept.errors import ConfigError

Right = Literal["rows", "export", "evidence", "remediate"]
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset(),
    "officer": frozenset({"rows", "export", "evidence", "remediate"}),
    "auditor": frozenset({"rows", "export"}),
    "admin": frozenset({"rows", "export", "evidence", "remediate"}),
}
"""`rows`: rows about single persons, requests and records, and what failed in them. `export`: files to take away, the log of
exports included. `evidence`: building a bundle for somebody outside. `remediate`: recording what is done about findings."""

NEEDED: Mapping[str, Right] = {
    "views/findings/page.py": "rows",
    "views/restatements/page.py": "rows",
    "views/evidence/page.py": "export",
}
"""Page -> the right without which it is not registered. Every other page shows figures, and its rows where `rows` allows."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads.

    Attributes:
        name: as the page and the export log call them.
        role: None where no claim gives one; then nothing is shown.
        local: nobody signed in, because only this machine can reach the app.
    """

    name: str
    role: Role | None
    local: bool = False

    def may(self, right: Right) -> bool:
        """Whether the role includes the right."""
        return self.role is not None and right in RIGHTS[self.role]

    def may_open(self, file: str) -> bool:
        """Whether the page may be opened."""
        return self.role is not None and (file not in NEEDED or self.may(NEEDED[file]))


LOCAL = Reader("local", "admin", local=True)
NOBODY = Reader("", None)


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
    if not claims.get("is_logged_in") or _is_over(claims, sign_in.hours):
        return None
    return reader_of(claims, sign_in)


def may(right: Right) -> bool:
    """Whether whoever reads now has the right."""
    reader = current()
    return reader is not None and reader.may(right)


def reader_of(claims: Mapping[str, Any], sign_in: SignIn) -> Reader:
    """The reader that claims describe; of several roles the widest one.

    Args:
        claims: of the provider's identity token.
        sign_in: which claim, and which of its values give which role.
    """
    claimed = claims.get(sign_in.role_claim)
    values = {claimed} if isinstance(claimed, str) else set(claimed) if isinstance(claimed, list | tuple) else set()
    role = next((role for role in reversed(ROLES) if values & set(sign_in.roles.get(role, ()))), None)
    return Reader(str(claims.get(sign_in.name_claim) or claims.get("sub") or "unnamed"), role)


@cache
def _configured(given: tuple[str, ...]) -> Dashboard:
    return arguments.readers(given)


def configured() -> Dashboard:
    """Who may read, as promisekept.yml configures it; read once per start."""
    read: Dashboard = _configured(tuple(sys.argv[1:]))
    return read


def _is_over(claims: Mapping[str, Any], hours: int) -> bool:
    # The cookie lives for a month; a role that was taken away must not.
    issued = claims.get("iat")
    return not isinstance(issued, int | float) or datetime.fromtimestamp(issued, UTC) + timedelta(hours=hours) < clock.now()


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
