"""Which periods close at a tick, and what comes of the bundles when one of them can't be made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from world import World

from orchestration import period_close
from promisekept.errors import EvidenceError
from promisekept.evidence.export import ExportedBundle
from promisekept.evidence.scope import read_period

DUBLIN = "Europe/Dublin"


@pytest.mark.parametrize(
    ("tick", "month"),
    [
        ("2026-10-02T06:00:00+00:00", "2026-09"),
        ("2026-10-31T23:59:00+00:00", "2026-09"),
        ("2026-09-30T22:59:00+00:00", "2026-08"),  # a minute before October in Dublin
        ("2026-09-30T23:00:00+00:00", "2026-09"),
        ("2027-01-02T07:00:00+00:00", "2026-12"),
    ],
)
def test_the_month_that_is_over_is_the_one_before_the_local_day(tick, month):
    assert period_close.month_before(datetime.fromisoformat(tick), DUBLIN).code == month


@pytest.mark.parametrize(
    ("month", "periods"),
    [
        ("2026-08", ["2026-08"]),
        ("2026-09", ["2026-09", "2026-Q3"]),
        ("2026-12", ["2026-12", "2026-Q4", "2026"]),
    ],
)
def test_a_quarter_and_a_year_close_with_their_last_month(month, periods):
    assert [period.code for period in period_close.closes_with(read_period(month))] == periods


@pytest.mark.parametrize(("month", "over"), [("2026-09", "2026-09-30T23:00:00+00:00"), ("2026-12", "2027-01-01T00:00:00+00:00")])
def test_a_period_is_over_at_midnight_in_the_organisations_zone(month, over):
    assert period_close.end_of(read_period(month), DUBLIN) == datetime.fromisoformat(over)


def test_a_bundle_that_can_not_be_made_keeps_no_other_from_being_made(tmp_path, monkeypatch):
    world = World(tmp_path / "world")
    world.configure(
        engine={"memory_limit": "2GB"},
        exports=[
            {"audience": "auditor", "regime": "US_XX_NONE"},
            {"audience": "public", "grain": "month"},
            {"audience": "regulator", "grain": "year"},
            {"audience": "regulator", "zip": True},
        ],
    )
    asked = []

    def export(home, scope, key, models, exporter, *, zipped, engine):
        asked.append((scope.name, exporter.who, exporter.role, zipped, dict(engine)))
        if scope.regime:
            raise EvidenceError("--regime: no request falls under it.")
        return ExportedBundle(home / scope.name, scope, "f", 1, was_there=False)

    monkeypatch.setattr(period_close, "export", export)
    now = datetime(2026, 10, 2, 6, tzinfo=UTC)
    made, problems = period_close.give_out(world.settings, "0004-abcdef", read_period("2026-09"), now, lambda _: None)
    assert [bundle.path.name for bundle in made] == ["0004-abcdef.2026-09.public", "0004-abcdef.2026-Q3.regulator"]
    assert [str(problem) for problem in problems] == ["--regime: no request falls under it."]
    assert asked[0] == ("0004-abcdef.2026-09.public", "period close", "schedule", False, {"memory_limit": "2GB"})
    assert (asked[2][0], asked[2][3]) == ("0004-abcdef.2026-Q3.regulator", True)
