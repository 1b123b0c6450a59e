"""An organisation that the product has never heard of: its own promises, codes, partners and law, without touching code.

What it protects: docs/a-pack-of-your-own.md. Every file below is taken from that page and every command is the page's.
"""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from command import ROOT, promisekept

from orchestration.pipeline import read_pack
from promisekept.config.loading import load_settings
from promisekept.errors import PackError
from promisekept.policy.loading import SHIPPED
from promisekept.publishing.reader import open_current

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "a-pack-of-your-own.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`([\w./-]+)`([^\n]*)\n\n```\w+\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^promisekept .*$", PAGE, re.MULTILINE)
# Between 24 April and 14 May 2026: the day of Showa, then Constitution, Greenery and Children's day, and the 6th for the Sunday.
HOLIDAYS = {date(2026, 4, 29), date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)}


def written(folder: Path) -> Path:
    """The project that the page tells one to write."""
    project = folder / "yamabuki"
    result = promisekept(*arguments(COMMANDS[0], project))
    assert result.code == 0, result.err
    for law in ("regimes.csv", "jurisdictions.csv"):
        shutil.copyfile(SHIPPED / law, project / "pack" / law)
    for name, how, text in FILES:
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") if "add to the end" in how else ""
        file.write_text(before + text, encoding="utf-8")
    return project


def arguments(command: str, project: Path) -> list[str]:
    words = re.findall(r'"[^"]*"|\S+', command)[1:]
    return [str(project) if word == "yamabuki" else word.strip('"') for word in words]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return written(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def checked(project):
    return promisekept(*arguments(COMMANDS[1], project), "--format", "json")


@pytest.fixture(scope="module")
def published(project, checked):
    result = promisekept(*arguments(COMMANDS[2], project), "--format", "json", timeout=600)
    assert result.code in (0, 1), result.err
    return project


def rows(project: Path, query: str) -> list[tuple]:
    with open_current(project / ".promisekept") as snapshot:
        return snapshot.cursor().execute(query).fetchall()


def test_check_finds_nothing_to_fix(checked):
    assert checked.code == 0, checked.out + checked.err
    delivered = [source for source in checked.json["sources"] if not source["waits"]]  # nobody has acted on the page yet
    assert {source["source"]: source["counts"]["landed"] for source in delivered} == {
        "requests_files": 5, "partners": 4, "acts": 4, "opt_ins": 1, "archive": 3,
    }  # fmt: skip


def test_each_clause_has_the_verdict_that_it_deserves(published):
    found = rows(
        published,
        "select clause_id, control_id, status from marts.fct_control_status where period_grain = 'to_date' order by clause_id",
    )
    assert {clause: status for clause, _, status in found} == {
        "Y-4": "missed",
        "Y-7": "missed",
        "Y-8": "met",
        "Y-9": "missed",
        "Y-11": "missed",
        "Y-12": "met",
        "Y-15": "manual",
    }


def test_the_law_of_its_own_counts_ten_working_days_of_its_own_country(published):
    due = date(2026, 4, 24)
    for _ in range(10):
        due += timedelta(days=1)
        while due.weekday() > 4 or due in HOLIDAYS:
            due += timedelta(days=1)
    assert due == date(2026, 5, 14)
    found = rows(
        published,
        "select request_id, regime_code, rule_id, received_date, due_date, closed_date, status from marts.fct_requests"
        " where jurisdiction = 'ZZ-MEMBERS' order by request_id",
    )
    of = ("YAMABUKI_PLEDGE", "yamabuki.access.2026-01-01", date(2026, 4, 24), due)
    assert found == [
        ("M-1", *of, date(2026, 5, 14), "closed_on_time"),
        ("M-2", *of, date(2026, 5, 15), "closed_late"),
    ]


def test_the_shipped_law_goes_on_holding_beside_it(published):
    assert rows(published, "select regime_code from marts.fct_requests where request_id = 'J-1'") == [("JP_APPI",)]


def test_its_own_partners_are_assessed_by_its_own_registers(published):
    found = rows(
        published,
        "select event_id, ok_recipient, ok_agreement, ok_categories, ok_purpose, ok_transfer"
        " from marts.fct_disclosures order by event_id",
    )
    assert found == [
        ("d1", True, True, True, True, True),
        ("d2", True, False, True, True, True),
        ("d3", False, None, None, None, True),
        ("d4", True, True, False, False, False),
    ]


def test_its_own_purposes_are_assessed_by_its_own_consents(published):
    found = rows(published, "select event_id, ok_purpose, ok_consent from marts.fct_processing order by event_id")
    assert found == [("p1", True, None), ("p2", True, True), ("p3", True, False), ("p4", False, None)]


def test_its_own_records_are_kept_by_its_own_schedule(published):
    found = rows(published, "select record_id, schedule_id, delete_by, status from marts.fct_records order by record_id")
    assert found == [
        ("itinerary-1", "ITINERARY", date(2031, 3, 1), "within_period"),
        ("passport-1", "PASSPORT", date(2026, 3, 31), "over_retained"),
        ("passport-2", "PASSPORT", date(2026, 6, 19), "due_soon"),
    ]


def test_its_author_sees_what_of_it_could_not_be_broken(published):
    result = promisekept(*arguments(COMMANDS[3], published), "--format", "json")
    assert result.code == 0, result.err
    at_risk = result.json["at_risk"]
    assert (at_risk["controls"], at_risk["promises"]) == ([], []), "each of its promises had a case at risk"
    assert "declared_differs" not in at_risk["findings"], "a finding of a figure that it promises has a home"
    assert "denial_without_ground" in at_risk["findings"]


def spoiled(project: Path, folder: Path, file: str, right: str, wrong: str) -> Path:
    """A copy of the project, with one value of its pack mistyped."""
    copy = folder / "yamabuki"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".promisekept"))
    text = (copy / "pack" / file).read_text(encoding="utf-8")
    assert text.count(right) == 1
    (copy / "pack" / file).write_text(text.replace(right, wrong), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message"),
    [
        (
            "control_metrics.csv", "unlisted_recipient_count", "unlisted_recipients",
            "control_metrics.csv:3: metric_code: no metric is named `unlisted_recipients`\n"
            "  Did you mean `unlisted_recipient_count`?",
        ),
        (
            "control_metrics.csv", "recipient_id,hotel_chain", "recipient_id,hotel_chian",
            "control_metrics.csv:4: dimension_value: `hotel_chian` is no value of the dimension `recipient_id`\n"
            "  Did you mean `hotel_chain`?",
        ),
        (
            "control_metrics.csv", "data_category,passport", "recipient_id,airline",
            "control_metrics.csv:6: dimension: `over_retention_rate` is not counted by `recipient_id`\n"
            "  It has: all, contract, data_category, purpose_code, source, system",
        ),
        (
            "recipients.csv", "service_provider", "service_providor",
            "recipients.csv:2: recipient_kind: `service_providor` is not known here\n"
            "  Allowed: service_provider, legal_authority, consented_party, other_authorised",
        ),
        (
            "retention_schedule.csv", "P5Y", "P6",
            "retention_schedule.csv:3: max_period: `P6` is no ISO 8601 period in whole days; write P6Y, P18M or P90D\n"
            "  Correct the cell, or empty it.",
        ),
        (
            "agreements.csv", "2026-01-01,,", "2026-01-01,2025-01-01,",
            "agreements.csv:2: valid_to 2025-01-01 is not after valid_from 2026-01-01\n"
            "  valid_to is the first day on which the row no longer holds.",
        ),
        (
            "attestations.csv", "2027-04-10", "10.04.2027",
            "attestations.csv:2: valid_to: `10.04.2027` is no date; write it as 2026-09-30\n  Correct the cell, or empty it.",
        ),
    ],
    ids=["metric", "dimension value", "dimension", "recipient kind", "period", "order of dates", "form of a date"],
)  # fmt: skip
def test_a_mistyped_value_is_reported_with_file_line_value_and_remedy(project, tmp_path, file, right, wrong, message):
    settings = load_settings(spoiled(project, tmp_path, file, right, wrong))
    with pytest.raises(PackError) as raised:
        read_pack(settings)
    assert str(raised.value) == message


def test_check_shows_it_and_a_run_rejects_it_and_publishes_nothing(project, tmp_path):
    folder = spoiled(project, tmp_path, "recipients.csv", "service_provider", "service_providor")
    says = "recipients.csv:2: recipient_kind: `service_providor` is not known here"
    checked = promisekept("check", "--config", folder, "--format", "json")
    assert checked.code == 1, checked.err
    assert checked.json["pack"]["problem"].startswith(says)
    result = promisekept("run", "--config", folder)
    assert result.code == 2
    assert says in result.err
    assert not (folder / ".promisekept" / "CURRENT").exists()
