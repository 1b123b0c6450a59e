"""Our own retention: what is over and old is purged whole, what still binds stays, and no published figure changes unseen.

The story of an organisation with all ten logs, of which everything landed in May 2026: a run in January 2027, at whose end
what is older than six months is purged, and the one on the day after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest
from all_logs import LOGS, history, source, world_of_all_logs
from published import run
from world import World

from promisekept.evidence.metadata import purged_rows
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_snapshot
from promisekept.publishing.store import Snapshot
from promisekept.retention.landed_rows import LIVES
from promisekept.retention.purge_log import purges
from promisekept.sources.contract import contract
from promisekept.sources.landing.quarantine import show_rejects
from promisekept.sources.zone.batches import CLEARED, RETIRED, Zone, scan
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

REFUSED = {
    "event_type": "received", "event_id": "bad", "occurred_at": "2026-01-20T10:00:00Z", "request_id": "req-bad",
    "right_type": "telepathy", "subject_ref": "jane@example.org", "jurisdiction": "IE", "channel": "email",
}  # fmt: skip
TOLD_AND_CLOSED = [
    {"event_id": f"told-{kind}", "event_type": kind, "occurred_at": f"2026-01-{day}T10:00:00Z", "incident_id": "told"}
    | ({"incident_type": "disclosure", "jurisdiction": "IE", "affected_subjects": 2} if kind == "detected" else {})
    for kind, day in (("detected", 12), ("authority_notified", 13), ("closed", 14))
]
STILL_SHARED = {
    "event_id": "december", "occurred_at": "2026-12-20T10:00:00Z", "subject_ref": "person0@example.org",
    "recipient_id": "cloudhost", "reason_code": "provide_service", "purpose_code": "service_delivery",
    "data_categories": ["contact_details"], "consideration": "none", "record_count": 1,
}  # fmt: skip
MARTS = {
    "requests": ("fct_requests", "namespace || request_id"),
    "retention": ("fct_records", "record_key"),
    "incidents": ("fct_incidents", "incident_key"),
    "disclosures": ("fct_disclosures", "event_id"),
}
IS_OVER = {
    "requests": "left_date is not null"
    " or right_type in ('access', 'rectification', 'automated_decision') and closed_at is not null",
    "retention": "status in ('deleted_early', 'deleted_late', 'deleted_on_time', 'unscheduled') and not is_alive and not on_hold",
    "incidents": "closed_at is not null and status <> 'open_overdue'",
    "disclosures": "event_id <> 'december'",
}


@dataclass
class Told:
    """The organisation after both runs."""

    world: World
    second: Snapshot
    third: Snapshot
    sentences: list[str]

    @property
    def home(self):
        return self.world.settings.home

    @property
    def line(self):
        (line,) = Ledger.open(self.home).lines(RETIRED)
        return line

    def ask(self, snapshot: Snapshot, query: str) -> list[tuple[Any, ...]]:
        with open_snapshot(self.home, snapshot.id) as reader:
            return reader.cursor().execute(query).fetchall()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    world = world_of_all_logs(tmp_path_factory.mktemp("own-retention"))
    rows = history(7)
    for log in LOGS:
        told_of = [{name: value for name, value in row.items() if name != "log"} for row in rows if row["log"] == log]
        world.deliver([*told_of, *{"requests": [REFUSED], "incidents": TOLD_AND_CLOSED}.get(log, [])], inbox=log)
    sentences: list[str] = []
    world.land(world.instant("2026-05-01"))
    world.configure(*map(source, LOGS), retention={"landing": "P6M", "quarantine": "P90D"})
    world.deliver([STILL_SHARED], inbox="disclosures")
    second = run(world, "2027-01-10", sentences)
    third = run(world, "2027-01-11", sentences)
    return Told(world, second, third, sentences)


def test_what_fell_out_is_over_and_what_still_binds_is_all_there(story):
    gone = {
        log: {key for (key,) in story.ask(story.second, f"select {key} from marts.{mart}")}
        - {key for (key,) in story.ask(story.third, f"select {key} from marts.{mart}")}
        for log, (mart, key) in MARTS.items()
    }
    over = {
        log: {key for (key,) in story.ask(story.second, f"select {key} from marts.{mart} where {IS_OVER[log]}")}
        for log, (mart, key) in MARTS.items()
    }
    assert all(gone.values())
    assert gone == over
    kept = {log: story.ask(story.third, f"select count(*) from marts.{mart}")[0][0] for log, (mart, _) in MARTS.items()}
    assert all(kept.values())


def test_every_figure_of_retained_rows_is_unchanged(story):
    for log in ("requests", "consents", "retention", "incidents"):
        life = ", ".join(LIVES[log])
        landed = Zone(story.home, Ledger.open(story.home)).stored(log)
        with duckdb.connect() as connection:
            now = scan(landed, contract()[log])
            rows = connection.execute(f"select count(*), count(distinct ({life})) from ({now})").fetchall()[0]
        before = sum(batch.rows for batch in Zone(story.home, Ledger.open(story.home)).active(log))
        assert rows[0] == before - story.line.body["rows"].get(log, 0)


def test_published_figures_of_whole_periods_stay_and_those_of_the_others_are_gone_with_their_cause(story):
    kept_from = date.fromisoformat(story.line.body["kept_from"])
    assert date(2026, 1, 31) < kept_from < date(2026, 6, 1)
    rows = story.ask(
        story.third,
        f"select change, causes, period_start < date '{kept_from}', versions from history.fct_restatements"
        f" where snapshot = '{story.third.id}'",
    )
    assert {(change, tuple(causes)) for change, causes, was_cut, _ in rows if was_cut} == {("gone", ("retired",))}
    assert {tuple(causes) for _, causes, was_cut, _ in rows if not was_cut} <= {("retired",)}
    assert {tuple(versions) for *_, versions in rows} == {(f"logs kept from the beginning -> {kept_from}",)}
    assert story.ask(story.third, f"select count(*) from marts.fct_metrics where period_start < date '{kept_from}'") == [(0,)]
    as_published = story.ask(
        story.third,
        "select count(*) from history.figures_as_published where period_start = date '2026-01-01' and not is_gone",
    )
    assert as_published[0][0] > 0


def test_the_ledger_says_which_files_why_and_how_much_and_the_run_says_so(story):
    body = story.line.body
    assert (body["rule"], body["period"], body["before"][:10]) == ("retention.landing", "P6M", "2026-06-30")
    assert all(len(entry["sha256"]) == 64 and not (story.home / "landing" / entry["file"]).exists() for entry in body["files"])
    assert body["rows"].keys() == {entry["log"] for entry in body["files"]}
    assert "subject_links" not in body["rows"]
    assert "policies" not in body["rows"]
    assert any("figures are whole from" in sentence and "P6M" in sentence for sentence in story.sentences)
    assert "1 rejected rows were purged after P90D; their reasons stay" in story.sentences
    assert fsck(story.home) == []


def test_a_rejected_row_still_counts_after_its_values_are_purged(story):
    ledger = Ledger.open(story.home)
    (line,) = ledger.lines(CLEARED)
    (entry,) = line.body["files"]
    (row,) = show_rejects(story.world.settings, ledger, entry["batch_id"])
    assert (row["reason"], row["column_name"], row["request_id"], row["event_type"]) == (
        "unknown_code", "right_type", "req-bad", "received",
    )  # fmt: skip
    assert (row["value"], row["subject_key"]) == (None, None)
    assert "telepathy" not in str(row)
    assert "jane" not in str(row)
    assert story.ask(story.third, "select sum(rows) from marts.audit_quarantine") == [(1,)]


def test_a_bundle_lists_what_was_purged(story):
    (landed_rows, reject_values) = purged_rows(Ledger.open(story.home), counted=True)
    assert landed_rows["ledger_line"] == story.line.seq
    assert landed_rows["rows"] == story.line.body["rows"]
    assert landed_rows["figures_left_out"] == f"of periods that began before {story.line.body['kept_from']}"
    assert (reject_values["what"], reject_values["rows"]) == ("values of rejected rows", 1)
    assert all("rows" not in entry for entry in purged_rows(Ledger.open(story.home), counted=False))


def test_users_see_what_was_purged_and_which_figures_still_count_it(story):
    """The second run publishes before it lets go, so its figures count what the third one's do not."""
    of_second, of_third = (purges(story.home, snapshot.id) for snapshot in (story.second, story.third))
    assert [(act.what, act.number, act.period) for act in of_third] == [
        ("landed_rows", sum(story.line.body["rows"].values()), "P6M"),
        ("refused_rows", 1, "P90D"),
    ]
    assert dict(of_third[0].by_log) == story.line.body["rows"]
    assert str(of_third[0].kept_from) == story.line.body["kept_from"]
    assert [[act.is_counted for act in acts] for acts in (of_second, of_third)] == [[True, None], [False, None]]


def test_nothing_more_falls_out_within_the_month(story):
    assert len(list(Ledger.open(story.home).lines(RETIRED))) == 1
