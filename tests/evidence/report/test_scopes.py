"""What a report holds for whom, of which period and under which law."""

from __future__ import annotations

import pytest
from printed import Page

from promisekept.config.exports import Audience
from promisekept.errors import EvidenceError
from promisekept.evidence.report import build_report
from promisekept.evidence.report.html import to_html
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import SnapshotReader


def page_of(reader: SnapshotReader, audience: Audience, period: str = "2026-Q3", regime: str | None = None) -> Page:
    return Page(to_html(build_report(reader, Scope(reader.id, read_period(period), audience, regime))))


def test_the_public_copy_shows_no_single_case_and_says_what_it_leaves_out(reader: SnapshotReader):
    page = page_of(reader, "public")
    captions = " ".join(table.caption for table in page.tables)
    for withheld in ("Findings", "Rules applied", "Record of requests", "breaches", "Requests received, by state", "Art. 33"):
        assert withheld not in captions
    for reading in ("Strict interpretation", "Worst case"):
        assert not [table for table in page.tables if reading in table.head]
    assert "11 CCR § 7102(a)(1)" in captions
    assert "single cases: findings, rules applied, the record of requests (11 CCR § 7101), incidents" in page.text
    assert "exception," not in page.text


def test_a_law_narrows_requests_and_says_that_verdicts_are_of_the_whole(reader: SnapshotReader):
    page = page_of(reader, "regulator", regime="UK_GDPR")
    table = page.table("Requests received, by state")
    (count,) = reader.cursor().execute(
        "select count(*) from marts.fct_requests where regime_code = 'UK_GDPR' and received_date between '2026-07-01' "
"and '2026-09-30'"
    ).fetchone()  # fmt: skip
    assert table.column("Quarter")[-1] == f"{count:,}"
    captions = " ".join(one.caption for one in page.tables)
    assert "7102" not in captions
    groups = [row[0] for row in page.table("Requests of data subjects").rows if len(row) == 1]
    assert groups == ["UK GDPR"]
    assert "verdicts are of the whole organisation" in page.text


@pytest.mark.parametrize(("period", "title"), [("2026-08", "August 2026"), ("2025", "2025")])
def test_a_month_and_a_year_have_reports_too(reader: SnapshotReader, period: str, title: str):
    page = page_of(reader, "auditor", period)
    assert f"kept in {title}" in page.text
    assert "Prepared for the auditors of the organisation." in page.text


def test_a_period_that_still_runs_says_so(reader: SnapshotReader):
    assert "The period still runs." in page_of(reader, "auditor", "2026").text
    assert "The period still runs." not in page_of(reader, "auditor", "2026-Q3").text


def test_a_period_or_a_law_that_is_not_in_the_snapshot_is_rejected_with_those_that_are(reader: SnapshotReader):
    with pytest.raises(EvidenceError, match=r"no verdicts for 2019-Q1\.\n  Its quarters begin on these days: 2025-"):
        page_of(reader, "auditor", "2019-Q1")
    with pytest.raises(EvidenceError, match=r"no request falls under ATLANTIS\.\n  There are: .*EU_GDPR"):
        page_of(reader, "auditor", regime="ATLANTIS")


def test_the_bundle_before_this_one_is_named_by_its_fingerprint(reader: SnapshotReader):
    scope = Scope(reader.id, read_period("2026-Q3"), "auditor")
    report = build_report(reader, scope, previous_tagmanifest="ab" * 64)
    assert "".join(report.cover.previous).replace(" ", "") == "ab" * 64
    assert build_report(reader, scope).cover.previous == ("none",)
