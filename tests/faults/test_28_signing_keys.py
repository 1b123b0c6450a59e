"""Fault 28: signing key missing, expired, wrong: nothing is signed, an error names it, and a draft never passes as signed."""

from __future__ import annotations

import pytest
from certificates import a_certificate
from command import promisekept
from ledger_proofs import a_draft
from shell import verify_sh

from promisekept.evidence.bagit import SIGNATURES, fingerprint
from promisekept.evidence.signing.signing_keys import create_signing_keys

WHO = ("--prepared-by", "Ann", "--approved-by", "Bo")
KEYS = ("missing", "expired", "of another certificate", "no key")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    create_signing_keys(folder, "Example Ltd")
    return folder


@pytest.fixture
def draft(tmp_path):
    return a_draft(tmp_path)


def chosen(kind, keys, folder):
    """The options that name such a key, and the message about it."""
    if kind == "missing":
        return ("--key", folder / "gone.pem"), "there is no file"
    if kind == "expired":
        old = a_certificate(folder, "old", valid=("20200101000000Z", "20210101000000Z"))
        return ("--key", old), "expired on Jan  1 00:00:00 2021 GMT"
    if kind == "of another certificate":
        return ("--key", keys / "signing.pem", "--certificate", keys / "time-authority.crt"), "could not be signed"
    broken = folder / "broken.pem"
    broken.write_bytes((keys / "signing.crt").read_bytes())
    broken.chmod(0o600)
    return ("--key", broken), "could not be signed"


@pytest.mark.parametrize("kind", KEYS)
def test_what_can_not_be_signed_stays_a_draft_and_that_is_said(draft, keys, tmp_path, kind):
    before = fingerprint(draft)
    options, says = chosen(kind, keys, tmp_path)
    result = promisekept("release", draft, *options, "--time-authority", keys / "time-authority.pem", *WHO)
    assert result.code == 2, result
    assert says in result.err
    assert f"NOT signed: {draft} is as it was" in result.err
    assert "Traceback" not in result.err
    assert (fingerprint(draft), (draft / SIGNATURES).exists()) == (before, False)
    assert [path.name for path in draft.parent.iterdir() if path.name.startswith(".release-")] == []
    checked = promisekept("verify", draft)
    assert (checked.code, "A draft: nobody has signed it" in checked.out) == (0, True)


def test_a_draft_never_passes_as_signed(draft, keys):
    """Nor does one with a folder for signatures, or with a signature of somebody else."""
    trust = ("--trust", keys / "signing.crt", "--time-trust", keys / "time-authority.crt")
    given = {"trust": keys / "signing.crt", "time": keys / "time-authority.crt"}
    assert "it is not signed" in promisekept("verify", draft, *trust).out
    assert "it is not signed" in verify_sh(draft, **given).stdout
    (draft / SIGNATURES).mkdir()
    for name in ("release-1.p7s", "release-1.statement.txt"):
        (draft / SIGNATURES / name).write_bytes(b"signed")
        assert promisekept("verify", draft, *trust).code == verify_sh(draft, **given).returncode == 1
        assert promisekept("verify", draft).code == verify_sh(draft).returncode == 1
