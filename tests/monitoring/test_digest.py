"""The digest: what it counts, what it never holds, and that each person gets each period once, over real sockets."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command import promisekept
from published_demo import copy_published_demo
from receivers import a_hook, a_mail_server

from promisekept.config.alerts import Alerts, Email, Webhook
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.errors import PromisekeptError
from promisekept.monitoring import subscriptions
from promisekept.monitoring.digest import build_digest, last_window
from promisekept.monitoring.digests import send_digests
from promisekept.monitoring.subscriptions import Subscription
from promisekept.publishing.reader import open_current, open_hardened

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the library looks for STARTTLS alone
SOON = (0.01, 0.01)
SUNDAY = datetime(2026, 9, 27, 12, tzinfo=UTC)
"""Within the week that is over when the demo's snapshot, as of 30 September, is published."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_published_demo(tmp_path_factory.mktemp("digest") / "larkfield", tmp_path_factory)


def project(demo: Path, **alerts: Any) -> Settings:
    settings = load_settings(demo / "promisekept.yml")
    (settings.home / subscriptions.FILE).unlink(missing_ok=True)
    return settings.model_copy(update={"alerts": Alerts(link="https://privacy.example.org", **alerts)})


@pytest.mark.parametrize(
    ("every", "today", "code", "label"),
    [
        ("weekly", date(2026, 9, 28), "2026-W39", "week to 27 Sep 2026"),  # a Monday
        ("weekly", date(2026, 10, 4), "2026-W39", "week to 27 Sep 2026"),  # the Sunday after it
        ("weekly", date(2027, 1, 4), "2026-W53", "week to 3 Jan 2027"),
        ("monthly", date(2027, 1, 1), "2026-12", "December 2026"),
    ],
)
def test_the_window_is_the_last_week_or_month_that_is_over(every, today, code, label):
    found = last_window(every, today)
    assert (found.code, found.label, found.end <= today) == (code, label, True)


def test_it_counts_what_the_marts_hold_and_holds_no_pseudonym(demo: Path):
    with open_current(demo / ".promisekept") as reader:
        digest = build_digest(reader, None, last_window("weekly", date(2026, 9, 30)), None, SUNDAY.isoformat())
        cursor = reader.cursor()
        overdue = cursor.execute("select count(*) from marts.fct_requests where status = 'open_overdue'").fetchall()[0][0]
        late = cursor.execute("select count(*) from marts.fct_remediations where state = 'overdue'").fetchall()[0][0]
        keys = cursor.execute(
            "select subject_key from marts.fct_requests where subject_key is not null union select decided_by from"
            " marts.fct_remediations where decided_by is not null"
        ).fetchall()
        same = build_digest(reader, reader, last_window("weekly", date(2026, 9, 30)), None, SUNDAY.isoformat())
    assert digest.subject == (f"Privacy promises, week to 27 Sep 2026: {overdue} requests overdue, {late} remediations overdue")
    assert same.subject == digest.subject  # compared with itself, no verdict changed
    assert not any(key in digest.text or key in digest.html for (key,) in keys)
    for section in digest.sections:
        assert section.lines
        for line in section.lines:
            assert line.what in digest.text
    cells = re.sub(r"<[^>]+>", "\n", digest.html)
    assert all(figure.at in cells for figure in digest.figures)
    assert "http" not in digest.html  # nothing is fetched
    quiet = replace(digest, subject="nothing to report", sections=())
    assert quiet.text.count("\n") > 3


def test_a_changed_verdict_stands_in_the_subject_with_its_reason(demo: Path, tmp_path: Path):
    with open_current(demo / ".promisekept") as reader:
        file = tmp_path / "snapshot.duckdb"
        shutil.copyfile(reader.folder / "snapshot.duckdb", file)
        file.chmod(0o644)
        with duckdb.connect(str(file)) as connection:
            for mart in ("fct_control_status", "fct_control_results"):
                connection.execute(f"update marts.{mart} set status = 'met' where clause_id = 'POL-2' and status = 'missed'")
        before = replace(reader, id="0000-abcdef", connection=open_hardened(file))
        digest = build_digest(reader, before, last_window("weekly", date(2026, 9, 30)), None, SUNDAY.isoformat())
        before.connection.close()
    assert digest.subject.endswith("remediations overdue, 1 verdict changed")
    (section,) = [one for one in digest.sections if one.title == "What changed since snapshot 0000-abcdef"]
    assert [(one.what, one.at) for one in section.lines] == [("POL-2: Kept → Missed", "Newly missed")]
    assert section.lines[0].more in digest.text


def test_each_line_leads_to_its_page_and_new_and_resolved_groups_are_named(demo: Path, tmp_path: Path):
    with open_current(demo / ".promisekept") as reader:
        file = tmp_path / "snapshot.duckdb"
        shutil.copyfile(reader.folder / "snapshot.duckdb", file)
        file.chmod(0o644)
        with duckdb.connect(str(file)) as connection:
            ((new, word),) = connection.execute(
                "select group_key, word from marts.fct_remediations where is_open order by group_key limit 1"
            ).fetchall()
            resolved = connection.execute(
                "update marts.fct_remediations set state = 'unassigned', word = coalesce(word, 'gone') where state = 'resolved'"
                " returning group_key, word"
            ).fetchall()
            connection.execute("delete from marts.fct_remediations where group_key = $1", [new])
        before = replace(reader, id="0000-abcdef", connection=open_hardened(file))
        address = "https://privacy.example.org"
        digest = build_digest(reader, before, last_window("weekly", date(2026, 9, 30)), f"{address}/", SUNDAY.isoformat())
        before.connection.close()
    (section,) = [one for one in digest.sections if one.title == "What changed since snapshot 0000-abcdef"]
    expected = {(f"/findings?group={new}", "New", "Assign")}
    expected |= {(f"/findings?group={key}", "Resolved", "Open") for key, _ in resolved}
    assert resolved
    assert {(line.path, line.at, line.verb) for line in section.lines} == expected
    assert all(any(each in line.what for line in section.lines) for each in (word, *(each for _, each in resolved)))
    rows = [line for section in digest.sections for line in section.lines]
    assert all(f"{address}{line.path}" in digest.text for line in rows)
    assert all(f'<a href="{address}{html.escape(line.path)}">{line.verb}</a>' in digest.html for line in rows)


def test_each_person_gets_each_period_once_by_mail_with_text_and_html(demo: Path):
    with a_mail_server() as post:
        office = Email(
            name="office", host="127.0.0.1", port=post.port, starttls=False, sender="p@example.org", to=("o@example.org",)
        )
        settings = project(demo, emails=(office,))
        subscriptions.subscribe(settings.home, Subscription("ann@example.org", "weekly", "office", "ann@example.org", "2026-W37"))
        subscriptions.subscribe(settings.home, Subscription("team", "monthly", "office", "", "2026-07"))
        at = datetime(2026, 9, 29, 8, tzinfo=UTC)
        assert [(one.person, one.window, one.error) for one in send_digests(settings, at, SOON)] == [
            ("ann@example.org", "2026-W39", ""),
            ("team", "2026-08", ""),
        ]
        assert send_digests(settings, at, SOON) == ()
        september = send_digests(settings, at + timedelta(days=5), SOON)  # the same week is still the last one
        assert [(one.person, one.window) for one in september] == [("team", "2026-09")]
        assert send_digests(settings, at + timedelta(days=7), SOON) == ()  # the snapshot does not reach the end of the next
    assert [mail["To"] for mail in post.mails] == ["ann@example.org", "o@example.org", "o@example.org"]
    assert [part.get_content_type() for part in post.mails[0].walk()][1:] == ["text/plain", "text/html"]
    assert post.mails[0]["Subject"].startswith("Privacy promises, week to 27 Sep 2026: ")
    assert {one.person: one.sent for one in subscriptions.read(settings.home)} == {
        "ann@example.org": "2026-W39",
        "team": "2026-09",
    }


def test_what_a_channel_did_not_take_is_sent_again_with_the_same_body(demo: Path, monkeypatch: pytest.MonkeyPatch):
    at = datetime(2026, 9, 29, 8, tzinfo=UTC)
    with a_hook() as hook:
        monkeypatch.setenv("HOOK_URL", hook.url)
        settings = project(demo, webhooks=(Webhook(name="chat", url_env="HOOK_URL"),))
        subscriptions.subscribe(settings.home, Subscription("ann", "weekly", "chat"))
        subscriptions.subscribe(settings.home, Subscription("bob", "weekly", "gone"))
        hook.answers = [503, 503, 503]
        assert [(one.person, one.error) for one in send_digests(settings, at, SOON)] == [
            ("ann", "HTTP 503"),
            ("bob", "no channel gone"),
        ]
        assert hook.bodies == []
        assert [one.error for one in send_digests(settings, at + timedelta(hours=1), SOON)] == ["", "no channel gone"]
        subscriptions.subscribe(settings.home, Subscription("ann", "weekly", "chat"))  # as if it had died before it wrote
        send_digests(settings, at + timedelta(hours=2), SOON)
    first, second = hook.bodies
    assert first == second
    assert (json.loads(first)["kind"], json.loads(first)["window"]) == ("digest", "2026-W39")


def test_a_subscription_can_be_ended_and_a_broken_file_says_how_to_go_on(demo: Path):
    settings = project(demo)
    subscriptions.subscribe(settings.home, Subscription("ann", "weekly", "office"))
    subscriptions.subscribe(settings.home, Subscription("ann", "monthly", "office"))
    assert [(one.person, one.every) for one in subscriptions.read(settings.home)] == [("ann", "monthly")]
    subscriptions.unsubscribe(settings.home, "ann")
    assert subscriptions.read(settings.home) == []
    (settings.home / subscriptions.FILE).write_text('{"version": 1, "subscriptions": [{"nobody": 1}]}')
    with pytest.raises(PromisekeptError, match="subscribes again"):
        subscriptions.read(settings.home)
    (settings.home / subscriptions.FILE).unlink()


def test_a_dry_run_shows_it_and_sends_nothing(demo: Path):
    shown = promisekept("digest", "--config", demo, "--dry-run", "--every", "monthly")
    assert shown.code == 0, shown.err
    assert shown.out.startswith("Privacy promises, ")
    assert "Promises kept" in shown.out
    wrong = promisekept("digest", "--config", demo, "--dry-run", "--every", "daily")
    assert (wrong.code, "weekly, monthly" in wrong.err) == (2, True)
    assert "Nobody waits for a digest." in promisekept("digest", "--config", demo).out
