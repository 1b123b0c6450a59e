"""The keys that release bundles: made closed, never replaced, and never taken from where the pipeline writes."""

from __future__ import annotations

import shutil
import stat

import pytest
from certificates import a_certificate, openssl
from ledger_proofs import a_bundle, a_ledger
from typer.testing import CliRunner

from promisekept.cli.app import app
from promisekept.config.loading import load_settings
from promisekept.errors import EvidenceError
from promisekept.evidence.release import release
from promisekept.evidence.signing.signing_keys import create_signing_keys, signing_key
from promisekept.evidence.signing.statement import Approvals
from promisekept.evidence.signing.timestamps import TimeAuthority

NAMES = ["signing.crt", "signing.pem", "time-authority.crt", "time-authority.pem"]
BY = ["--prepared-by", "Ann", "--approved-by", "Bo"]


@pytest.fixture
def bundle(tmp_path):
    a_ledger(tmp_path / "ledger", 1)
    return a_bundle(tmp_path / "ledger", tmp_path / "bundle", 1)


@pytest.fixture
def project(tmp_path):
    result = CliRunner().invoke(app, ["init", str(tmp_path / "project"), "--organisation", "Bäcker & Söhne/Ltd"])
    assert result.exit_code == 0, result.output
    return tmp_path / "project"


def command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_init_makes_them_readable_by_their_owner_alone_and_names_the_organisation(project):
    keys = project / "keys"
    assert sorted(path.name for path in keys.iterdir()) == ["pseudonym.key", *NAMES]
    assert {stat.S_IMODE((keys / name).stat().st_mode) for name in NAMES if name.endswith(".pem")} == {0o600}
    for name in ("signing", "time-authority"):
        subject = openssl("x509", "-in", keys / f"{name}.crt", "-noout", "-subject", "-nameopt", "RFC2253,utf8,-esc_msb")
        assert subject.strip().endswith("O=Bäcker & Söhne/Ltd")
        assert "PRIVATE KEY" not in (keys / f"{name}.crt").read_text()
    assert load_settings(project).keys.signing == str(keys / "signing.pem")


def test_a_project_that_was_just_made_can_release(project, bundle):
    result = command("release", bundle, *BY, "--config", project)
    assert result.exit_code == 0, result.output
    trust = ["--trust", project / "keys" / "signing.crt", "--time-trust", project / "keys" / "time-authority.crt"]
    checked = command("verify", bundle, *trust)
    assert checked.exit_code == 0, checked.output
    assert "prepared by Ann, reviewed by nobody, approved by Bo" in checked.output


def test_keys_are_never_replaced(tmp_path):
    assert command("keys", "signing", tmp_path / "keys", "--organisation", "X").exit_code == 0
    before = {name: (tmp_path / "keys" / name).read_bytes() for name in NAMES}
    result = command("keys", "signing", tmp_path / "keys", "--organisation", "X")
    assert "there is a key already" in str(result.exception)
    assert {name: (tmp_path / "keys" / name).read_bytes() for name in NAMES} == before


def test_a_long_or_odd_name_still_makes_keys(tmp_path):
    for place, name in enumerate(("a" * 300, "=+\\/", " ", "two\nlines", "Ω")):
        assert len(create_signing_keys(tmp_path / str(place), name)) == 4


def test_a_key_that_others_may_read_is_rejected(tmp_path):
    key = a_certificate(tmp_path, "open")
    key.chmod(0o640)
    with pytest.raises(EvidenceError, match=r"may be read by others \(mode 0640\).*\n.*chmod 600"):
        signing_key(str(key))


def test_a_key_without_its_certificate_or_no_key_at_all_is_named(tmp_path):
    key = a_certificate(tmp_path, "whole")
    bare = tmp_path / "bare.pem"
    bare.write_text(key.read_text().partition("-----BEGIN CERTIFICATE")[0])
    bare.chmod(0o600)
    with pytest.raises(EvidenceError, match="holds no certificate"):
        signing_key(str(bare))
    assert signing_key(str(bare), key).certificate == key
    with pytest.raises(EvidenceError, match=r"--key: there is no file .*absent"):
        signing_key(str(tmp_path / "absent"))


def test_a_key_in_a_token_is_named_by_its_address_and_needs_its_certificate(tmp_path):
    address = "pkcs11:token=Evidence;object=signing"
    with pytest.raises(EvidenceError, match="its certificate is not known"):
        signing_key(address)
    key = signing_key(address, a_certificate(tmp_path, "officer"))
    assert (key.key, key.providers) == (address, ("-provider", "pkcs11", "-provider", "default"))


def test_an_address_in_the_configuration_stays_one(project):
    text = (project / "promisekept.yml").read_text()
    (project / "promisekept.yml").write_text(text.replace("./keys/signing.pem", "pkcs11:object=signing"))
    assert load_settings(project).keys.signing == "pkcs11:object=signing"


def test_a_key_below_home_is_rejected(project, bundle):
    home = load_settings(project).home
    shutil.copytree(project / "keys", home / "keys")
    text = (project / "promisekept.yml").read_text()
    (project / "promisekept.yml").write_text(text.replace("./keys/signing.pem", "./.promisekept/keys/signing.pem"))
    result = command("release", bundle, *BY, "--config", project)
    assert "lies in this project, where the pipeline writes" in str(result.exception)
    assert not (bundle / "signatures").exists()


def test_another_key_than_its_certificate_signs_nothing(bundle, tmp_path):
    key, other = a_certificate(tmp_path, "key"), a_certificate(tmp_path, "other")
    create_signing_keys(tmp_path / "keys", "X")
    authority = tmp_path / "keys" / "time-authority.pem"
    with pytest.raises(EvidenceError, match="could not be signed"):
        release(bundle, Approvals("a", "b"), signing_key(str(key), other), TimeAuthority(authority, key_file=authority))
    assert not (bundle / "signatures").exists()


def test_what_a_release_needs_is_asked_for_by_name(bundle, tmp_path):
    key = a_certificate(tmp_path, "key")
    for arguments, says in (
        (["--config", tmp_path / "none.yml"], "--key: none was given"),
        (["--key", key], "--time-authority: there is no file"),
        (["--key", key, "--tsa-url", "https://tsa.example.org"], "--time-trust: nothing is no file"),
    ):
        assert says in str(command("release", bundle, *BY, *arguments).exception), says
    for arguments, says in (
        (["--trust", key], "only one of them was given"),
        (["--trust", tmp_path / "none.crt", "--time-trust", key], "--trust: there is no file"),
    ):
        assert says in str(command("verify", bundle, *arguments).exception), says
