"""Who may ask the HTTP API: the part `api` of promisekept.yml.

Here: where it listens, under which names it answers, and which tokens it takes. Not here: what a role may see (roles.py), or
checking a token (http_api/authentication.py).
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyAddress, model_validator

from promisekept.config.dashboard import Role
from promisekept.config.host_names import LOOPBACK
from promisekept.config.relative_paths import ResolvedPath
from promisekept.config.secret_references import EnvironmentVariable, one_place
from promisekept.frozen import Frozen

Access = Role | Literal["public"]
"""A role of the dashboard, or what a public bundle shows: figures with small groups suppressed."""


def _https(value: str) -> str:
    address = urlsplit(value)
    if not address.hostname or (address.scheme != "https" and address.hostname not in LOOPBACK):
        message = "an address that begins with https:// and names a host"
        raise ValueError(message)
    return value.rstrip("/")


class ApiToken(Frozen):
    """A token for one program, which sends it as `Authorization: Bearer ...`.

    Attributes:
        name: what the program is called in the export log.
        role: what it may see.
        env: the environment variable that holds the token.
        file: the file that holds it, readable by its owner alone.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    role: Access
    env: EnvironmentVariable | None = None
    file: ResolvedPath | None = None

    @model_validator(mode="after")
    def _one_place(self) -> ApiToken:
        return one_place(self, "env", "file")


class OpenIdConnect(Frozen):
    """A provider whose tokens are taken, too; `dashboard.sign_in` names the claim that gives a role.

    Attributes:
        issuer: the provider's address, as its tokens name it.
        audience: what a token must name as `aud`, so that a token for another program is none for this one.
    """

    issuer: Annotated[str, AfterValidator(_https)]
    audience: Annotated[str, Field(min_length=1)]


class Api(Frozen):
    """Where the HTTP API listens and who may ask it; without tokens and provider: programs on this machine.

    Attributes:
        address: by default this machine alone.
        host_names: beside those of this machine, the names under which it is asked.
        tokens: for programs.
        oidc: for people and programs that have a token of a provider.
    """

    address: IPvAnyAddress = IPv4Address("127.0.0.1")
    host_names: tuple[str, ...] = ()
    tokens: tuple[ApiToken, ...] = ()
    oidc: OpenIdConnect | None = None

    @property
    def asks_for_a_token(self) -> bool:
        """Whether nobody is answered without one."""
        return bool(self.tokens or self.oidc)

    @model_validator(mode="after")
    def _network_needs_tokens(self) -> Api:
        if not self.address.is_loopback and not self.asks_for_a_token:
            message = (
                f"`{self.address}` can be reached by others, who would need no token; add `tokens` or `oidc`, or use 127.0.0.1"
            )
            raise ValueError(message)
        names = [token.name for token in self.tokens]
        if len(set(names)) < len(names):
            message = "two tokens have one name, so that the export log could not tell them apart; rename one"
            raise ValueError(message)
        return self
