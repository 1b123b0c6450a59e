"""The regulators' tables and the reports on the evidence, from files of five logs to what is published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from world import Report, World, help_desk

from orchestration.dbt_runner import PROJECT

pytestmark = pytest.mark.slow

REPORTS = [file.stem for file in (PROJECT / "models" / "marts" / "reports").glob("*.sql")]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PACK = {
    "purposes.csv": "purpose_code,name,consent_required,systems\nnews,Newsletter,yes,mailer\nbilling,,no,\n",
    "systems.csv": "system,name\ncrm,Customers\nmailer,Mail\nvault,Vault\n",
    "data_categories.csv": "data_category,name,sensitive\ncontact,Contact,no\nhealth,Health,yes\n",
    "recipients.csv": "recipient_id,recipient_kind,country,allowed_purposes,allowed_categories\n"
    "printer,service_provider,DE,news,contact\n",
    "agreements.csv": "recipient_id,agreement_ref,valid_from,valid_to,transfer_mechanism\nprinter,A-1,,,\n",
    "retention_schedule.csv": "schedule_id,data_category,purpose_code,jurisdiction,min_period,max_period,trigger\n"
    "s1,contact,news,,,P2Y,created\n",
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "incidents": [
        {"incident_id": "breach", "event_type": "detected", "occurred_at": "2026-06-01T10:00:00+01:00"}
        | {"incident_type": "disclosure", "jurisdiction": "IE", "affected_subjects": 12},
        {"incident_id": "breach", "event_type": "authority_notified", "occurred_at": "2026-06-09T09:00:00Z"},
        {"incident_id": "elsewhere", "event_type": "detected", "occurred_at": "2026-06-01T10:00:00+01:00"}
        | {"incident_type": "disclosure", "jurisdiction": "US-CA"},
    ],
    "processing": [
        {"subject_ref": "Ann", "system": "crm", "data_categories": ["contact", "health"], "automated_decision": False}
        | {"occurred_at": "2026-05-31T23:30:00Z", "purpose_code": "news", "legal_basis": "consent"},
    ],
    "disclosures": [
        {"subject_ref": "Ann", "recipient_id": "stranger", "reason_code": "other", "purpose_code": "news", "record_count": 1}
        | {"data_categories": ["contact"], "destination_country": "US", "consideration": "none"}
        | {"occurred_at": "2026-06-05T10:00:00Z"},
    ],
}


def inbox(log: str) -> dict[str, Any]:
    source = help_desk(log, inbox=log) | {"log": log}
    return {name: value for name, value in source.items() if name != "defaults"} if log == "incidents" else source


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder: Path = tmp_path_factory.mktemp("reports")
    world = World(folder)
    for name, text in PACK.items():
        (folder / "pack" / name).write_text(text, encoding="utf-8")
    with (folder / "pack" / "pack.yml").open("a", encoding="utf-8") as manifest:
        manifest.write("\nincident_hours: {EEA: 72}\nadequate_countries: [EEA]\n")
    world.configure(help_desk("helpdesk", inbox="requests"), *(inbox(log) for log in ROWS), help_desk("idle", inbox="idle"))
    world.request("r1", received="2026-04-20").fulfilled("2026-05-05").reopened("2026-06-02")
    world.request("r2", jurisdiction="US-CA", right="erasure", received="2026-05-10").partially_fulfilled(
        "2026-05-20", reason_code="exempt"
    )
    world.request("r3", jurisdiction="US-CA", right="erasure", received="2026-05-10").withdrawn("2026-05-11")
    for log, rows in ROWS.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    return world.run(NOW, only=REPORTS, now=NOW)


def test_the_californian_reports_hold_its_own_requests(report):
    (row,) = report.table("rpt_ccpa_7102", "received > 0")
    assert row == {
        "calendar_year": 2026, "request_type": "request_to_delete", "received": 2, "complied_in_part": 1, "withdrawn": 1,
        "median_days": 10.0, "mean_days": 10.0, "denied_exempt": 1, "year_is_over": False,
    }  # fmt: skip
    assert {row["request_id"]: row["nature_of_response"] for row in report.table("rpt_ccpa_7101")} == {
        "r2": "complied_in_part",
        "r3": None,
    }


def test_a_reopened_request_is_open_again_from_then_on(report):
    months = {
        row["period_start"]: [row[name] for name in ("opening", "received", "reopened", "answered", "excluded", "closing")]
        for row in report.table("rpt_roll_forward", "period_grain = 'month' and right_type = 'access'")
    }
    assert months["2026-04-01"] == [0, 1, 0, 0, 0, 1]
    assert months["2026-05-01"] == [1, 0, 0, 1, 0, 0]
    assert months["2026-06-01"] == [0, 0, 1, 0, 0, 1]
    assert months["2026-07-01"] == [1, 0, 0, 0, 0, 1]


def test_a_late_notification_lacks_its_reasons_and_the_record_of_processing_is_a_draft(report):
    (breach,) = report.table("rpt_gdpr_art33_incidents")
    assert breach == {"incident_id": "breach", "regime_code": "EU_GDPR", "status": "late", "delay_reasons": None}
    assert breach["missing"][-2:] == ["occurred_at", "delay_reasons"]
    news, billing = (report.table("rpt_gdpr_art30", f"purpose_code = '{code}'")[0] for code in ("news", "billing"))
    assert news == {
        "purpose": "Newsletter", "data_categories": ["contact", "health"], "sensitive_categories": ["health"],
        "recipients": ["printer", "stranger"], "recipient_kinds": ["service_provider", "not_in_register"],
        "transfers": ["DE: adequate", "US: none named"], "erasure_limits": ["contact: P2Y"], "legal_bases": ["consent"],
        "systems": ["crm", "mailer"], "is_draft": True,
    }  # fmt: skip
    assert news["missing"][3:] == ["transfer_safeguards", "erasure_limits"]
    assert billing["missing"][3:] == ["description_of_purpose", "data_categories", "recipients", "erasure_limits"]


def test_each_system_is_in_scope_where_an_event_names_it(report):
    june = "period_grain = 'month' and period_start = '2026-06-01' and log = 'processing'"
    scope = {(row["system"], row["source"]): row["reason"] for row in report.table("rpt_scope", june)}
    assert scope == {  # half past midnight in Ireland
        (None, "processing"): "events", ("crm", "processing"): "events",
        ("mailer", None): "never_named", ("vault", None): "never_named",
    }  # fmt: skip
    to_date = {row["source"]: row["reason"] for row in report.table("rpt_scope", "period_grain = 'to_date' and system is null")}
    assert to_date == {
        "helpdesk": "events", "idle": "never_delivered", "incidents": "events", "processing": "events", "disclosures": "events",
        None: "no_source",
    }  # fmt: skip


def test_every_row_that_was_read_stands_on_the_day_of_its_arrival(report):
    rows = report.table("fct_source_completeness", "source = 'processing'")
    assert [(row["day"], row["read"], row["landed_rows"], row["events"], row["gaps"]) for row in rows if row["events"]] == [
        ("2026-06-01", 0, 0, 1, None)
    ]
    assert [row["landed_rows"] for row in rows if row["day"] == "2026-07-01"] == [1]
