"""What a person states when they release a bundle: which one, who prepared, reviewed and approved it, how it is dated.

Here: the text in `signatures/release-N.statement.txt`, and reading it. Not here: signing it (release.py) or checking that
(signatures.py). It is no part of what the tag manifest names, because a bundle is the same whoever releases it; so it has a
signature of its own, by the same key, and names the bundle's fingerprint, its signature and its token.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from promisekept.errors import EvidenceError
from promisekept.evidence.signing.timestamps import OPERATOR_ASSERTED

NOBODY = "nobody"
_LONGEST = 200
_LABELS = {
    "Bundle": "bundle",
    "Organization": "organisation",
    "Fingerprint": "fingerprint",
    "Prepared-By": "prepared_by",
    "Reviewed-By": "reviewed_by",
    "Approved-By": "approved_by",
    "Signer": "signer",
    "Signer-Certificate-SHA256": "certificate_sha256",
    "Time": "time",
    "Signature-SHA512": "signature_sha512",
    "Token-SHA512": "token_sha512",
}
_OF_TIME = {
    True: "The time is OPERATOR-ASSERTED: the clock was that of the organisation's own machine, and whoever holds the key\n"
    "              of its local authority can write any time. To a third party it proves no more than the organisation's word.",
    False: "The time is that of the authority named above: if you trust that it is independent of the organisation,\n"
    "              nobody made the signature later.",
}


@dataclass(frozen=True, slots=True)
class Approvals:
    """By whom: names or roles, in one line each. `reviewed_by` may be nobody."""

    prepared_by: str
    approved_by: str
    reviewed_by: str = NOBODY

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not value.strip() or not value.isprintable() or len(value) > _LONGEST:
                raise EvidenceError(
                    f"--{name.replace('_', '-')}: {value[:40]!r} is no name.\n"
                    f"  Give a name or a role in one line of up to {_LONGEST} characters: it stands in what is signed."
                )


@dataclass(frozen=True, slots=True)
class Statement:
    """One release, as it is signed.

    Attributes:
        fingerprint: SHA-512 of the bundle's tag manifest.
        signer: subject of the certificate that signs, as RFC 4514 writes it.
        certificate_sha256: of that certificate in DER.
        time: `operator-asserted`, or the address of the authority.
        signature_sha512: of the signature over the bundle, in hex.
        token_sha512: of the token over that signature: both have bits that mean nothing, and none may change either.
    """

    bundle: str
    organisation: str
    fingerprint: str
    prepared_by: str
    reviewed_by: str
    approved_by: str
    signer: str
    certificate_sha256: str
    time: str
    signature_sha512: str
    token_sha512: str

    def text(self, number: int) -> str:
        """As the file `release-<number>.statement.txt` holds it."""
        fields = "".join(f"{label}: {getattr(self, name)}\n" for label, name in _LABELS.items())
        template = resources.files(__package__).joinpath("release.txt").read_text(encoding="utf-8")
        return template.format(fields=fields, number=number, of_time=_OF_TIME[self.time == OPERATOR_ASSERTED])


def read_statement(text: str) -> Statement:
    """Read a statement.

    Raises:
        EvidenceError: a line is missing or there twice.
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        label, colon, value = line.partition(": ")
        if colon and label in _LABELS:
            if label in found:
                raise EvidenceError(f"its statement names `{label}` twice")
            found[label] = value
    missing = [label for label in _LABELS if label not in found]
    if missing:
        raise EvidenceError(f"its statement does not name `{missing[0]}`")
    return Statement(**{name: found[label] for label, name in _LABELS.items()})
