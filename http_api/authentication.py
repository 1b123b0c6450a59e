"""Who asks: from the header `Authorization` to a caller with a role.

Here: tokens of promisekept.yml, and tokens of an OpenID Connect provider, whose keys are fetched from it. Not here: what a role
may see (promisekept/config/roles.py).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from http_api.problems import Problem
from promisekept.config.api import OpenIdConnect
from promisekept.config.credentials import read_credential
from promisekept.config.dashboard import SignIn
from promisekept.config.roles import LOCAL, Reader, Right, is_over, reader_of
from promisekept.config.settings import Settings
from promisekept.errors import ConfigError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a private key: a token that is signed by a shared secret, or by nobody, is none."""
TOKEN_CHARACTERS = 32
"""A shorter token could be guessed."""
_AGAIN = timedelta(minutes=1)
"""How soon the provider is asked again for keys that it did not have."""
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `is_public`: may see what a public bundle shows, and no more."""

    reader: Reader
    is_public: bool = False

    def require(self, right: Right, what: str) -> None:
        """Refuse who has not the right.

        Raises:
            Problem: 403.
        """
        if self.is_public or not self.reader.may(right):
            raise Problem(HTTPStatus.FORBIDDEN, f"{what} need a role that may see rows: auditor, officer or admin.")


@dataclass
class ProviderKeys:
    """The public keys of a provider, fetched when they are first needed and when a token names one that is not there."""

    oidc: OpenIdConnect
    now: Callable[[], datetime]
    _keys: KeySet | None = None
    _asked_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token, once its signature, issuer, audience and dates are right.

        Raises:
            JoseError: it is no such token.
            httpx.HTTPError: the provider could not be asked.
        """
        try:
            found = jwt.decode(token, self._known(), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            if not self._ask_again():
                raise JoseError(description=str(error)) from None
            found = jwt.decode(token, self._known(), algorithms=ALGORITHMS)
        must: dict[str, Any] = {
            "iss": {"essential": True, "value": self.oidc.issuer},
            "aud": {"essential": True, "value": self.oidc.audience},
            "exp": {"essential": True},
        }
        jwt.JWTClaimsRegistry(now=int(self.now().timestamp()), **must).validate(found.claims)
        return found.claims

    def _known(self) -> KeySet:
        with self._lock:
            if self._keys is None:
                self._keys, self._asked_at = self._fetched(), self.now()
            return self._keys

    def _ask_again(self) -> bool:
        with self._lock:
            if self._asked_at is not None and self.now() < self._asked_at + _AGAIN:
                return False
            self._keys = None
            return True

    def _fetched(self) -> KeySet:
        described = httpx.get(f"{self.oidc.issuer}/.well-known/openid-configuration", timeout=_SECONDS).raise_for_status().json()
        if str(described.get("issuer", "")).rstrip("/") != self.oidc.issuer:
            raise httpx.HTTPError("The provider names another issuer.")
        keys: KeySet = KeySet.import_key_set(httpx.get(described["jwks_uri"], timeout=_SECONDS).raise_for_status().json())
        return keys


@dataclass(frozen=True)
class Authentication:
    """Everybody whom the configuration lets in.

    Attributes:
        tokens: SHA-256 of each token, and who sends it.
        provider: whose tokens are taken, too.
        sign_in: which of the provider's claims give which role.
        now: the present instant, against which tokens expire.
    """

    tokens: tuple[tuple[bytes, Caller], ...]
    provider: ProviderKeys | None
    sign_in: SignIn | None
    now: Callable[[], datetime]

    def caller(self, header: str | None) -> Caller:
        """Who sends this header.

        Raises:
            Problem: 401 without a valid token, 403 where no role belongs to it, 503 where the provider can't be asked.
        """
        if not self.tokens and self.provider is None:
            return Caller(LOCAL)
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unauthorized("Send a token: `Authorization: Bearer ...`.")
        digest = _digest(token.strip())
        for own, caller in self.tokens:
            if hmac.compare_digest(own, digest):
                return caller
        return self._of_provider(token.strip())

    def _of_provider(self, token: str) -> Caller:
        if self.provider is None or self.sign_in is None:
            raise _unauthorized("The token is none of those that are configured.")
        try:
            claims = self.provider.claims(token)
        except JoseError:
            raise _unauthorized("The token is not valid: its signature, issuer, audience or dates.") from None
        except (httpx.HTTPError, KeyError, ValueError):
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The provider that issued the token can't be asked now.") from None
        if is_over(claims, self.sign_in.hours, self.now()):
            raise _unauthorized(f"The token was issued more than {self.sign_in.hours} hours ago.")
        reader = reader_of(claims, self.sign_in)
        if reader.role is None:
            raise Problem(HTTPStatus.FORBIDDEN, "None of your groups has a role here. Whoever runs promisekept can give you one.")
        return Caller(reader)


def authentication(settings: Settings, now: Callable[[], datetime]) -> Authentication:
    """From the configuration; tokens are read here, once.

    Raises:
        ConfigError: a token can't be read, is too short, or two are the same.
    """
    found: dict[bytes, Caller] = {}
    for position, one in enumerate(settings.api.tokens):
        where = f"api.tokens[{position}]"
        token = read_credential(where, one.env, one.file)
        if len(token) < TOKEN_CHARACTERS:
            raise ConfigError(
                f"{where}: the token of `{one.name}` has fewer than {TOKEN_CHARACTERS} characters, so that it could be guessed.\n"
                "  Make one:  openssl rand -hex 32"
            )
        if _digest(token) in found:
            raise ConfigError(f"{where}: the token of `{one.name}` is that of another name, too.\n  Make one for each program.")
        is_public = one.role == "public"
        found[_digest(token)] = Caller(Reader(one.name, None if one.role == "public" else one.role), is_public)
    provider = ProviderKeys(settings.api.oidc, now) if settings.api.oidc else None
    return Authentication(tuple(found.items()), provider, settings.dashboard.sign_in, now)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _unauthorized(detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": 'Bearer realm="promisekept"'})
