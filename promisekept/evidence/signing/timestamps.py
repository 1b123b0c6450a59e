"""When a signature existed at the latest: RFC 3161 tokens over it.

Here: asking a time authority, the local one or one on the network, and checking and reading what a token signs. Not here: the
signature (release.py) or whether an authority is one to trust: who checks a bundle names its certificate.

Everything is read from the TSTInfo, which the token signs. The response around the token is signed by nobody: its status text
could imitate any answer, so a response with such a text is rejected. `verify.sh` does the same with `openssl cms` and
`openssl asn1parse`.

A token of the local authority states the time of the organisation's own clock: operator-asserted, and worth as much as
the organisation's word. Only a token of an authority that is independent of it proves the time to a third party.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.x509 import ObjectIdentifier
from rfc3161_client import PKIStatus, TimeStampResponse, decode_timestamp_response

from promisekept.errors import EvidenceError
from promisekept.evidence.signing.openssl import openssl

OPERATOR_ASSERTED = "operator-asserted"
LOCAL_POLICY = "2.25.302613527921390637419817331946291073721"
"""An object identifier of our own (a UUID): no policy but that the operator asserts the time."""

_CONFIGURATION = f"""\
[local]
serial = serial
digests = sha256, sha384, sha512
default_policy = {LOCAL_POLICY}
signer_digest = sha384
ess_cert_id_alg = sha256
ordering = no
tsa_name = no
"""
_SECONDS = 30
_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})
_MOST_BYTES = 1 << 20
_SHA512 = ObjectIdentifier("2.16.840.1.101.3.4.2.3")


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
    def as_stated(self) -> str:
        """As the release states it."""
        return self.url or OPERATOR_ASSERTED


def stamp(signature: Path, token: Path, authority: TimeAuthority) -> None:
    """Ask for a token over a signature, check it against what was asked, and write it; nothing is written otherwise.

    Raises:
        EvidenceError: the authority did not answer, refused, or answered something else than was asked.
    """
    doing = f"{signature.name} could not be dated by {authority.url or 'the local authority'}"
    with tempfile.TemporaryDirectory() as temporary:
        query, reply = Path(temporary) / "query.tsq", Path(temporary) / "reply.tsr"
        openssl("ts", "-query", "-data", signature, "-sha512", "-cert", "-out", query, doing=doing)
        if authority.url:
            reply.write_bytes(_ask(authority.url, query.read_bytes(), doing))
        elif authority.key_file:
            _answer(query, reply, authority.key_file, Path(temporary), doing)
        # With the query openssl compares the nonce as well, so that an answer to an earlier question is no answer to this one.
        openssl("ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", authority.trust, doing=doing)
        try:
            checked_time(reply, signature, authority.trust, is_local=authority.url is None)
        except EvidenceError as error:
            raise EvidenceError(f"{doing}: {error}") from None
        token.write_bytes(reply.read_bytes())


def checked_time(token: Path, signature: Path, trust: Path, *, is_local: bool | None = None) -> datetime:
    """The time of a token that an authority under `trust` gave for exactly this signature; UTC, whole seconds.

    The authority's certificate must have been valid at that time; it may have expired since.

    Args:
        token: the response that holds it.
        signature: what it dates.
        trust: PEM of the certificate of the time authority, or of its root.
        is_local: whether it has to be of the local authority's policy, or must not be; None = either.

    Raises:
        EvidenceError: it is for something else, by somebody else, of the other policy, or no token.
    """
    doing = f"{token.name} does not hold"
    response = _response(token, doing)
    try:  # parsed when it is asked for, field by field
        info = response.tst_info
        imprint, policy, at = info.message_imprint, info.policy.dotted_string, info.gen_time.replace(microsecond=0)
        algorithm, digest = imprint.hash_algorithm, imprint.message
    except ValueError:
        raise EvidenceError(f"{doing}: it holds no time-stamp token in DER.") from None
    with signature.open("rb") as file:
        found = hashlib.file_digest(file, "sha512").digest()
    if algorithm != _SHA512 or digest != found:
        raise EvidenceError(f"{doing}: message imprint mismatch, it dates something else than the SHA-512 of {signature.name}.")
    if is_local is not None and is_local != (policy == LOCAL_POLICY):
        other = "an authority's own" if is_local else f"{OPERATOR_ASSERTED} ({LOCAL_POLICY})"
        raise EvidenceError(f"{doing}: its policy {policy} is {other}, and the release states the other kind.")
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    openssl(
        "ts", "-verify", "-in", token, "-data", signature, "-CAfile", trust, "-attime", str(int(at.timestamp())), doing=doing
    )  # fmt: skip
    return at


def _response(token: Path, doing: str) -> TimeStampResponse:
    """The response in a file, which holds nothing that nobody signed but the one status `granted`."""
    if token.stat().st_size > _MOST_BYTES:
        raise EvidenceError(f"{doing}: it has more than {_MOST_BYTES} bytes, so it is no time-stamp response.")
    content = token.read_bytes()
    try:
        response = decode_timestamp_response(content)
        status, texts = response.status, response.status_string
    except ValueError:
        raise EvidenceError(f"{doing}: it is no time-stamp response in DER.") from None
    if status != PKIStatus.GRANTED or texts or response.as_bytes() != content:
        raise EvidenceError(f"{doing}: beside its token it holds a status text, another status than `granted`, or more bytes.")
    return response


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
    why: object = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2 ** (attempt - 1))
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - scheme checked
                reply: bytes = answer.read(_MOST_BYTES + 1)
            return reply
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "reason", None) or error
            if isinstance(error, urllib.error.HTTPError):
                why = f"it answered {error.code} {error.reason}"
                if error.code not in _RETRIED_STATUS:
                    break
    raise EvidenceError(f"{doing}: {why}.\n  Run the same `promisekept release` again, or name another authority with --tsa-url.")
