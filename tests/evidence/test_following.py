"""One bundle follows another: the chain, what changed in between, and what can't be exported."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evidence.conftest import TAKER, Project
from world import PACK, World

from orchestration.run import run_job
from promisekept.config.exports import Audience
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import fingerprint, read_info
from promisekept.evidence.changes import Predecessor, changes
from promisekept.evidence.compiled_models import Models
from promisekept.evidence.export import export
from promisekept.evidence.scope import Scope, read_period
from promisekept.evidence.verifying import verify
from promisekept.publishing.export_log import entries
from promisekept.publishing.reader import open_snapshot
from promisekept.sources.zone.keys import load_key
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

AUDIENCES: tuple[Audience, ...] = ("auditor", "regulator", "public")
PREVIOUS = "Previous-Tagmanifest-SHA512"


def publish(world: World, as_of: datetime) -> None:
    world.deliver()
    assert run_job(world.folder / "promisekept.yml", as_of=as_of.isoformat(), now=as_of.isoformat()).published


@pytest.fixture(scope="module")
def year(tmp_path_factory) -> Project:
    """Two quarters, two snapshots; a bundle of the first before the second was published, with a stricter target since."""
    world = World(tmp_path_factory.mktemp("following") / "world")
    for number in range(4):
        world.request(f"a{number}", received=f"2026-05-{number + 1:02d}", subject_ref="canary.person@people.invalid").fulfilled(
            "2026-05-20"
        )
    publish(world, datetime(2026, 7, 10, 9, tzinfo=UTC))
    project = Project(world.folder)
    project.export(period="2026-Q2")
    stricter = PACK["control_metrics.csv"].replace("0.95", "0.99")
    (world.folder / "pack/control_metrics.csv").write_text(stricter, encoding="utf-8")
    (world.folder / "pack/systems.csv").write_text("system,name\ncrm,Customers\n", encoding="utf-8")
    (world.folder / "pack/pack.yml").write_text(PACK["pack.yml"].replace("'1'", "'2'"), encoding="utf-8")
    world.request("b", received="2026-08-01", subject_ref="canary.person@people.invalid").denied(
        "2026-08-09", reason_code="exempt"
    )
    publish(world, datetime(2026, 10, 5, 9, tzinfo=UTC))
    return project


@pytest.fixture(scope="module")
def bundles(year: Project) -> dict[str, Path]:
    """The third quarter for each audience."""
    return {audience: year.export(period="2026-Q3", audience=audience).path for audience in AUDIENCES}


def test_a_bundle_names_the_one_before_as_the_ledger_knew_it(year: Project, bundles, tmp_path):
    before = year.export(period="2026-Q2", snapshot=entries(year.settings.home)[0].export.snapshot).path
    after = bundles["auditor"]
    assert read_info(before)[PREVIOUS] == "0" * 128
    assert read_info(after)[PREVIOUS] == entries(year.settings.home)[0].export.fingerprint
    assert verify(after, previous=before).is_sound
    assert read_info(bundles["regulator"])[PREVIOUS] == "0" * 128
    year.export(period="2026-06")
    again = year.export(period="2026-Q3", out=tmp_path)
    assert again.fingerprint == fingerprint(after)


def test_what_changed_since_the_bundle_before_is_listed(bundles):
    changes_since = json.loads((bundles["auditor"] / "metadata/changes.json").read_bytes())
    assert changes_since["predecessor"]["period"] == "2026-Q2"
    assert changes_since["stated"]["pack"]["before"]["version"] == "1"
    assert changes_since["stated"]["pack"]["after"]["version"] == "2"
    assert [(row["register"], row["kind"], row["columns"]) for row in changes_since["pack_rows"]] == [
        ("control_metrics", "changed", ["target"]),
        ("systems", "added", ["name", "system"]),
    ]


def test_the_report_names_the_rules_that_are_others_now(year: Project, bundles):
    page = (bundles["auditor"] / "data/report.html").read_text(encoding="utf-8").replace("\xa0", " ")
    assert "Since the report of 2026-Q2" in page
    assert "2 rows of the policy pack" in page
    assert "Rules, targets and queries that are others now" in page
    assert "CTL-DEADLINE/deadline_adherence" in page
    first = (year.export(period="2026-Q2").path / "data/report.html").read_text(encoding="utf-8")
    assert "There is no earlier report of this kind" in first


def test_the_public_sees_changed_targets_and_of_no_register_that_it_may_not_see(year: Project):
    home, first = year.settings.home, entries(year.settings.home)[0].export
    before = Predecessor(first.fingerprint, first.snapshot, first.period)
    scope = Scope(year.snapshot, read_period("2026-Q3"), "public")
    with open_snapshot(home, year.snapshot) as reader:
        changes_since = changes(home, Ledger.open(home), scope, before, reader.cursor())
    assert [row["register"] for row in changes_since["pack_rows"]] == ["control_metrics"]


def test_a_person_is_nowhere_in_any_bundle_whatever_the_audience(bundles):
    for bundle in bundles.values():
        assert not [path for path in bundle.rglob("*") if path.is_file() and b"canary.person" in path.read_bytes().lower()]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"period": "2027-Q1"}, "begins after 2026-10-05"),
        ({"period": "2026-Q3", "regime": "US_CA_CCPA"}, "There are: EU_GDPR"),
    ],
)
def test_what_the_snapshot_does_not_hold_is_named(year: Project, asked, message):
    with pytest.raises(EvidenceError, match=message):
        year.export(**asked)


def test_sql_of_another_version_is_not_given_out_as_that_of_the_snapshot(year: Project):
    key, scope = load_key(year.settings.keys.pseudonym), Scope(year.snapshot, read_period("2026-Q3"), "auditor")
    with pytest.raises(EvidenceError, match="its SQL is not here"):
        export(year.settings.home, scope, key, Models("0.0.9+000000000000", {}), TAKER)


def test_a_bundle_is_never_overwritten_and_the_same_one_is_left_as_it_is(year: Project, tmp_path):
    made = year.export(period="2026-09", out=tmp_path).path
    (made / "signatures").mkdir()
    (made / "signatures/note.txt").write_text("kept")
    assert year.export(period="2026-09", out=tmp_path).path == made
    assert (made / "signatures/note.txt").read_text() == "kept"
    (made / "data/datapackage.json").write_text("{}")
    with pytest.raises(EvidenceError, match="another bundle lies there"):
        year.export(period="2026-09", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_who_exports_stands_in_the_log_also_where_the_bundle_was_there_already(year: Project, tmp_path):
    key, scope = load_key(year.settings.keys.pseudonym), Scope(year.snapshot, read_period("2026-08"), "auditor")
    for who in ("a.first", "b.second"):
        export(year.settings.home, scope, key, year.models, replace(TAKER, who=who), out=tmp_path)
    assert [entry.export.who for entry in entries(year.settings.home)[-2:]] == ["a.first", "b.second"]
