"""Webhooks and mail, over sockets: what arrives, what is tried again, and what never leaves."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time

import pytest
from receivers import a_hook, a_mail_server, an_authority_and_a_certificate

from promisekept.config.alerts import Alerts, Email, Webhook
from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError
from promisekept.monitoring.alert_state import Alert
from promisekept.monitoring.channels import SIGNATURE, Message, send

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the library looks for STARTTLS alone
SOON = (0.01, 0.01)
AT = "2026-09-28T05:00:00+00:00"
STALE = Alert("a1", "freshness", "helpdesk", "stale", "fresh", AT, is_bad=True, says="A delivery of `helpdesk` was due.")
OVER = Alert("a2", "run", "", "ended", "failed", AT, is_bad=False, says="The last run came to its end.")
MESSAGE = Message("Example Ltd", (STALE, OVER), 0, "https://privacy.example.org", AT)


@pytest.fixture
def chat(monkeypatch) -> Webhook:
    def at(url: str, **keys) -> Webhook:
        monkeypatch.setenv("HOOK_URL", url)
        return Webhook(name="chat", url_env="HOOK_URL", **keys)

    return at


def test_a_webhook_gets_every_alert_with_its_id_and_a_text_for_people(chat):
    with a_hook() as hook:
        assert send(chat(hook.url), MESSAGE, SOON) == ""
    (body,) = map(json.loads, hook.bodies)
    assert [(alert["id"], alert["state"], alert["is_bad"]) for alert in body["alerts"]] == [
        ("a1", "stale", True),
        ("a2", "ended", False),
    ]
    assert body["text"].startswith("promisekept, Example Ltd: 1 alert, 1 over\n")
    assert "https://privacy.example.org" in body["text"]
    assert SIGNATURE not in hook.headers[0]


def test_a_message_is_signed_by_a_secret_from_a_file(chat, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("between us\n")
    secret.chmod(0o600)
    with a_hook() as hook:
        assert send(chat(hook.url, secret_file=secret), MESSAGE, SOON) == ""
    expected = hmac.new(b"between us", hook.bodies[0], hashlib.sha256).hexdigest()
    assert hook.headers[0][SIGNATURE] == f"sha256={expected}"


@pytest.mark.parametrize("answers", [[503], [429, 500], [0, 0]], ids=str)
def test_what_may_pass_is_tried_again(chat, answers):
    with a_hook() as hook:
        hook.answers = list(answers)
        assert send(chat(hook.url), MESSAGE, SOON) == ""
    assert len(hook.bodies) == 1


@pytest.mark.parametrize(
    ("answers", "error", "left"), [([500] * 4, "HTTP 500", 1), ([404] * 4, "HTTP 404", 3), ([302] * 4, "HTTP 302", 3)]
)
def test_what_does_not_pass_is_said_by_its_kind_and_tried_only_where_that_helps(chat, answers, error, left):
    with a_hook() as hook:
        hook.answers = list(answers)
        assert send(chat(hook.url), MESSAGE, SOON) == error
        assert len(hook.answers) == left


def test_a_server_that_answers_too_late_is_left(chat, monkeypatch):
    monkeypatch.setattr("promisekept.monitoring.channels.TIMEOUT_SECONDS", 0.1)
    with a_hook() as hook:
        hook.seconds = 0.5
        began = time.monotonic()
        assert send(chat(hook.url), MESSAGE, (0.01,)) == "ReadTimeout"
        assert time.monotonic() - began < 2


def test_an_address_stands_in_no_log_and_no_error(chat, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    with a_hook() as hook:
        send(chat(hook.url), MESSAGE, SOON)
        hook.answers = [404]
        problem = send(chat(hook.url), MESSAGE, SOON)
    unreachable = send(chat(hook.url), MESSAGE, ())
    everything = "\n".join(
        [problem, unreachable, *(record.getMessage() for record in caplog.records if record.name.startswith("httpx"))]
    )
    assert unreachable == "ConnectError"
    assert "secret-part" not in everything


@pytest.mark.parametrize("url", ["http://hooks.example.org/x", "ftp://127.0.0.1/x", "nonsense"])
def test_an_address_that_would_be_spoken_to_in_the_clear_is_not_used(chat, url):
    assert send(chat(url), MESSAGE, SOON) == "alerts.webhooks.chat.url can't be used"


def test_a_secret_that_others_may_read_or_that_is_not_set_is_not_used(chat, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("between us")
    secret.chmod(0o644)
    assert send(chat("https://hooks.example.org", secret_file=secret), MESSAGE) == "alerts.webhooks.chat.secret can't be used"
    monkeypatch.delenv("HOOK_URL")
    assert send(Webhook(name="chat", url_env="HOOK_URL"), MESSAGE) == "alerts.webhooks.chat.url can't be used"


@pytest.fixture
def secured(tmp_path):
    return an_authority_and_a_certificate(tmp_path)


def office(port: int, **keys) -> Email:
    return Email(
        name="office", host="127.0.0.1", port=port, sender="robot@example.org", to=("dpo@example.org", "it@example.org"), **keys
    )


@pytest.mark.parametrize("smtps", [False, True], ids=["starttls", "smtps"])
def test_people_get_mail_over_tls_from_who_signed_in(secured, monkeypatch, smtps):
    authority, certificate = secured
    monkeypatch.setenv("MAIL_USER", "robot")
    monkeypatch.setenv("MAIL_PASSWORD", "open sesame")
    signed_in = {"user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD", "ca_file": authority, "smtps": smtps}
    with a_mail_server(certificate, "open sesame", smtps=smtps) as post:
        assert send(office(post.port, **signed_in), MESSAGE, SOON) == ""
        monkeypatch.setenv("MAIL_PASSWORD", "guess")
        assert send(office(post.port, **signed_in), MESSAGE, SOON) == "SMTP 535"
    (mail,) = post.mails
    assert (post.users, post.to) == (["robot"], [["dpo@example.org", "it@example.org"]])
    assert mail["Subject"] == "promisekept, Example Ltd: 1 alert, 1 over"
    assert STALE.says in mail.get_payload()


def test_a_name_and_a_password_from_files_of_their_owner_sign_in_by_smtps(secured, tmp_path):
    authority, certificate = secured
    named = {}
    for what, value in (("user", "robot"), ("password", "open sesame")):
        named[f"{what}_file"] = tmp_path / what
        named[f"{what}_file"].write_text(f"{value}\n")
        named[f"{what}_file"].chmod(0o600)
    channel = office(1, ca_file=authority, smtps=True, **named)
    with a_mail_server(certificate, "open sesame", smtps=True) as post:
        assert send(channel.model_copy(update={"port": post.port}), MESSAGE, SOON) == ""
        named["password_file"].chmod(0o644)
        assert send(channel, MESSAGE, SOON) == "alerts.emails.office.password can't be used"
    assert (post.users, len(post.mails)) == (["robot"], 1)


@pytest.mark.parametrize("smtps", [False, True], ids=["starttls", "smtps"])
def test_a_server_that_nobody_vouches_for_gets_no_mail(secured, smtps):
    _, certificate = secured
    with a_mail_server(certificate, smtps=smtps) as post:
        assert send(office(post.port, smtps=smtps), MESSAGE, SOON) == "SSLCertVerificationError"
    assert not post.mails


def test_a_server_that_begins_in_the_clear_gets_no_mail_by_smtps(secured, monkeypatch):
    """Nothing is sent before the connection is encrypted, so no name and no password either."""
    authority, certificate = secured
    monkeypatch.setenv("MAIL_USER", "robot")
    monkeypatch.setenv("MAIL_PASSWORD", "open sesame")
    signed_in = {"user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD", "ca_file": authority, "smtps": True}
    with a_mail_server(certificate, "open sesame") as post:
        assert send(office(post.port, **signed_in), MESSAGE, ()) == "SSLError"
    assert not post.mails and not post.users


def test_mail_by_smtps_goes_to_the_port_that_is_kept_for_it():
    address = {"name": "office", "host": "h", "sender": "s", "to": ("t",)}
    assert [Email(**address).port, Email(**address, smtps=True).port, Email(**address, smtps=True, port=2465).port] == [
        587,
        465,
        2465,
    ]


def test_a_server_without_tls_gets_no_mail_unless_it_is_said():
    with a_mail_server() as post:
        assert send(office(post.port), MESSAGE, SOON) == "SMTPNotSupportedError"
        assert send(office(post.port, starttls=False), MESSAGE, SOON) == ""
    assert len(post.mails) == 1


def test_a_busy_mail_server_is_asked_again_and_one_that_refuses_is_not():
    with a_mail_server() as post:
        post.answers = ["451 later", "250 taken"]
        assert send(office(post.port, starttls=False), MESSAGE, SOON) == ""
        post.answers = ["554 never", "250 taken"]
        assert send(office(post.port, starttls=False), MESSAGE, SOON) == "SMTP 554"
    assert len(post.mails) == 1


def test_a_name_with_a_line_break_adds_no_header():
    with a_mail_server() as post:
        message = Message("Example\nBcc: all@example.org", (STALE,), 0, None, AT)
        assert send(office(post.port, starttls=False), message, SOON) == ""
    assert (post.mails[0]["Bcc"], post.to[0]) == (None, ["dpo@example.org", "it@example.org"])


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ({"webhooks": [{"name": "chat"}]}, "url_env"),
        ({"webhooks": [{"name": "chat", "url_env": "A", "url_file": "b"}]}, "both were given"),
        ({"webhooks": [{"name": "chat", "url": "https://x.example.org/secret"}]}, "unknown key"),
        ({"emails": [{"name": "o", "host": "h", "sender": "s", "to": ["t"], "user_env": "U"}]}, "a user needs a password"),
        (
            {
                "emails": [
                    {
                        "name": "o",
                        "host": "h",
                        "sender": "s",
                        "to": ["t"],
                        "user_env": "U",
                        "password_env": "P",
                        "starttls": False,
                    }
                ]
            },
            "never sent in the clear",
        ),
        ({"emails": [{"name": "o", "host": "h", "sender": "s", "to": ["t"], "smtps": True, "starttls": True}]}, "one of them"),
        ({"webhooks": [{"name": "a", "url_env": "A"}, {"name": "a", "url_env": "B"}]}, "named twice"),
        ({"link": "privacy.example.org"}, "no address of a dashboard"),
    ],
)
def test_a_channel_that_can_not_work_is_rejected_with_its_key(desk, alerts, expected):
    desk.configure(**alerts)
    with pytest.raises(ConfigError, match="alerts") as refused:
        load_settings(desk.world.folder)
    assert expected in str(refused.value)


def test_a_file_of_a_secret_is_read_from_the_folder_of_the_configuration(desk):
    desk.configure(webhooks=[{"name": "chat", "url_file": "hook.url"}])
    (channel,) = load_settings(desk.world.folder).alerts.channels
    assert channel.url_file == desk.world.folder / "hook.url"


def test_nobody_is_notified_by_default():
    assert Alerts().channels == ()
