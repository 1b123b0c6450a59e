"""Fault 17: clock skew / DST / leap second / year 2038, 1970, future events: order follows sequence numbers, instants are UTC.

Fault 18: clock jumps back between runs: sequences and checkpoints only grow, and a token older than its bundle is an alarm.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from aftermath import require_balance, require_sound
from command import promisekept
from ledger_proofs import a_bundle
from source_project import Project, answered, received

from promisekept.evidence.bagit import close_bag, read_info
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.sources.landing.land import land

CLOCKS = [
    datetime(2026, 7, 1, 6, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 7, 2, 6, tzinfo=UTC),
]


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def landed_at(project, now, name, rows):
    project.file(name, rows)
    (landed,) = land(project.settings, project.ledger, now)
    return landed


def test_18_whatever_the_clock_says_sequences_and_checkpoints_only_grow(project):
    checkpoints = []
    for number, now in enumerate(CLOCKS):
        landed_at(project, now, f"{number}.csv", [answered(event_id=f"e{number}")])
        ledger = project.ledger
        checkpoints.append((ledger.seq, ledger.merkle_root))
    assert [size for size, _ in checkpoints] == list(range(1, len(CLOCKS) + 1))
    assert [line.seq for line in project.ledger.lines()] == list(range(1, len(CLOCKS) + 1))
    assert all(project.ledger.extends(size, root) for size, root in checkpoints)
    require_sound(project.settings.home, allowed=())


@pytest.mark.parametrize(("known_at", "alarmed"), [("2038-01-19T03:14:08+00:00", True), ("2026-07-01T06:00:00+00:00", False)])
def test_18_a_token_dated_before_the_data_of_its_bundle_is_an_alarm(project, tmp_path, known_at, alarmed):
    """The run's clock had been ahead when rows landed, and was put right before the bundle was released."""
    landed_at(project, CLOCKS[0], "a.csv", [answered()])
    draft = a_bundle(project.settings.home, tmp_path / "0001-abcdef.2026-Q3.auditor", 1)
    close_bag(draft, read_info(draft) | {"Known-At": known_at})
    create_signing_keys(tmp_path / "keys", "Example Ltd")
    who = ("--prepared-by", "Ann", "--approved-by", "Bo", "--format", "json")
    outcome = promisekept("release", draft, "--key", tmp_path / "keys" / "signing.pem", *who)
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert [(known_at in warning, result["at"] in warning) for warning in result["warnings"]] == [(True, True)] * alarmed


def test_17_a_revision_wins_though_the_clock_had_jumped_back_when_it_landed(project):
    landed_at(project, CLOCKS[0], "a.csv", [answered(revision=1)])
    landed = landed_at(project, CLOCKS[2], "b.csv", [answered(revision=2, event_type="denied", reason_code="exempt")])
    assert landed.counts["superseding"] == 1
    require_sound(project.settings.home, allowed=())
    require_balance(project.settings.home)


def test_17_instants_are_utc_on_both_sides_of_a_clock_change_and_of_2038(project):
    project.source(time_zone="Europe/Dublin")
    instants = {
        "before_the_hour_repeats": ("2026-10-25T01:30:00+01:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        "when_it_repeats": ("2026-10-25T01:30:00+00:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        "summer_time": ("2026-06-01T12:00:00", datetime(2026, 6, 1, 11, tzinfo=UTC)),
        "after_2038": ("2038-01-19T03:14:08Z", datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
    }
    rows = [received(event_id=name, occurred_at=text) for name, (text, _) in instants.items()]
    landed_at(project, CLOCKS[0], "a.csv", rows)
    found = dict(project.query("select event_id, occurred_at from landing.requests"))
    assert found == {name: instant for name, (_, instant) in instants.items()}
    assert {at.utcoffset() for at in found.values()} == {timedelta(0)}


def test_17_an_hour_that_no_day_has_costs_its_row_alone(project):
    rows = [
        received(event_id="epoch", occurred_at="1970-01-01T00:00:00Z"),
        received(event_id="no_hour", occurred_at="2026-03-20T24:30:00Z"),
        received(),
    ]
    landed = landed_at(project, CLOCKS[0], "a.csv", rows)
    assert (landed.counts["landed"], landed.counts["quarantined"]) == (2, 1)
    require_balance(project.settings.home)
