"""Who is notified when a run fails or is late: the part `alerts` of promisekept.yml.

Here: the channels, what each may hold, and their defaults. Not here: reading a secret (credentials.py) or sending anything
(promisekept/monitoring).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from promisekept.config.durations import Interval
from promisekept.config.relative_paths import ResolvedPath
from promisekept.config.secret_references import EnvironmentVariable
from promisekept.frozen import Frozen

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


def _only_one(channel: Frozen, *parts: str, is_needed: bool = False) -> None:
    for part in parts:
        given = [name for name in (f"{part}_env", f"{part}_file") if getattr(channel, name) is not None]
        if len(given) > 1 or (is_needed and not given):
            found = "both were given" if given else "neither was given"
            message = f"name `{part}_env` or `{part}_file`, one of them; {found}"
            raise ValueError(message)


class Webhook(Frozen):
    """An address that takes alerts as JSON.

    Attributes:
        name: what it is called in messages and in metrics.
        url_env: the environment variable that holds the URL; it is a secret, because whoever has it may write there.
        url_file: a file that holds it instead.
        secret_env: the variable that holds a secret by which each message is signed (HMAC-SHA-256), if any.
        secret_file: a file that holds it instead.
    """

    name: Name
    url_env: EnvironmentVariable | None = None
    url_file: ResolvedPath | None = None
    secret_env: EnvironmentVariable | None = None
    secret_file: ResolvedPath | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Webhook:
        _only_one(self, "url", is_needed=True)
        _only_one(self, "secret")
        return self


class Email(Frozen):
    """A mail server that passes alerts on.

    Attributes:
        name: what it is called in messages and in metrics.
        host: the server to which mail is given.
        smtps: the connection is encrypted from its first byte on, for a server that does not begin in the clear.
        port: 587 is the one for submission, 465 that for submission by `smtps`.
        starttls: the connection is encrypted before anything is sent; it or `smtps` is needed where somebody signs in.
        ca_file: PEM of the authority of the server's certificate, where it is none of the system's.
        sender: the address in `From`.
        to: who gets the mail.
        user_env: the variable that holds the name to sign in with, if any.
        user_file: a file that holds it instead.
        password_env: the variable that holds the password.
        password_file: a file that holds it instead.
    """

    name: Name
    host: str
    smtps: bool = False
    port: Annotated[int, Field(ge=1, le=65535, default_factory=lambda given: 465 if given.get("smtps") else 587)]
    starttls: bool = True
    ca_file: ResolvedPath | None = None
    sender: str
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    user_env: EnvironmentVariable | None = None
    user_file: ResolvedPath | None = None
    password_env: EnvironmentVariable | None = None
    password_file: ResolvedPath | None = None

    @property
    def signs_in(self) -> bool:
        """Whether the server asks for a name and a password."""
        return self.user_env is not None or self.user_file is not None

    @model_validator(mode="after")
    def _signs_in_over_tls(self) -> Email:
        _only_one(self, "user", "password")
        if self.signs_in != (self.password_env is not None or self.password_file is not None):
            message = "a user needs a password and a password a user; name both, or neither"
            raise ValueError(message)
        if self.smtps and "starttls" in self.model_fields_set and self.starttls:
            message = "`smtps` is encrypted from the first byte on, `starttls` begins in the clear; name one of them"
            raise ValueError(message)
        if self.signs_in and not (self.starttls or self.smtps):
            message = "a password is never sent in the clear; remove `starttls: false`, or set `smtps: true`"
            raise ValueError(message)
        return self


CHANNELS = (Webhook, Email)


class Alerts(Frozen):
    """Who is notified when something changes for the worse, and from when on a run is late.

    Attributes:
        late_after: so long after its tick in `schedules.daily` a run that has not ended is late.
        link: the dashboard's address, for whoever gets an alert.
        webhooks: addresses that take JSON.
        emails: mail servers.
    """

    late_after: Interval = timedelta(hours=3)
    link: str | None = None
    webhooks: tuple[Webhook, ...] = ()
    emails: tuple[Email, ...] = ()

    @property
    def channels(self) -> tuple[Webhook | Email, ...]:
        """All of them, in the order in which they stand."""
        return (*self.webhooks, *self.emails)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Alerts:
        names = [channel.name for channel in self.channels]
        for name in names:
            if names.count(name) > 1:
                message = f"the channel `{name}` is named twice; give each a name of its own"
                raise ValueError(message)
        if self.link is not None and urlsplit(self.link).scheme not in ("http", "https"):
            message = f"`{self.link}` is no address of a dashboard; use one such as https://privacy.example.org"
            raise ValueError(message)
        return self
