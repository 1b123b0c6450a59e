"""When a signature existed at the latest: RFC 3161 tokens over it.

Here: asking a time authority, the local one or one on the network, and reading the time of a token that was checked. Not
here: the signature (release.py) or whether an authority is one to trust: who checks a bundle names its certificate.

A token of the local authority says what the clock of the organisation's own machine said: operator-asserted, and worth as much as
the organisation's word. Only a token of an authority that is independent of it proves the time to a stranger.
"""

from __future__ import annotations

import re
import secrets
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promisekept.errors import EvidenceError
from promisekept.evidence.openssl import openssl

OPERATOR_ASSERTED = "operator-asserted"
_POLICY = "2.25.302613527921390637419817331946291073721"
"""An object identifier of our own (a UUID): no policy but that the operator asserts the time."""

_CONFIGURATION = f"""\
[local]
serial = serial
digests = sha256, sha384, sha512
default_policy = {_POLICY}
signer_digest = sha384
ess_cert_id_alg = sha256
ordering = no
tsa_name = no
"""
_SECONDS = 30
_MOST_BYTES = 1 << 20
_TIME = re.compile(
    r"^Time stamp: (?P<month>[A-Z][a-z]{2}) +(?P<rest>\d{1,2} \d\d:\d\d:\d\d)(?:\.\d+)? (?P<year>\d{4}) GMT$", re.M
)


@dataclass(frozen=True, slots=True)
class TimeAuthority:
    """Who dates.

    Attributes:
        trust: PEM of the certificate, or of its root, under which the tokens are checked.
        key_file: key and certificate of a local authority; None = one on the network.
        url: of an authority on the network; None = a local one.
    """

    trust: Path
    key_file: Path | None = None
    url: str | None = None

    @property
    def told(self) -> str:
        """As the release states it."""
        return self.url or OPERATOR_ASSERTED


def stamp(signature: Path, token: Path, authority: TimeAuthority) -> None:
    """Ask for a token over a signature, write it, and check it at once.

    Raises:
        EvidenceError: the authority did not answer, refused, or answered something else.
    """
    doing = f"{signature.name} could not be dated by {authority.url or 'the local authority'}"
    with tempfile.TemporaryDirectory() as temporary:
        query = Path(temporary) / "query.tsq"
        openssl("ts", "-query", "-data", signature, "-sha512", "-cert", "-out", query, doing=doing)
        if authority.url:
            token.write_bytes(_ask(authority.url, query.read_bytes(), doing))
        elif authority.key_file:
            _answer(query, token, authority.key_file, Path(temporary), doing)
        openssl("ts", "-verify", "-queryfile", query, "-in", token, "-CAfile", authority.trust, doing=doing)


def checked_time(token: Path, signature: Path, trust: Path) -> datetime:
    """The time of a token that an authority under `trust` gave for exactly this signature; UTC, whole seconds.

    Raises:
        EvidenceError: it is for something else, by somebody else, or no token.
    """
    openssl("ts", "-verify", "-in", token, "-data", signature, "-CAfile", trust, doing=f"{token.name} does not hold")
    told = openssl("ts", "-reply", "-in", token, "-text", doing=f"{token.name} does not hold")
    found = _TIME.search(told)
    if found is None:
        raise EvidenceError(f"{token.name} does not hold: it states no time.")
    text = f"{found['month']} {found['rest']} {found['year']}"
    return datetime.strptime(text, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _answer(query: Path, token: Path, key_file: Path, folder: Path, doing: str) -> None:
    """What an authority does: the clock that it reads is this machine's."""
    configuration, serial = folder / "local.cnf", folder / "serial"
    configuration.write_text(_CONFIGURATION.replace("= serial", f"= {serial}"), encoding="utf-8")
    serial.write_text(f"{1 + secrets.randbits(126):032X}\n", encoding="ascii")
    openssl(
        "ts", "-reply", "-config", configuration, "-section", "local", "-queryfile", query, "-signer", key_file,
        "-inkey", key_file, "-out", token, doing=doing,
    )  # fmt: skip


def _ask(url: str, query: bytes, doing: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise EvidenceError(f"{doing}: it is no address.\n  Give --tsa-url as https://... of an RFC 3161 authority.")
    request = urllib.request.Request(url, query, {"Content-Type": "application/timestamp-query"})  # noqa: S310 - scheme checked
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - scheme checked
            reply: bytes = answer.read(_MOST_BYTES)
    except (urllib.error.URLError, OSError) as error:
        why = getattr(error, "reason", None) or error
        raise EvidenceError(f"{doing}: {why}.\n  Try again, or name another authority with --tsa-url.") from None
    return reply
