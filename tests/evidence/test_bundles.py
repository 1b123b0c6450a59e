"""What lies in a bundle, by standard tools, and what lies in none."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
from datetime import date

import bagit
import pytest
from evidence.conftest import Project
from evidence.opened import everything, table
from evidence.shell import verify_sh
from frictionless import Package

from promisekept.evidence.bagit import fingerprint, read_info
from promisekept.evidence.rekeying import Names, bundle_key
from promisekept.evidence.scope import Scope, read_period
from promisekept.evidence.verifying import verify
from promisekept.publishing.export_log import entries
from promisekept.publishing.fsck import fsck
from promisekept.sources.zone.keys import load_key

pytestmark = pytest.mark.slow

BUNDLES = ("auditors", "public", "californian")


@pytest.mark.parametrize("name", BUNDLES)
def test_standard_tools_and_both_verifiers_find_nothing_wrong(name, request):
    bundle = request.getfixturevalue(name)
    logging.getLogger("bagit").setLevel(logging.ERROR)
    assert bagit.Bag(str(bundle)).validate(processes=1)
    report = Package(bundle / "data/datapackage.json").validate()
    assert report.valid, report.flatten(["type", "message"])[:5]
    assert verify(bundle).problems == ()
    result = verify_sh(bundle, fingerprint=fingerprint(bundle))
    assert (result.returncode, result.stderr) == (0, "")
    assert "A draft: nobody has signed it" in result.stdout


@pytest.mark.parametrize("name", BUNDLES)
def test_nobody_who_was_delivered_by_name_can_be_read_in_a_bundle(name, request, larkfield: Project):
    people = set()
    for file in larkfield.folder.rglob("inbox/**/*.csv"):
        with file.open(newline="", encoding="utf-8", errors="replace") as stream:
            for row in csv.DictReader(stream):
                people |= {row[column] for column in ("subject_ref", "other_ref") if row.get(column)}
    people = {person.casefold() for person in people if len(person) > 8}
    assert len(people) > 1000
    for path, content in everything(request.getfixturevalue(name)).items():
        words = set(content.decode("utf-8", "ignore").casefold().replace('"', " ").replace(",", " ").split())
        assert not people & words, path
        assert b"@example" not in content, path


def test_one_person_is_one_key_within_a_bundle(larkfield: Project, auditors):
    from promisekept.publishing.reader import open_snapshot

    key = bundle_key(load_key(larkfield.settings.keys.pseudonym), Scope(larkfield.snapshot, read_period("2026-Q3"), "auditor"))
    shown = {row["request_key"]: row["subject_key"] for row in table(auditors, "fct_requests")}
    with open_snapshot(larkfield.settings.home, larkfield.snapshot) as reader:
        warehouse = reader.cursor().execute("select request_key, subject_key from marts.fct_requests").fetchall()
    real = {Names(key).of_request(request): person for request, person in warehouse}
    pairs = {(real[key], person) for key, person in shown.items() if person}
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs})
    events = {row["subject_key"] for row in table(auditors, "requests", "events") if row["subject_key"]}
    assert {person for person in shown.values() if person} <= events


def test_every_event_stands_there_once_and_every_unit_has_its_events(auditors):
    events = table(auditors, "requests", "events")
    rows = [(row["namespace"], row["event_id"], row["batch_id"], row["row_number"]) for row in events]
    assert len(rows) == len(set(rows))
    recorded = {(row["namespace"], row["request_id"]) for row in events}
    assert {(row["namespace"], row["request_id"]) for row in table(auditors, "fct_requests")} <= recorded
    for mart, log in (("fct_disclosures", "disclosures"), ("fct_collections", "collections"), ("fct_processing", "processing")):
        there = {(row["namespace"], row["event_id"]) for row in table(auditors, log, "events")}
        assert {(row["namespace"], row["event_id"]) for row in table(auditors, mart)} <= there


def test_the_same_snapshot_gives_the_same_bytes_elsewhere_and_after_other_exports(larkfield: Project, auditors, tmp_path):
    other = larkfield.elsewhere(tmp_path / "other" / "place")
    other.export(period="2026-Q2")
    other.export(audience="public", period="2026")
    first, second = other.export(out=tmp_path / "one.zip").path, larkfield.export(out=tmp_path / "two.zip").path
    assert first.read_bytes() == second.read_bytes()
    assert verify(first).is_sound
    assert verify(first).fingerprint == fingerprint(auditors)


def test_an_export_is_written_down_and_the_ledger_takes_it_over(larkfield: Project, tmp_path):
    there = larkfield.elsewhere(tmp_path / "there")
    before = len(entries(there.settings.home))
    bundle = there.export(audience="regulator", regime="EU_GDPR")
    entry = entries(there.settings.home)[-1]
    assert entry.seq == before + 1
    written = entry.export
    assert (written.kind, written.who, written.role, written.period) == ("bundle", "m.okafor", "auditor", "2026-Q3")
    assert (written.rows, written.fingerprint) == (bundle.rows, bundle.fingerprint)
    assert dict(written.filters) == {"audience": ["regulator"], "regime_code": ["EU_GDPR"]}
    assert fsck(there.settings.home) == []


def test_no_public_figure_is_small_and_no_hidden_one_follows_from_all_that_are_public(larkfield: Project, public):
    from promisekept.evidence.suppression import FigureCell, sums_of, worked_out

    months = [larkfield.export(period=f"2026-0{number}", audience="public").path for number in (7, 8, 9)]
    year = larkfield.export(period="2026", audience="public").path
    cells: dict[str, dict[FigureCell, bool]] = {}
    for bundle in (public, *months, year):
        for row in table(bundle, "fct_metrics"):
            counts = [int(row[name]) for name in ("numerator", "denominator") if row[name]]
            rate = row["unit"] == "share" and len(counts) == 2
            numbers = [*counts, counts[1] - counts[0]] if rate else counts
            is_hidden = row["is_suppressed"] == "true"
            assert not is_hidden or (row["numerator"], row["denominator"], row["value"]) == ("", "", "")
            assert is_hidden or not [number for number in numbers if 0 < number < 10] or row["unit"] in {"days", "hours"}, row
            days = [date.fromisoformat(row[name]) for name in ("period_start", "period_end")]
            cell = FigureCell(row["period_grain"], *days, row["dimension"], row["dimension_value"])
            assert cells.setdefault(row["metric_code"], {}).setdefault(cell, is_hidden) == is_hidden, "bundles disagree"
    states = {row["metric_code"] for row in table(public, "dim_metrics") if row["is_state"] == "true"}
    assert sum(sum(of.values()) for of in cells.values()) > 500
    for code, of in cells.items():
        hidden = {cell for cell, is_hidden in of.items() if is_hidden}
        assert not worked_out(list(sums_of(of, is_state=code in states)), hidden), code


def test_what_was_left_out_is_named(auditors, californian, public):
    omitted = {row["table"]: row for row in json.loads((auditors / "metadata/omissions.json").read_bytes())["tables"]}
    assert omitted["fct_requests"]["rows"] == len(table(auditors, "fct_requests")) < omitted["fct_requests"]["of"]
    narrowed = {
        row["table"]: row["reason"] for row in json.loads((californian / "metadata/omissions.json").read_bytes())["tables"]
    }
    assert narrowed["fct_consents"].startswith("regime")
    assert {row["regime_code"] for row in table(californian, "fct_requests")} == {"US_CA_CCPA"}
    hidden = json.loads((public / "metadata/omissions.json").read_bytes())
    assert "counts from 1 to 9" in hidden["besides"][0]["reason"]
    assert not (public / "data/events").exists()
    assert not [path for path in everything(public) if "fct_requests" in path and "sql" not in path]


def test_a_source_balances_and_the_waterfall_does(auditors):
    balance = json.loads((auditors / "metadata/reconciliation.json").read_bytes())
    parts = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
    assert balance["sources"]
    assert all(source["read"] == sum(source[part] for part in parts) for source in balance["sources"])
    steps = [
        name
        for name in balance["waterfall"][0]
        if name not in {"received", "balance", "period_grain", "period_start", "period_end"}
    ]
    assert all(row["received"] == sum(row[step] for step in steps) for row in balance["waterfall"])
    assert [row["period_grain"] for row in balance["waterfall"]].count("month") == 3


def test_a_figure_leads_to_its_models_rules_and_deliveries(auditors):
    import hashlib

    recorded = json.loads((auditors / "metadata/lineage.json").read_bytes())
    figure = recorded["metrics"]["deadline_adherence"]
    sql = (auditors / "metadata/sql/fct_requests.sql").read_bytes()
    assert figure["marts"]["fct_requests"] == hashlib.sha256(sql).hexdigest()
    assert set(figure["rules"]) == {row["rule_id"] for row in table(auditors, "fct_requests") if row["rule_id"]}
    assert hashlib.sha256((auditors / "data/pack/pack.json").read_bytes()).hexdigest() == recorded["pack"]["sha256"]
    assert {row["batch_id"] for row in table(auditors, "fct_requests")} <= {batch["batch_id"] for batch in recorded["batches"]}


def test_the_info_says_of_what_it_is_and_that_it_is_a_draft(auditors, larkfield: Project):
    info = read_info(auditors)
    assert info["Snapshot-Id"] == larkfield.snapshot
    assert (info["Period-Start"], info["Period-End"]) == ("2026-07-01", "2026-09-30")
    assert info["Status"].startswith("a draft")
    assert info["Previous-Tagmanifest-SHA512"] == "0" * 128


def test_the_tests_of_the_models_stand_beside_the_verdicts_of_the_gates(auditors):
    recorded = json.loads((auditors / "metadata/quality.json").read_bytes())
    tests = recorded["model_tests"]
    assert tests["ran"] == tests["passed"] == len(tests["tests"]) > 100
    assert "assert_waterfall_holds_every_request" in {test["name"] for test in tests["tests"]}
    assert not {"model_tests"} & recorded["publish_gate"].keys()


def test_the_versions_installed_are_stated_as_of_the_snapshot_and_not_of_the_export(auditors, larkfield: Project):
    from promisekept.publishing.reader import open_snapshot

    with open_snapshot(larkfield.settings.home, larkfield.snapshot) as reader:
        stated, texts = reader.manifest["lock_sha256"], reader.manifest["models"]
    assert len(stated) == 64
    assert json.loads((auditors / "metadata/lineage.json").read_bytes())["code"]["lock_file_sha256"] == stated
    assert texts.keys() >= {"fct_requests", "fct_metrics", "rpt_waterfall"}
    for name, sha256 in texts.items():  # the text in a bundle is the one by which its figures were computed
        assert hashlib.sha256((auditors / f"metadata/sql/{name}.sql").read_bytes()).hexdigest() == sha256
