"""What may become current, what may not, and what readers see then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from small_snapshots import AT, a_candidate, a_suite, a_verdict, publish, publish_candidate, roll_back

from promisekept.errors import PublishingError
from promisekept.publishing.difference import difference
from promisekept.publishing.reader import open_current, read_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.ledger import Ledger


def attempt(home, candidate, verdict):
    return publish_candidate(home, candidate, verdict, AT)


def land_something(home):
    Ledger.open(home).append("batch", {"batch_id": "b-0002"}, AT, "0" * 64)


def test_a_published_snapshot_is_current_named_by_sequence_and_content_and_read_only(tmp_path):
    snapshot = publish(tmp_path)
    assert snapshot.id == f"0001-{snapshot.content_hash[:6]}"
    record = read_current(tmp_path)
    assert (record["sequence"], record["snapshot"], record["refused"], record["rolled_back_to"]) == (1, snapshot.id, None, None)
    files = sorted((tmp_path / "snapshots" / snapshot.id).iterdir())
    assert [file.name for file in files] == ["history.duckdb", "manifest.json", "quality.json", "snapshot.duckdb"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o400}


def test_the_manifest_says_of_what_the_snapshot_is_a_function(tmp_path):
    land_something(tmp_path)
    root = Ledger.open(tmp_path).merkle_root
    publish(tmp_path)
    with open_current(tmp_path) as snapshot:
        manifest = snapshot.manifest
    assert manifest["pack"] == {"name": "default", "version": "1", "sha256": "p" * 64}
    assert (manifest["as_of"], manifest["published_at"]) == ("2026-03-02T06:00:00.000000Z",) * 2
    assert (manifest["known_seq"], manifest["ledger_size"], manifest["ledger_root"]) == (1, 1, root)
    assert manifest["tables"]["fct_requests"]["rows"] == 2


def test_the_ledger_has_a_line_for_each_snapshot(tmp_path):
    snapshot = publish(tmp_path)
    (line,) = Ledger.open(tmp_path).lines("snapshot")
    assert (line.content_hash, line.body["id"]) == (snapshot.content_hash, snapshot.id)
    assert line.body["manifest_sha256"] == read_current(tmp_path)["manifest_sha256"]


def test_quality_json_holds_counts_and_no_values(tmp_path):
    publish(tmp_path)
    with open_current(tmp_path) as snapshot:
        quality = snapshot.quality
    assert (quality["declared"], quality["passed"], len(quality["suites"])) == (4, 4, 2)
    assert quality["suites"][0]["checks"][1]["unexpected"] == 0


BAD = {
    "no verdict": lambda verdict: None,
    "a failed check": lambda verdict: replace(verdict, suites=tuple(a_suite(s.subject, passed=False) for s in verdict.suites)),
    "another candidate's content": lambda verdict: replace(verdict, content_hash="0" * 64),
    "another candidate's bytes": lambda verdict: replace(verdict, file_sha256="0" * 64),
    "a mart without a suite": lambda verdict: replace(verdict, suites=verdict.suites[:1]),
    "a mart named as missing": lambda verdict: replace(verdict, missing=("fct_findings",)),
    "no suite at all": lambda verdict: replace(verdict, suites=()),
    "an expectation that was dropped": lambda verdict: replace(
        verdict, suites=tuple(a_suite(s.subject, declared=3) for s in verdict.suites)
    ),
    "an expectation that was not evaluated": lambda verdict: replace(
        verdict, suites=tuple(a_suite(s.subject, evaluated=1) for s in verdict.suites)
    ),
    "an empty suite": lambda verdict: replace(
        verdict, suites=tuple(a_suite(s.subject, declared=0, loaded=0, evaluated=0, checks=()) for s in verdict.suites)
    ),
    "no expectation on the rows": lambda verdict: replace(
        verdict,
        suites=tuple(a_suite(s.subject, declared=1, loaded=1, evaluated=1, checks=s.checks[1:]) for s in verdict.suites),
    ),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_candidate_is_not_published_with(tmp_path, change):
    good = publish(tmp_path)
    candidate = a_candidate(tmp_path, numerator=8)
    with pytest.raises(PublishingError, match=r"may not be published; the last good snapshot is still current.\n.*\n"):
        attempt(tmp_path, candidate, change(a_verdict(candidate)))
    with open_current(tmp_path) as snapshot:
        assert snapshot.id == good.id


def test_a_verdict_given_earlier_on_other_content_is_stale(tmp_path):
    earlier = a_candidate(tmp_path)
    verdict = a_verdict(earlier)
    later = a_candidate(tmp_path, numerator=8)
    with pytest.raises(PublishingError, match="the verdict is on the content"):
        attempt(tmp_path, later, verdict)


def test_a_candidate_changed_after_its_audit_is_rejected(tmp_path):
    candidate = a_candidate(tmp_path)
    candidate.file.write_bytes(candidate.file.read_bytes() + b"\0")
    with pytest.raises(PublishingError, match="bytes changed after its audit"):
        attempt(tmp_path, candidate, a_verdict(candidate))


def test_a_candidate_written_before_something_else_landed_is_rejected(tmp_path):
    candidate = a_candidate(tmp_path)
    land_something(tmp_path)
    with pytest.raises(PublishingError, match="the ledger has grown since"):
        attempt(tmp_path, candidate, a_verdict(candidate))


def test_a_rejection_keeps_the_last_good_snapshot_and_says_which_checks_failed(tmp_path):
    good = publish(tmp_path)
    candidate = a_candidate(tmp_path, numerator=8)
    SnapshotStore(tmp_path).reject(a_verdict(candidate, passed=False), AT)
    with open_current(tmp_path) as snapshot:
        assert snapshot.id == good.id
        refused = snapshot.current["refused"]
    assert (refused["failed"], refused["declared"], refused["at"]) == (2, 4, "2026-03-02T06:00:00.000000Z")
    assert refused["checks"][0] == {
        "suite": "fct_metrics",
        "type": "expect_column_values_to_not_be_null",
        "column": "request_key",
    }


def test_rejected_candidates_do_not_pile_up(tmp_path):
    good = publish(tmp_path)
    for numerator in (8, 7):
        SnapshotStore(tmp_path).reject(a_verdict(a_candidate(tmp_path, numerator=numerator), passed=False), AT)
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [good.id]


def test_the_banner_goes_with_the_next_good_run(tmp_path):
    publish(tmp_path)
    candidate = a_candidate(tmp_path, numerator=8)
    SnapshotStore(tmp_path).reject(a_verdict(candidate, passed=False), AT)
    publish(tmp_path, numerator=7)
    assert read_current(tmp_path)["refused"] is None


def test_a_rerun_that_says_nothing_new_publishes_nothing_and_takes_the_banner_down(tmp_path):
    first = publish(tmp_path)
    SnapshotStore(tmp_path).reject(a_verdict(a_candidate(tmp_path, numerator=8), passed=False), AT)
    again = publish(tmp_path, at=AT + timedelta(hours=1))
    assert (again.id, again.sequence) == (first.id, 1)
    assert read_current(tmp_path)["refused"] is None
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [first.id]


@pytest.mark.parametrize("change", [{"as_of": AT + timedelta(days=1)}, {"code_version": "0.1.1"}, {"organisation": "Other"}])
def test_a_run_at_another_instant_or_by_other_code_is_a_new_snapshot(tmp_path, change):
    publish(tmp_path)
    assert publish(tmp_path, provenance=change).sequence == 2


def test_a_run_after_something_landed_is_a_new_snapshot_even_with_the_same_figures(tmp_path):
    publish(tmp_path)
    land_something(tmp_path)
    assert publish(tmp_path).sequence == 2


def test_rolling_back_publishes_old_content_under_a_new_number_with_a_banner(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    restored = roll_back(tmp_path, first.id, AT + timedelta(hours=1))
    assert restored.id == f"0003-{first.content_hash[:6]}"
    with open_current(tmp_path) as snapshot:
        assert snapshot.current["rolled_back_to"] == first.id
        assert snapshot.manifest["content_hash"] == first.content_hash
        assert snapshot.cursor().execute("select numerator from marts.fct_metrics where dimension = 'all'").fetchall() == [(9.0,)]
    assert [line.kind for line in Ledger.open(tmp_path).lines()] == ["snapshot", "snapshot", "rollback"]


def test_the_banner_of_a_rollback_names_the_original_and_goes_with_the_next_run(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    second = roll_back(tmp_path, first.id, AT)
    publish(tmp_path, numerator=7)
    assert read_current(tmp_path)["rolled_back_to"] is None
    roll_back(tmp_path, second.id, AT)
    assert read_current(tmp_path)["rolled_back_to"] == first.id


def test_after_a_rollback_a_run_with_the_same_figures_is_published_again(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    roll_back(tmp_path, first.id, AT)
    assert publish(tmp_path).sequence == 4


def test_a_damaged_snapshot_is_not_rolled_back_to(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    file = tmp_path / "snapshots" / first.id / "snapshot.duckdb"
    file.chmod(0o644)
    raw = bytearray(file.read_bytes())
    raw[5000] ^= 1
    file.write_bytes(raw)
    with pytest.raises(PublishingError, match=r"is damaged: snapshot\.duckdb is not the one"):
        roll_back(tmp_path, first.id, AT)
    with pytest.raises(PublishingError, match="no snapshot `0007-aaaaaa`"):
        roll_back(tmp_path, "0007-aaaaaa", AT)


def test_the_list_is_newest_first_and_marks_the_current_one(tmp_path):
    ids = [publish(tmp_path, numerator=number).id for number in (9, 8, 7)]
    listed = SnapshotStore(tmp_path).list()
    assert [snapshot.id for snapshot in listed] == ids[::-1]
    assert [snapshot.current for snapshot in listed] == [True, False, False]
    assert SnapshotStore(tmp_path).get(ids[0]).manifest["id"] == ids[0]
    with pytest.raises(PublishingError, match="There are"):
        SnapshotStore(tmp_path).get("latest")


def test_two_snapshots_differ_by_mart_and_by_figure(tmp_path):
    old = publish(tmp_path, numerator=9)
    new = publish(tmp_path, numerator=8, fct_findings="select 1 as finding_key")
    found = difference(tmp_path, old.id, new.id)
    assert {table.table: (table.rows_old, table.rows_new, table.same) for table in found.tables} == {
        "fct_findings": (None, 1, False),
        "fct_metrics": (2, 2, False),
        "fct_requests": (2, 2, True),
    }
    (figure,) = found.figures
    assert (figure.metric_code, figure.old[2], figure.new[2]) == ("deadline_adherence", 0.9, 0.8)
    assert "deadline_adherence month 2026-01-01: 0.9 -> 0.8" in found.as_text()
    assert json.loads(json.dumps(found.as_dict()))["figures"][0]["period_start"] == "2026-01-01"


def test_a_snapshot_does_not_differ_from_itself(tmp_path):
    one = publish(tmp_path)
    found = difference(tmp_path, one.id, one.id)
    assert all(table.same for table in found.tables)
    assert found.figures == ()
