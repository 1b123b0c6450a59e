"""Sending a message through a channel: a webhook by POST, people by e-mail.

Here: the form of alerts, the signature, trying again. Not here: which alerts are sent (alerts.py), the digest (digest.py). A
failure is returned as a kind of error; never an address, which may be a secret, and never what a server answered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from promisekept.config.alerts import Email, Webhook
from promisekept.config.credentials import read_credential
from promisekept.errors import ConfigError
from promisekept.monitoring.alert_state import Alert
from promisekept.presentation import formats

SIGNATURE = "X-Promisekept-Signature"
TIMEOUT_SECONDS = 5.0
PAUSES = (1.0, 3.0)  # before the second try and before the third
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class _NotNowError(Exception):
    """A server that may take the message a little later; its text is the kind of error."""


class _NotEverError(Exception):
    """A server that will not take the message, however often it is tried; its text is the kind of error."""


class Sendable(Protocol):
    """What a channel takes: for people a subject with text and perhaps HTML, for programs a body."""

    @property
    def subject(self) -> str:
        """In one line."""

    @property
    def text(self) -> str:
        """For people."""

    @property
    def html(self) -> str:
        """The same for a mail program that draws it; empty where there is none."""

    @property
    def body(self) -> bytes:
        """For programs."""

    @property
    def sent_at(self) -> str:
        """UTC, ISO 8601."""

    @property
    def to(self) -> tuple[str, ...]:
        """Recipients of a mail instead of the channel's own."""


@dataclass(frozen=True, slots=True)
class Message:
    """The alerts that one channel gets at once; `dropped` alerts before these waited too long. `sent_at` is UTC."""

    organisation: str
    alerts: tuple[Alert, ...]
    dropped: int
    link: str | None
    sent_at: str
    html: str = ""
    to: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """In one line."""
        bad = sum(alert.is_bad for alert in self.alerts)
        over = len(self.alerts) - bad
        parts = [formats.plural(bad, "alert")] if bad or not over else []
        parts += [f"{over} over"] if over else []
        return f"promisekept, {' '.join(self.organisation.split())}: {', '.join(parts)}"

    @property
    def text(self) -> str:
        """For people."""
        lines = [f"{'!' if alert.is_bad else 'over:'} {alert.says}  ({alert.at})" for alert in self.alerts]
        if self.dropped:
            lines.append(f"{self.dropped} older alerts waited too long for this channel and were dropped.")
        return "\n".join([self.subject, "", *lines, *(["", self.link] if self.link else [])])

    @property
    def body(self) -> bytes:
        """For programs; `text` is what a chat shows."""
        payload = {
            "version": 1,
            "organisation": self.organisation,
            "sent_at": self.sent_at,
            "link": self.link,
            "dropped": self.dropped,
            "alerts": [asdict(alert) for alert in self.alerts],
            "text": self.text,
        }
        return json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()


def send(channel: Webhook | Email, message: Sendable, pauses: tuple[float, ...] = PAUSES) -> str:
    """Send to one channel, and retry where that may help.

    Returns:
        The kind of error, in a word or two; empty where the message was taken.
    """
    attempt: Callable[[], None]
    try:
        attempt = _posting(channel, message) if isinstance(channel, Webhook) else _mailing(channel, message)
    except ConfigError as error:
        return str(error).partition(":")[0] + " can't be used"
    failure = ""
    for pause in (0.0, *pauses):
        time.sleep(pause)
        try:
            attempt()
        except _NotNowError as error:
            failure = str(error)
        except _NotEverError as error:
            return str(error)
        except Exception as error:  # whatever it is, it fails no run
            return type(error).__name__
        else:
            return ""
    return failure


def signature(secret: str, body: bytes) -> str:
    """What stands in the header: `sha256=` and the HMAC-SHA-256 of the body, in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _posting(channel: Webhook, message: Sendable) -> Callable[[], None]:
    import httpx  # noqa: PLC0415 - each run looks at alerts, and few send one

    where = f"alerts.webhooks.{channel.name}"
    url = read_credential(f"{where}.url", channel.url_env, channel.url_file)
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
        raise ConfigError(f"{where}.url: it is no https address, and none of this machine.\n  Use a server with TLS.")
    signed = channel.secret_env is not None or channel.secret_file is not None
    secret = read_credential(f"{where}.secret", channel.secret_env, channel.secret_file) if signed else None
    logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes the address, which is a secret
    headers = {"Content-Type": "application/json", "User-Agent": "promisekept"}
    if secret:
        headers[SIGNATURE] = signature(secret, message.body)

    def post() -> None:
        try:
            with httpx.stream("POST", url, content=message.body, headers=headers, timeout=TIMEOUT_SECONDS) as answer:
                status = answer.status_code
        except httpx.TransportError as error:
            raise _NotNowError(type(error).__name__) from None
        if not 200 <= status < 300:
            raise (_NotNowError if status == 429 or status >= 500 else _NotEverError)(f"HTTP {status}")

    return post


def _connected(channel: Email) -> smtplib.SMTP:
    """A connection over which nothing is sent unencrypted, unless the settings permit it."""
    if channel.smtps:
        trusted = ssl.create_default_context(cafile=channel.ca_file)
        return smtplib.SMTP_SSL(channel.host, channel.port, timeout=TIMEOUT_SECONDS, context=trusted)
    server = smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_SECONDS)
    if channel.starttls:
        try:
            server.starttls(context=ssl.create_default_context(cafile=channel.ca_file))
        except BaseException:
            server.close()
            raise
    return server


def _mailing(channel: Email, message: Sendable) -> Callable[[], None]:
    where = f"alerts.emails.{channel.name}"
    user = password = None
    if channel.signs_in:
        user = read_credential(f"{where}.user", channel.user_env, channel.user_file)
        password = read_credential(f"{where}.password", channel.password_env, channel.password_file)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = channel.sender, ", ".join(message.to or channel.to), message.subject
    mail["Date"] = format_datetime(datetime.fromisoformat(message.sent_at))
    mail["Message-ID"] = f"<{hashlib.sha256(message.body).hexdigest()[:32]}@promisekept.invalid>"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")

    def give() -> None:
        try:
            with _connected(channel) as server:
                if user and password:
                    server.login(user, password)
                server.send_message(mail)
        except smtplib.SMTPResponseException as error:
            if 400 <= error.smtp_code < 500:
                raise _NotNowError(f"SMTP {error.smtp_code}") from None
            raise _NotEverError(f"SMTP {error.smtp_code}") from None
        except (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError, smtplib.SMTPRecipientsRefused):
            raise
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise _NotNowError(type(error).__name__) from None

    return give
