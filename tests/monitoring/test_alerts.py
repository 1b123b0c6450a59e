"""Each change is reported once, through every channel, and no channel can fail a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from receivers import a_hook
from small_snapshots import a_candidate, a_verdict

from promisekept.monitoring.alert_state import FILE
from promisekept.monitoring.alerts import send_alerts
from promisekept.monitoring.run_status import Journal, LastRun, look_after, note_killed, read_last_run
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.store import SnapshotStore

MONDAY = datetime(2026, 9, 28, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHAT = {"name": "chat", "url_env": "HOOK_URL"}
OTHER = {"name": "other", "url_env": "OTHER_URL"}


@pytest.fixture
def hook(monkeypatch):
    with a_hook() as hook:
        monkeypatch.setenv("HOOK_URL", hook.url)
        yield hook


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("promisekept.monitoring.channels.PAUSES", ())
    monkeypatch.setattr("promisekept.monitoring.alerts.send", None)


def sending(channel, message):
    from promisekept.monitoring.channels import send

    return send(channel, message, ())


def look(desk, at, tick=None):
    return [(alert.kind, alert.subject, alert.was, alert.state) for alert in send_alerts(desk.settings, at, tick, sending)]


def test_a_source_that_is_stale_is_reported_once_and_again_when_it_is_back(desk, hook):
    desk.configure(webhooks=[CHAT])
    desk.delivers(MONDAY)
    due = MONDAY + DAY + 6 * HOUR
    assert look(desk, due) == []
    assert look(desk, due + timedelta(seconds=1)) == [("freshness", "helpdesk", "fresh", "stale")]
    assert look(desk, due + DAY) == []
    desk.delivers(due + DAY)
    assert look(desk, due + DAY) == [("freshness", "helpdesk", "stale", "fresh")]
    assert [alert["says"] for alert in hook.alerts] == [
        "A delivery of `helpdesk` was due by 2026-09-29 11:00 UTC.",
        "`helpdesk` delivers as expected.",
    ]


def test_a_source_that_never_came_is_reported(desk):
    assert look(desk, MONDAY) == [("freshness", "helpdesk", "", "stale")]


def test_a_control_that_turned_to_missed_is_reported_with_counts_and_no_other_turn_is(desk):
    desk.delivers(MONDAY)
    desk.publishes(MONDAY, ctl_a=("met", 0), ctl_b=("insufficient_evidence", 0))
    assert look(desk, MONDAY) == []
    desk.publishes(MONDAY + HOUR, ctl_a=("missed", 1234), ctl_b=("not_yet_due", 0))
    (alert,) = send_alerts(desk.settings, MONDAY + HOUR)
    assert alert.says == "Control ctl_a: missed, 1,234 single cases against it."
    assert look(desk, MONDAY + 2 * HOUR) == []
    desk.publishes(MONDAY + 2 * HOUR, ctl_a=("met_within_tolerance", 2), ctl_b=("not_yet_due", 0))
    assert look(desk, MONDAY + 2 * HOUR) == [("control", "ctl_a", "missed", "met_within_tolerance")]


def test_a_rejected_candidate_is_reported_once_and_when_one_passes_again(desk):
    desk.delivers(MONDAY)
    desk.publishes(MONDAY, ctl_a=("met", 0))
    candidate = a_candidate(desk.home, {"as_of": MONDAY + HOUR})
    SnapshotStore(desk.home).reject(a_verdict(candidate, passed=False), MONDAY + HOUR)
    (alert,) = send_alerts(desk.settings, MONDAY + HOUR)
    assert (alert.kind, alert.state) == ("publication", "refused")
    assert alert.says == "The publish gate rejected the run: 3 of 6 checks failed; the last good snapshot stays."
    assert look(desk, MONDAY + HOUR) == []
    desk.publishes(MONDAY + 2 * HOUR, ctl_a=("met", 0))
    assert look(desk, MONDAY + 2 * HOUR) == [("publication", "", "refused", "published")]


def test_a_file_that_is_rejected_is_reported_by_number_and_not_by_name(desk):
    desk.delivers(MONDAY)
    inbox = desk.world.folder / "inbox" / "requests"
    (inbox / "ann.example-of-dublin.jsonl").write_text('{"event_id": "e1", "salary": 1}\n')
    desk.world.land(MONDAY + HOUR)
    (alert,) = send_alerts(desk.settings, MONDAY + HOUR)
    assert (alert.kind, alert.says) == ("held_back", "Rejected as a whole: 1 file of `helpdesk`.")


def begin(home, at, kind="daily"):
    return Journal(home, LastRun("run-1", kind, at))


def test_a_run_that_failed_is_reported_by_stage_and_kind_of_error_and_never_by_message(desk):
    desk.delivers(MONDAY)
    journal = begin(desk.home, MONDAY)
    with pytest.raises(ValueError, match="ann"), journal.stage("transform"):
        raise ValueError("ann@example.org can't be read")
    journal.end("failed")
    (alert,) = send_alerts(desk.settings, MONDAY)
    assert alert.says == "The daily run failed in stage `transform` (ValueError)."
    assert "ann@" not in (desk.home / FILE).read_text() + (desk.home / "last_run.json").read_text()
    begin(desk.home, MONDAY + HOUR).end("published")
    assert look(desk, MONDAY + HOUR) == [("run", "", "failed", "ended")]


def test_a_run_that_is_under_way_is_not_taken_for_a_killed_one(desk):
    desk.delivers(MONDAY)
    with writer_lock(desk.home, 0, "a run"):
        begin(desk.home, MONDAY)
        assert look(desk, MONDAY) == []
    assert look(desk, MONDAY) == [("run", "", "", "killed")]
    assert read_last_run(desk.home).outcome == "killed"
    assert look(desk, MONDAY + HOUR) == []


def test_the_next_run_says_of_the_one_before_that_it_was_killed(desk):
    with writer_lock(desk.home, 0, "a run"):
        begin(desk.home, MONDAY)
        assert note_killed(desk.home).began == MONDAY
        assert note_killed(desk.home) is None
    assert look_after(desk.home).outcome == "killed"


def test_a_run_for_some_steps_only_leaves_what_was_known(desk):
    first = begin(desk.home, MONDAY).end("published")
    begin(desk.home, MONDAY + HOUR).end(None)
    assert read_last_run(desk.home) == first


def test_the_last_success_outlives_runs_that_fail(desk):
    first = begin(desk.home, MONDAY).end("published")
    begin(desk.home, MONDAY + HOUR).end("refused")
    assert read_last_run(desk.home).last_success == first.ended


def test_a_run_that_does_not_come_is_late_once(desk):
    desk.delivers(MONDAY)
    begin(desk.home, MONDAY).end("published")
    tick = MONDAY + DAY
    assert look(desk, MONDAY + HOUR) == []
    assert look(desk, tick + HOUR, tick) == [("punctuality", "", "", "late")]
    assert look(desk, tick + 2 * HOUR, tick) == []
    begin(desk.home, tick + 3 * HOUR).end("published")
    assert look(desk, tick + 3 * HOUR, tick) == [("punctuality", "", "late", "on_time")]


def test_a_run_that_takes_too_long_is_late(desk):
    desk.delivers(MONDAY)
    look(desk, MONDAY)
    with writer_lock(desk.home, 0, "a run"):
        begin(desk.home, MONDAY + HOUR)
        (alert,) = send_alerts(desk.settings, MONDAY + 4 * HOUR, MONDAY + HOUR)
    assert alert.says == "The daily run is still running 3 h after its time."


def test_a_tick_before_anybody_looked_makes_nothing_late(desk):
    desk.delivers(MONDAY)
    assert look(desk, MONDAY, MONDAY - HOUR) == []


def test_what_one_channel_can_not_send_waits_and_is_reported_through_the_other(desk, hook, monkeypatch):
    with a_hook() as gone:
        pass
    monkeypatch.setenv("OTHER_URL", gone.url)
    desk.configure(webhooks=[CHAT, OTHER])
    look(desk, MONDAY)
    assert [alert["kind"] for alert in hook.alerts] == ["freshness"]
    desk.delivers(MONDAY + HOUR)
    look(desk, MONDAY + HOUR)
    assert [alert["kind"] for alert in hook.alerts[1:]] == ["freshness", "channel"]
    assert hook.alerts[-1]["says"] == "The channel `other` has not been reached since 2026-09-28T05:00:00+00:00 (ConnectError)."
    with a_hook() as back:
        monkeypatch.setenv("OTHER_URL", back.url)
        look(desk, MONDAY + 2 * HOUR)
        assert [(alert["kind"], alert["state"]) for alert in back.alerts] == [
            ("freshness", "stale"),
            ("freshness", "fresh"),
            ("channel", "failing"),
        ]
        look(desk, MONDAY + 3 * HOUR)
        assert [(alert["kind"], alert["state"]) for alert in back.alerts[3:]] == [("channel", "working")]
    assert len({alert["id"] for alert in hook.alerts}) == len(hook.alerts) == 4


def test_a_queue_has_an_end_and_says_what_it_lost(desk, monkeypatch):
    monkeypatch.setattr("promisekept.monitoring.alerts.WAITING", 4)
    monkeypatch.delenv("HOOK_URL", raising=False)
    desk.configure(webhooks=[CHAT])
    for hour in range(7):
        begin(desk.home, MONDAY + hour * HOUR).end("failed" if hour % 2 else "published")
        look(desk, MONDAY + hour * HOUR)
    queue = json.loads((desk.home / FILE).read_text())["channels"]["chat"]
    assert (len(queue["pending"]), queue["error"]) == (4, "alerts.webhooks.chat.url can't be used")
    assert queue["dropped"] > 0
    with a_hook() as hook:
        monkeypatch.setenv("HOOK_URL", hook.url)
        look(desk, MONDAY + 200 * HOUR)
    assert json.loads(hook.bodies[0])["dropped"] >= queue["dropped"]
    assert "older alerts waited too long" in json.loads(hook.bodies[0])["text"]


def test_a_process_that_dies_while_it_sends_sends_again_with_the_same_id(desk, hook):
    desk.configure(webhooks=[CHAT])

    def die_afterwards(channel, message):
        assert sending(channel, message) == ""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_alerts(desk.settings, MONDAY, None, die_afterwards)
    assert look(desk, MONDAY + HOUR) == []
    first, again = hook.alerts
    assert first == again


def test_a_memory_that_can_not_be_read_reports_again_what_is_bad(desk):
    look(desk, MONDAY)
    (desk.home / FILE).write_text("{")
    assert look(desk, MONDAY + HOUR) == [("freshness", "helpdesk", "", "stale")]


def test_a_source_that_is_configured_no_more_is_forgotten(desk):
    look(desk, MONDAY)
    desk.world.configure()
    assert look(desk, MONDAY + HOUR) == []
    assert "freshness:helpdesk" not in json.loads((desk.home / FILE).read_text())["states"]


def test_a_stage_that_failed_makes_a_failed_run_though_a_snapshot_was_published_before(desk):
    journal = begin(desk.home, MONDAY)
    with pytest.raises(OSError), journal.stage("export"):
        raise OSError
    assert journal.end("published").outcome == "failed"


def test_a_stage_that_went_well_in_the_end_is_no_failure(desk):
    journal = begin(desk.home, MONDAY)
    with pytest.raises(OSError), journal.stage("land"):
        raise OSError
    with journal.stage("land"):
        pass
    assert journal.end("published").outcome == "published"


def test_a_ledger_that_can_not_be_trusted_hides_no_run_that_failed_and_forgets_nothing(desk):
    desk.delivers(MONDAY)
    look(desk, MONDAY + 2 * DAY)
    ledger = desk.home / "landing" / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b'"landed":1', b'"landed":2'))
    begin(desk.home, MONDAY + 2 * DAY).end("failed")
    assert look(desk, MONDAY + 2 * DAY) == [("run", "", "", "failed")]
    assert json.loads((desk.home / FILE).read_text())["states"]["freshness:helpdesk"] == ["stale", True]
