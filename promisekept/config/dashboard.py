"""Who may read the dashboard: the part `dashboard` of promisekept.yml.

Here: where it listens, who has to sign in, which claim gives which role. Not here: what a role may see (dashboards/access.py).
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal, get_args

from pydantic import Field, IPvAnyAddress, model_validator

from promisekept.config.relative_paths import ResolvedPath
from promisekept.frozen import Frozen

Role = Literal["viewer", "auditor", "officer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the narrowest to the widest."""


class SignIn(Frozen):
    """Who may see what: an OpenID Connect provider's claims, and which of their values gives which role.

    Attributes:
        secrets: TOML with the section `[auth]` of st.login: redirect_uri, cookie_secret and the client.
        provider: of several in that file, which one; None = the only one.
        role_claim: the claim that holds a person's groups or roles, a text or a list.
        roles: role -> the values of that claim which give it.
        name_claim: what a person is called on the page and in the export log.
        hours: after which a person signs in again, so that a role that was taken away is gone.
    """

    secrets: ResolvedPath
    provider: str | None = None
    role_claim: str = "roles"
    roles: dict[Role, tuple[str, ...]]
    name_claim: str = "email"
    hours: Annotated[int, Field(ge=1, le=720)] = 12


class Dashboard(Frozen):
    """Where the dashboard listens and who may read it; without `sign_in`: one person on this machine."""

    address: IPvAnyAddress = IPv4Address("127.0.0.1")
    sign_in: SignIn | None = None

    @model_validator(mode="after")
    def _network_needs_sign_in(self) -> Dashboard:
        if not self.address.is_loopback and self.sign_in is None:
            message = f"`{self.address}` can be reached by others, who would not have to sign in; add `sign_in`, or use 127.0.0.1"
            raise ValueError(message)
        return self
