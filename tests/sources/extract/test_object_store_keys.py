"""Who is let into an S3-compatible store, and the errors for settings and credentials that do not fit."""

import logging

import pytest
from object_gateway import INSTALLED, KEY, SECRET, WHY_NOT, stored
from source_project import as_csv, received

from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError, LandingError

pytestmark = pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [("LOGS_SECRET", "another-secret-value", "SignatureDoesNotMatch"), ("LOGS_KEY", "ANOTHERKEYID", "InvalidAccessKeyId")],
)
def test_a_wrong_credential_is_said_at_once_without_the_secret(
    project, gateway, monkeypatch, caplog, capfd, variable, value, code
):
    monkeypatch.setenv(variable, value)
    stored(project, gateway)
    caplog.set_level(logging.DEBUG, logger="promisekept")
    with pytest.raises(LandingError) as refused:
        project.land()
    assert "sources.helpdesk.reader.path: s3://logs/in/* can't be listed" in str(refused.value)
    assert f"the store refuses these credentials ({code})" in str(refused.value)
    shown = str(refused.value) + caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in (SECRET, KEY, value) if secret in shown]
    assert "tried" not in str(refused.value)


def test_a_bucket_that_does_not_exist_is_no_empty_one(project, gateway):
    stored(project, gateway, path="s3://lgos/in/*")
    with pytest.raises(LandingError, match=r"there is no such bucket or object \(NoSuchBucket\)"):
        project.land()


def test_a_bucket_is_read_without_credentials_only_where_it_is_open(project, gateway):
    stored(project, gateway, store={"key_env": None, "secret_env": None, "anonymous": True})
    with pytest.raises(LandingError, match=r"refuses these credentials \(AccessDenied\)"):
        project.land()
    gateway.put("in/a.csv", as_csv([received()]).encode())
    gateway.client.call_s3("put_bucket_acl", Bucket="logs", ACL="public-read")
    gateway.client.call_s3("put_object_acl", Bucket="logs", Key="in/a.csv", ACL="public-read")
    try:
        assert project.land_one().counts["landed"] == 1
    finally:
        gateway.client.call_s3("put_bucket_acl", Bucket="logs", ACL="private")


def test_credentials_come_from_a_file_that_only_its_owner_reads(project, gateway):
    gateway.put("in/a.csv", as_csv([received()]).encode())
    file = project.folder / "store.ini"
    file.write_text(f"[reader]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    file.chmod(0o640)
    named = {"key_env": None, "secret_env": None, "credentials_file": "store.ini", "profile": "reader"}
    stored(project, gateway, store=named)
    with pytest.raises(LandingError, match=r"store\.ini may be read by others \(mode 0640\)"):
        project.land()
    file.chmod(0o600)
    assert project.land_one().counts["landed"] == 1
    stored(project, gateway, store=named | {"profile": "writer"})
    with pytest.raises(LandingError, match=r"holds no key under \[writer\]"):
        project.land()


def test_a_variable_that_is_not_set_is_named_by_its_key(project, gateway, monkeypatch):
    monkeypatch.delenv("LOGS_SECRET")
    stored(project, gateway)
    with pytest.raises(LandingError, match=r"reader\.store\.secret_env: the environment variable LOGS_SECRET is not set"):
        project.land()


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({"secret": "s3cr3t-value"}, "store.secret: unknown key"),
        ({"endpoint_url": "https://me:s3cr3t-value@store.example"}, "store.endpoint_url"),
        ({"anonymous": True}, "credentials come from one place"),
        ({"secret_env": None}, "`key_env` and `secret_env` go together"),
    ],
)
def test_a_store_that_is_described_wrongly_is_rejected_without_showing_a_secret(project, gateway, store, message):
    with pytest.raises(ConfigError) as refused:
        assert stored(project, gateway, store=store).settings
    assert message in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_only_a_path_of_s3_has_a_store(project, gateway):
    with pytest.raises(ConfigError, match="`store` is for paths that begin with s3://"):
        assert stored(project, gateway, path="in/*").settings


def test_the_settings_are_read_from_the_file_as_they_are_written(project, gateway):
    store = stored(project, gateway).settings.source("helpdesk").reader.store
    assert store is not None
    assert (store.endpoint_url, store.retries, store.timeouts.connect.seconds) == (gateway.url, 5, 2)
    assert SECRET not in load_settings(project.folder).model_dump_json()
