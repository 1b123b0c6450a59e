"""A release is a person's: signed by a key under a certificate that the reader trusts, dated, and of this bundle; all else fails.

Every test asks both verifiers, ours and the shell script, and both must agree.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bagit
import pytest
from certificates import DATING, EVERYTHING, a_certificate, a_time_authority, an_authority, openssl
from ledger_proofs import a_draft, reseal

import promisekept.evidence
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import fingerprint
from promisekept.evidence.release import release
from promisekept.evidence.signing.signatures import Trust
from promisekept.evidence.signing.signing_keys import create_signing_keys, signing_key
from promisekept.evidence.signing.statement import Approvals
from promisekept.evidence.signing.timestamps import TimeAuthority, stamp
from promisekept.evidence.verifying import verify
from promisekept.evidence.zipping import zip_bundle

pytestmark = pytest.mark.slow

SCRIPT = Path(promisekept.evidence.__file__).with_name("verify.sh")
PEOPLE = Approvals(prepared_by="Ann Example, privacy engineer", reviewed_by="Bo Example", approved_by="Cy Exámple, DPO")
NAMES = ["release-1.p7s", "release-1.statement.sig", "release-1.statement.txt", "release-1.tsr"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The keys that `promisekept keys signing` makes, and others that nobody was told of."""
    folder = tmp_path_factory.mktemp("keys")
    create_signing_keys(folder, "Example Ltd")
    create_signing_keys(folder / "others", "Example Ltd")
    return folder


@pytest.fixture(scope="module")
def draft(tmp_path_factory):
    return a_draft(tmp_path_factory.mktemp("draft"))


@pytest.fixture
def bundle(draft, tmp_path):
    return shutil.copytree(draft, tmp_path / draft.name)


def local(keys):
    return TimeAuthority(keys / "time-authority.pem", key_file=keys / "time-authority.pem")


def released(bundle, keys):
    release(bundle, PEOPLE, signing_key(str(keys / "signing.pem")), local(keys))
    return bundle


def trusted(keys):
    return Trust(keys / "signing.crt", keys / "time-authority.crt")


def verified(bundle, trust):
    """Whether both verifiers accept it, and the message of ours."""
    verdict = verify(bundle, trust=trust)
    named = [f"trust={trust.signer}", f"time={trust.time}"] if trust else []
    done = subprocess.run(["sh", SCRIPT, bundle, *named], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert (done.returncode == 0) == verdict.is_sound, (done.stdout, done.stderr, verdict.problems)
    return verdict.is_sound, "; ".join(verdict.problems)


def test_a_release_holds_and_says_who_and_when_and_leaves_the_fingerprint(bundle, keys):
    before, began = fingerprint(bundle), datetime.now(UTC).replace(microsecond=0)
    released(bundle, keys)
    assert sorted(path.name for path in (bundle / "signatures").iterdir()) == NAMES
    assert fingerprint(bundle) == before
    assert verified(bundle, trusted(keys)) == (True, "")
    [found] = verify(bundle, trust=trusted(keys)).releases
    by = found.statement
    assert (by.prepared_by, by.reviewed_by, by.approved_by) == (PEOPLE.prepared_by, PEOPLE.reviewed_by, PEOPLE.approved_by)
    assert (by.time, by.fingerprint, by.bundle) == ("operator-asserted", before, bundle.name)
    assert by.signer == "CN=Evidence signing,O=Example Ltd"
    assert began <= found.at <= datetime.now(UTC)


def test_the_statement_shows_how_to_check_it_and_its_commands_do_so(bundle, keys, tmp_path):
    released(bundle, keys)
    text = (bundle / "signatures" / "release-1.statement.txt").read_text(encoding="utf-8")
    assert "OPERATOR-ASSERTED" in text
    assert "{" not in text
    [found] = verify(bundle, trust=trusted(keys)).releases
    stated = f"{found.at:%Y-%m-%d %H:%M:%S}"
    commands = (
        text.split("in the bundle's folder:\n")[1].split("The token signs")[0].replace("THE TIME THAT THE TOKEN SIGNS", stated)
    )
    for name in ("SIGNER", "TIME"):
        commands = commands.replace(f"{name}.crt", str(keys / {"SIGNER": "signing.crt", "TIME": "time-authority.crt"}[name]))
    done = subprocess.run(["sh", "-e", "-c", commands], cwd=tmp_path / bundle.name, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "CMS Verification successful" in done.stderr
    assert "Verified OK" in done.stdout
    assert f":{found.at:%Y%m%d%H%M%SZ}" in done.stdout
    stated = [line.partition(": ")[2] for line in text.splitlines() if line.startswith(("Signature-SHA512", "Token-SHA512"))]
    assert [line[:128] for line in done.stdout.splitlines()[-2:]] == stated


def test_a_released_bundle_is_still_a_bag(bundle, keys):
    logging.getLogger("bagit").setLevel(logging.ERROR)
    assert bagit.Bag(str(released(bundle, keys))).validate(processes=1)


def test_a_released_bundle_is_not_accepted_on_nobodys_word(bundle, keys):
    released(bundle, keys)
    sound, says = verified(bundle, None)
    assert (sound, "you named no certificates" in says) == (False, True)


def test_another_key_with_the_same_name_is_rejected(bundle, keys):
    released(bundle, keys / "others")
    sound, says = verified(bundle, Trust(keys / "signing.crt", keys / "others" / "time-authority.crt"))
    assert (sound, "release-1.p7s does not stand under that certificate" in says) == (False, True)
    sound, says = verified(bundle, Trust(keys / "others" / "signing.crt", keys / "time-authority.crt"))
    assert (sound, "release-1.tsr does not hold" in says) == (False, True)


def test_the_certificate_of_who_dates_is_not_one_to_sign_with(bundle, keys):
    released(bundle, keys)
    assert verified(bundle, Trust(keys / "time-authority.crt", keys / "time-authority.crt"))[0] is False


@pytest.mark.parametrize("name", ["note.txt", "release-no.p7s", "release-0.p7s", "release-2.tsr", "release-1.statement.p7s"])
def test_nothing_else_may_lie_beside_the_signatures(bundle, keys, name):
    (released(bundle, keys) / "signatures" / name).write_text("x")
    assert verified(bundle, trusted(keys))[0] is False


def test_a_signature_is_of_one_bundle_and_can_not_be_moved_to_another(bundle, keys, draft, tmp_path):
    released(bundle, keys)
    other = shutil.copytree(draft, tmp_path / "other")
    (other / "data" / "tables" / "fct_requests.csv").write_text("request_key,status,outcome\na,closed_on_time,granted\n")
    reseal(other, 3)
    shutil.copytree(bundle / "signatures", other / "signatures")
    sound, says = verified(other, trusted(keys))
    assert (sound, "release-1.p7s does not stand" in says) == (False, True)


def test_the_statement_of_one_bundle_does_not_serve_for_another(bundle, keys, draft, tmp_path):
    """Both are released by the same key: each signature holds for itself, but not together."""
    released(bundle, keys)
    other = shutil.copytree(draft, tmp_path / "other")
    reseal(other, 3, "1" * 128)
    released(other, keys)
    for part in (".txt", ".sig"):
        shutil.copy(bundle / "signatures" / f"release-1.statement{part}", other / "signatures")
    sound, says = verified(other, trusted(keys))
    assert (sound, "its statement is of another bundle" in says) == (False, True)


def test_a_statement_by_another_key_of_the_same_authority_is_rejected(bundle, tmp_path, keys):
    """Somebody in the same company can't put their names beside the officer's signature."""
    company = an_authority(tmp_path, "company")
    officer, other_signer = a_certificate(tmp_path, "officer", company), a_certificate(tmp_path, "clerk", company)
    release(bundle, PEOPLE, signing_key(str(officer)), local(keys))
    text, seal = (bundle / "signatures" / f"release-1.statement.{kind}" for kind in ("txt", "sig"))
    text.write_text(text.read_text(encoding="utf-8").replace(PEOPLE.approved_by, "Mallory"), encoding="utf-8")
    openssl("dgst", "-sha512", "-sign", other_signer, "-out", seal, text)
    sound, says = verified(bundle, Trust(company, keys / "time-authority.crt"))
    assert (sound, "is not by the key that signed the bundle" in says) == (False, True)


def test_a_companys_authority_vouches_for_its_people_and_one_may_trust_the_person_alone(bundle, tmp_path, keys):
    company = an_authority(tmp_path, "company")
    officer = a_certificate(tmp_path, "officer", company, ("extendedKeyUsage=1.3.6.1.5.5.7.3.36", *EVERYTHING))
    release(bundle, PEOPLE, signing_key(str(officer)), local(keys))
    assert verified(bundle, Trust(company, keys / "time-authority.crt"))[0]
    assert verified(bundle, Trust(officer, keys / "time-authority.crt"))[0]


def test_an_authority_that_only_the_system_trusts_does_not_do(bundle, tmp_path, keys, monkeypatch):
    """openssl trusts the system's authorities besides the one that it is told of, unless it is told not to."""
    public = an_authority(tmp_path, "public")
    release(bundle, PEOPLE, signing_key(str(a_certificate(tmp_path, "mallory", public))), local(keys))
    system = tmp_path / "certs"
    system.mkdir()
    shutil.copy(public, system / f"{openssl('x509', '-in', public, '-noout', '-hash').strip()}.0")
    monkeypatch.setenv("SSL_CERT_DIR", str(system))
    signature = bundle / "signatures" / "release-1.p7s"
    plain = ("cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", bundle / "tagmanifest-sha512.txt")
    openssl(*plain, "-CAfile", keys / "signing.crt", "-purpose", "any", "-out", tmp_path / "out")
    assert verified(bundle, trusted(keys))[0] is False


def stamp_of(instant):
    return f"{instant:%Y%m%d%H%M%SZ}"


def test_a_certificate_that_expired_after_the_token_holds_and_without_the_token_it_does_not(bundle, tmp_path, keys):
    now = datetime.now(UTC)
    officer = a_certificate(tmp_path, "officer", valid=(stamp_of(now - timedelta(days=9)), stamp_of(now + timedelta(seconds=4))))
    release(bundle, PEOPLE, signing_key(str(officer)), local(keys))
    while datetime.now(UTC) <= now + timedelta(seconds=5):
        time.sleep(0.2)
    trust = Trust(officer, keys / "time-authority.crt")
    assert verified(bundle, trust) == (True, "")
    (bundle / "signatures" / "release-1.tsr").unlink()
    sound, says = verified(bundle, trust)
    assert (sound, "certificate has expired" in says) == (False, True)


def test_a_certificate_that_is_not_valid_yet_signs_nothing(bundle, tmp_path, keys):
    early = a_certificate(tmp_path, "early", valid=("20990101000000Z", "21000101000000Z"))
    with pytest.raises(EvidenceError, match="certificate is not yet valid"):
        release(bundle, PEOPLE, signing_key(str(early)), local(keys))
    assert not (bundle / "signatures").exists()


def test_a_token_whose_date_was_changed_is_rejected(bundle, keys):
    token = released(bundle, keys) / "signatures" / "release-1.tsr"
    year = f"{datetime.now(UTC):%Y%m}".encode()
    assert token.read_bytes().count(year) >= 1
    token.write_bytes(token.read_bytes().replace(year, b"202001"))
    assert verified(bundle, trusted(keys))[0] is False


def with_status_text(response: bytes, text: str) -> bytes:
    """A time-stamp response whose status, which nobody signs, has a text beside `granted`."""

    def tagged(tag: int, content: bytes) -> bytes:
        length = len(content)
        size = bytes([length]) if length < 0x80 else bytes([0x82]) + length.to_bytes(2, "big")
        return bytes([tag]) + size + content

    granted = bytes.fromhex("3003020100")
    start = response.index(granted)
    token = response[start + len(granted) :]
    status = tagged(0x30, bytes.fromhex("020100") + tagged(0x30, tagged(0x0C, text.encode())))
    return tagged(0x30, status + token)


def test_an_expired_key_cannot_date_itself_back_by_the_status_text_of_a_response(bundle, tmp_path, keys, monkeypatch):
    """The time was read from the text of the whole response, in which the unsigned status comes before what is signed."""
    old = a_certificate(tmp_path, "old", valid=("20200101000000Z", "20210101000000Z"))

    def forged(signature, token, authority):
        stamp(signature, token, authority)
        token.write_bytes(with_status_text(token.read_bytes(), "\nTime stamp: Jun  1 00:00:00 2020 GMT\n"))

    with monkeypatch.context() as attacker:
        attacker.setattr("promisekept.evidence.release._require_valid", lambda _: None)
        attacker.setattr("promisekept.evidence.release.stamp", forged)
        attacker.setattr("promisekept.evidence.release.checked_time", lambda *_, **__: datetime(2020, 6, 1, tzinfo=UTC))
        release(bundle, PEOPLE, signing_key(str(old)), local(keys))
    sound, says = verified(bundle, Trust(old, keys / "time-authority.crt"))
    assert (sound, "status text" in says) == (False, True)


def test_a_token_put_in_the_place_of_the_one_that_was_stated_is_rejected(bundle, keys):
    """It is a good token for this signature, only later: whoever holds the authority's key could choose among many."""
    place = released(bundle, keys) / "signatures"
    stamp(place / "release-1.p7s", place / "release-1.tsr", local(keys))
    assert verified(bundle, trusted(keys)) == (False, "release-1: its statement is of another signature or token")


def test_a_token_for_another_signature_is_rejected(bundle, keys):
    place = released(bundle, keys) / "signatures"
    stamp(place / "release-1.statement.txt", place / "release-1.tsr", local(keys))
    sound, says = verified(bundle, trusted(keys))
    assert (sound, "message imprint mismatch" in says) == (False, True)


def test_two_people_release_one_bundle_and_each_is_checked(bundle, tmp_path, keys):
    company = an_authority(tmp_path, "company")
    trust = Trust(company, keys / "time-authority.crt")
    for name in ("officer", "director"):
        release(bundle, Approvals(name, name), signing_key(str(a_certificate(tmp_path, name, company))), local(keys))
    assert verified(bundle, trust)[0]
    assert [found.statement.approved_by for found in verify(bundle, trust=trust).releases] == ["officer", "director"]
    (bundle / "signatures" / "release-2.p7s").write_bytes(b"x")
    assert verified(bundle, trust)[0] is False


def test_a_zip_is_released_in_its_place_and_keeps_its_fingerprint(bundle, keys, tmp_path):
    archive = tmp_path / "bundle.zip"
    zip_bundle(bundle, archive)
    released(archive, keys)
    verdict = verify(archive, trust=trusted(keys))
    assert (verdict.problems, verdict.fingerprint, verdict.is_draft) == ((), fingerprint(bundle), False)
    assert {path.name for path in tmp_path.iterdir()} == {bundle.name, archive.name}


def test_what_is_not_whole_is_not_signed(bundle, keys):
    (bundle / "data" / "tables" / "fct_requests.csv").write_text("rows,of,others\n")
    with pytest.raises(EvidenceError, match=r"not whole and is not signed: data/tables/fct_requests\.csv was changed"):
        released(bundle, keys)
    assert not (bundle / "signatures").exists()


@pytest.mark.parametrize("name", ["", "two\nlines", "x" * 201, "a\x1b[31m"])
def test_a_name_that_would_spoil_the_statement_is_rejected(name):
    with pytest.raises(EvidenceError, match=r"--approved-by: .* is no name"):
        Approvals(prepared_by="Ann", approved_by=name)


def test_a_real_authority_is_asked_over_http_and_named(bundle, tmp_path, keys):
    root = an_authority(tmp_path, "root of time")
    with a_time_authority(tmp_path, a_certificate(tmp_path, "tsa", root, DATING)) as (url, asked):
        release(bundle, PEOPLE, signing_key(str(keys / "signing.pem")), TimeAuthority(root, url=url))
    assert asked == ["application/timestamp-query"]
    assert verified(bundle, Trust(keys / "signing.crt", root)) == (True, "")
    [found] = verify(bundle, trust=Trust(keys / "signing.crt", root)).releases
    assert found.statement.time == url
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=1)
    text = (bundle / "signatures" / "release-1.statement.txt").read_text(encoding="utf-8")
    assert "The time is that of the authority named above" in text
    assert verified(bundle, trusted(keys))[0] is False, "the local authority did not date this one"


def test_an_address_that_is_no_web_address_is_rejected(bundle, tmp_path, keys):
    with pytest.raises(EvidenceError, match="it is no address"):
        release(
            bundle, PEOPLE, signing_key(str(keys / "signing.pem")), TimeAuthority(keys / "signing.crt", url="file:///etc/passwd")
        )


def test_the_signed_part_says_nothing_of_time_or_machine(bundle, draft, keys):
    """What a release adds lies in signatures/ alone."""
    released(bundle, keys)
    everything = {path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file()}
    known = {path.relative_to(draft) for path in draft.rglob("*") if path.is_file()}
    assert {path.parts[0] for path in everything - known} == {"signatures"}
    digests = [hashlib.sha256((folder / "tagmanifest-sha512.txt").read_bytes()).hexdigest() for folder in (bundle, draft)]
    assert digests[0] == digests[1]
