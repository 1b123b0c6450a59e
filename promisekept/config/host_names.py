"""Under which host names the dashboard answers.

Here: the names, and what the file with the sign-in's secrets must be before anybody is let in. Not here: where it listens and
who may read it (dashboard.py). A page of somebody else's whose name is made to lead to this machine (DNS rebinding) asks with
its own name, and gets no session.
"""

from __future__ import annotations

import tomllib
from typing import Any
from urllib.parse import urlsplit

from promisekept.config.credentials import read_credential
from promisekept.config.dashboard import Dashboard
from promisekept.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
COOKIE_SECRET_BYTES = 32
"""The key of an HMAC-SHA-256 is as strong as its hash from that length on (RFC 2104, section 3)."""
_KEY = "dashboard.sign_in.secrets"


def host_names(readers: Dashboard) -> tuple[str, ...]:
    """The names that a browser may ask for: those of this machine, and the one to which people come back from signing in.

    Raises:
        ConfigError: the file with the sign-in's secrets can't be read, may be read by others, or signs cookies too weakly.
    """
    if readers.sign_in is None:
        return LOOPBACK
    auth = _auth(read_credential(_KEY, None, readers.sign_in.secrets))
    found = urlsplit(str(auth.get("redirect_uri", ""))).hostname
    if not found:
        raise ConfigError(
            f"{_KEY}: [auth] has no redirect_uri with a host.\n  Write the address that people open, with /oauth2callback."
        )
    if len(str(auth.get("cookie_secret", "")).encode()) < COOKIE_SECRET_BYTES:
        raise ConfigError(
            f"{_KEY}: cookie_secret is shorter than {COOKIE_SECRET_BYTES} bytes, so that a sign-in could be forged.\n"
            "  Make one:  openssl rand -hex 32"
        )
    return (*LOOPBACK, found)


def _auth(text: str) -> dict[str, Any]:
    try:
        auth = tomllib.loads(text).get("auth", {})
    except tomllib.TOMLDecodeError:
        raise ConfigError(f"{_KEY}: it is no TOML.\n  docs/operate.md shows what stands in it.") from None
    if not isinstance(auth, dict):
        raise ConfigError(f"{_KEY}: `auth` is no section.\n  docs/operate.md shows what stands in it.")
    return auth
