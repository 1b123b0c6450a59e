"""Fault 29: TSA down / wrong nonce / wrong cert: asked again, then the bundle waits as a draft; no token is faked or replayed."""

from __future__ import annotations

import shutil

import pytest
from certificates import DATING, a_certificate, a_time_authority, an_authority
from command import promisekept
from ledger_proofs import a_draft
from shell import verify_sh

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import SIGNATURES
from promisekept.evidence.signing import timestamps
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.evidence.signing.timestamps import TimeAuthority, stamp
from promisekept.evidence.verifying import verify

pytestmark = pytest.mark.slow

WHO = ("--prepared-by", "Ann", "--approved-by", "Bo")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Of who signs, and of an authority on the network with its root."""
    folder = tmp_path_factory.mktemp("keys")
    create_signing_keys(folder, "Example Ltd")
    root = an_authority(folder, "root")
    a_certificate(folder, "tsa", root, DATING)
    return folder


@pytest.fixture
def draft(tmp_path):
    return a_draft(tmp_path)


def released(draft, keys, url):
    trust = ("--tsa-url", url, "--time-trust", keys / "root.pem")
    return promisekept("release", draft, "--key", keys / "signing.pem", *trust, *WHO)


def require_waiting(result, draft):
    """The message states that nothing was signed, and the bundle is whole and a draft."""
    assert result.code == 2, result
    assert f"NOT signed: {draft} is as it was" in result.err
    assert "Traceback" not in result.err
    assert not (draft / SIGNATURES).exists()
    assert [path.name for path in draft.parent.iterdir() if path.name.startswith(".release-")] == []
    assert (verify(draft).is_sound, verify(draft).is_draft) == (True, True)


def test_an_authority_that_is_busy_is_asked_again_and_dates_in_the_end(draft, keys, tmp_path):
    with a_time_authority(tmp_path, keys / "tsa.pem", refusals=2) as (url, asked):
        result = released(draft, keys, url)
    assert (result.code, len(asked)) == (0, 3), result.err
    given = {"trust": keys / "signing.crt", "time": keys / "root.pem"}
    assert verify_sh(draft, **given).returncode == 0


def test_an_authority_that_stays_down_is_named_and_the_bundle_waits_for_it(draft, keys, tmp_path):
    """What waits is the draft: its statement names the token, so nothing could be signed before there is one."""
    with a_time_authority(tmp_path, keys / "tsa.pem", refusals=9) as (url, asked):
        result = released(draft, keys, url)
        require_waiting(result, draft)
        assert (len(asked), "it answered 503" in result.err, url in result.err) == (3, True, True)
        assert "Run the same `promisekept release` again" in result.err
    require_waiting(released(draft, keys, url), draft)  # its port is closed now
    with a_time_authority(tmp_path, keys / "tsa.pem") as (url, _):
        assert released(draft, keys, url).code == 0


def test_an_authority_with_another_certificate_dates_nothing(draft, keys, tmp_path):
    stranger = a_certificate(tmp_path, "stranger", extensions=DATING)
    with a_time_authority(tmp_path, stranger) as (url, _):
        result = released(draft, keys, url)
    require_waiting(result, draft)
    assert "could not be dated by" in result.err


def test_an_expired_certificate_of_the_authority_dates_nothing(draft, keys, tmp_path):
    old = a_certificate(tmp_path, "old", keys / "root.pem", DATING, ("20200101000000Z", "20210101000000Z"))
    with a_time_authority(tmp_path, old) as (url, _):
        require_waiting(released(draft, keys, url), draft)


def test_an_answer_to_an_earlier_question_is_no_answer_to_this_one(keys, tmp_path, monkeypatch):
    """The same signature asked about twice: the imprint is the same, only the nonce tells a replay."""
    signature, first, second = (tmp_path / name for name in ("release-1.p7s", "first.tsr", "second.tsr"))
    signature.write_bytes(b"a signature")
    authority = keys / "tsa.pem"
    with a_time_authority(tmp_path, authority) as (url, _):
        stamp(signature, first, TimeAuthority(keys / "root.pem", url=url))
    assert timestamps.checked_time(first, signature, keys / "root.pem")
    with a_time_authority(tmp_path, authority, first.read_bytes()) as (url, _), pytest.raises(EvidenceError, match="nonce"):
        stamp(signature, second, TimeAuthority(keys / "root.pem", url=url))
    assert not second.exists()


@pytest.mark.parametrize(
    "answer", [b"", b"<html>sign in</html>", b"\x30\x03\x02\x01\x02"], ids=["nothing", "a page", "a refusal"]
)
def test_what_is_no_token_is_not_kept_as_one(draft, keys, tmp_path, answer):
    with a_time_authority(tmp_path, keys / "tsa.pem", answer) as (url, _):
        require_waiting(released(draft, keys, url), draft)


def test_the_token_of_one_release_does_not_date_another(draft, keys, tmp_path):
    """A replay by whoever packs the bundle, long after the authority answered."""
    other = shutil.copytree(draft, tmp_path / "other")
    with a_time_authority(tmp_path, keys / "tsa.pem") as (url, _):
        assert [released(one, keys, url).code for one in (draft, other)] == [0, 0]
    shutil.copy(draft / SIGNATURES / "release-1.tsr", other / SIGNATURES / "release-1.tsr")
    trust = ("--trust", keys / "signing.crt", "--time-trust", keys / "root.pem")
    assert promisekept("verify", other, *trust).code == 1
    assert verify_sh(other, trust=keys / "signing.crt", time=keys / "root.pem").returncode == 1
