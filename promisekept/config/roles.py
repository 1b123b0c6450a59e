"""What each role may see, and who the claims of a provider describe.

Here: the rights of a role, and from claims to a `Reader`, for the dashboard and the HTTP API alike. Not here: who has to sign in
(dashboard.py, api.py), or how somebody proves who they are (dashboards/access.py, http_api/authentication.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from promisekept.config.dashboard import ROLES, Role, SignIn

Right = Literal["rows", "export", "evidence", "remediate"]
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset(),
    "officer": frozenset({"rows", "export", "evidence", "remediate"}),
    "auditor": frozenset({"rows", "export"}),
    "admin": frozenset({"rows", "export", "evidence", "remediate"}),
}
"""`rows`: rows about single persons, requests and records, and what failed in them. `export`: files to take away, the log of
exports included. `evidence`: building a bundle for somebody outside. `remediate`: recording what is done about findings."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads.

    Attributes:
        name: as the page and the export log call them.
        role: None where no claim gives one; then nothing is shown.
        local: nobody signed in, because only this machine can reach what is served.
    """

    name: str
    role: Role | None
    local: bool = False

    def may(self, right: Right) -> bool:
        """Whether the role includes the right."""
        return self.role is not None and right in RIGHTS[self.role]


LOCAL = Reader("local", "admin", local=True)
NOBODY = Reader("", None)


def reader_of(claims: Mapping[str, Any], sign_in: SignIn) -> Reader:
    """The reader that claims describe; of several roles the widest one.

    Args:
        claims: of the provider's token.
        sign_in: which claim, and which of its values give which role.
    """
    claimed = claims.get(sign_in.role_claim)
    values = {claimed} if isinstance(claimed, str) else set(claimed) if isinstance(claimed, list | tuple) else set()
    role = next((role for role in reversed(ROLES) if values & set(sign_in.roles.get(role, ()))), None)
    return Reader(str(claims.get(sign_in.name_claim) or claims.get("sub") or "unnamed"), role)


def is_over(claims: Mapping[str, Any], hours: int, now: datetime) -> bool:
    """Whether claims were issued longer ago than they count: a role that was taken away must not outlive that."""
    issued = claims.get("iat")
    return not isinstance(issued, int | float) or datetime.fromtimestamp(issued, UTC) + timedelta(hours=hours) < now
