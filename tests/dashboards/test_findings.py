"""The worklist of findings: its counts are the mart's, every filter is in the address, a row leads back to where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from opened_pages import Open, rows_of, texts

from dashboards.components import landed_rows, tables
from dashboards.data import findings, query
from dashboards.data.findings import FindingFilters
from dashboards.snapshots import Ref
from dashboards.views.findings import wording
from promisekept.presentation import formats, statuses

ZONE = "America/New_York"


def held(ref: Ref, where: str = "true") -> int:
    return int(query.first(ref, f"select count(*) as n from marts.fct_findings where {where}")["n"])


def titles(app: object) -> dict[str, str]:
    """The options of the severity control, by their word."""
    control = next(group for group in app.button_group if group.key == "severity")  # type: ignore[attr-defined]
    return {str(option.content).partition(" · ")[0]: str(option.content) for option in control.proto.options}


def test_every_count_is_the_marts_and_the_worst_come_first(open_page: Open, ref: Ref) -> None:
    app = open_page("/findings", view="cases")
    assert not app.error
    said, shown = texts(app), titles(app)
    assert f"with {held(ref):,} cases" in said
    assert f"{held(ref)} of {held(ref)} findings" in said
    assert shown["All"] == f"All · {held(ref)}"
    for code in findings.SEVERITIES:
        word = statuses.SEVERITIES[code].cell
        number = held(ref, f"severity = '{code}'")
        assert shown[word] == f"{word} · {number}"
    table = rows_of(app, "Severity")
    assert len(table) == 15
    assert f"Rows 1{formats.TO}15 of {held(ref)}" in said
    ranks = [
        list(statuses.SEVERITIES).index(next(c for c, w in statuses.SEVERITIES.items() if w.cell == cell[0]))
        for cell in table["Severity"]
    ]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("query_of_it", "where"),
    [
        ({"severity": "medium"}, "severity = 'medium'"),
        ({"area": "evidence"}, "area = 'evidence'"),
        ({"clause": "RIG-4"}, "list_contains(control_ids, 'CTL-RIGHT-ERASURE')"),
        ({"clause": ["RIG-4", "RIG-8"]}, "list_has_any(control_ids, ['CTL-DEADLINE', 'CTL-RIGHT-ERASURE'])"),
        ({"since": "2026-08-01"}, "cast(timezone('America/New_York', first_seen_at) as date) >= date '2026-08-01'"),
        ({"q": "erasure"}, "right_type = 'erasure'"),
        ({"severity": "high", "q": "LEGACY_TICKETS"}, "severity = 'high' and source = 'legacy_tickets'"),
    ],
)
def test_a_filter_in_the_address_selects_what_the_mart_holds(
    open_page: Open, ref: Ref, query_of_it: dict[str, str | list[str]], where: str
) -> None:
    number = held(ref, where)
    assert 0 < number < held(ref)
    assert f"{number} of {held(ref)} findings" in texts(open_page("/findings", view="cases", **query_of_it))


def test_pages_follow_each_other_without_a_row_twice_or_left_out(ref: Ref) -> None:
    whole = query.every(findings.page, ref, FindingFilters(), "severity", ZONE)
    pages = [findings.page(ref, FindingFilters(), "severity", ZONE, (at, at + 15)) for at in range(0, len(whole), 15)]
    assert [row["finding_key"] for page in pages for row in page] == [row["finding_key"] for row in whole]
    assert len({row["finding_key"] for row in whole}) == held(ref)


def test_no_list_carries_the_persons_key_and_none_can_be_searched_for(ref: Ref) -> None:
    whole = query.every(findings.page, ref, FindingFilters(), "severity", ZONE)
    assert all("subject_key" not in row for row in whole)
    person = query.first(ref, "select subject_key from marts.fct_findings where subject_key is not null limit 1")["subject_key"]
    assert query.every(findings.page, ref, FindingFilters(search=person), "severity", ZONE) == []


def test_the_drawer_tells_promise_and_origin_and_shortens_the_person(open_page: Open, ref: Ref) -> None:
    row = query.first(ref, "select * from marts.fct_findings where right_type = 'erasure' order by finding_key limit 1")
    said = texts(open_page("/findings", finding=row["finding_key"])).replace("\\", "")
    drawn = [table.value for table in open_page("/findings", finding=row["finding_key"]).table]
    facts = {name: value.replace("\\", "") for table in drawn for name, value in zip(table[" "], table["  "], strict=True)}
    assert row["finding_code"] in said
    assert "**Answered after its due date: " in said or "**Open and past its due date: " in said
    assert facts["Promise"] == "RIG-4, RIG-8"
    assert facts["Control"] == "CTL-DEADLINE, CTL-RIGHT-ERASURE"
    assert facts["Person"] == tables.shortened(row["subject_key"])
    assert row["subject_key"] not in said + str(facts)
    assert facts["Batch · row"].endswith(f"· {formats.count(row['row_number'])}")
    assert "The landed row itself can't be shown" in said  # no delivery ever landed in the invented home


def test_a_finding_about_no_single_row_says_so(open_page: Open, ref: Ref) -> None:
    key = query.first(ref, "select finding_key from marts.fct_findings where batch_id is null")["finding_key"]
    assert "It is not about one row: source `legacy_tickets`" in texts(open_page("/findings", finding=key)).replace("\\", "")


def test_choosing_a_severity_writes_the_address_and_all_of_them_leaves_it(open_page: Open) -> None:
    app = open_page("/findings", view="cases")
    app.button_group(key="severity").set_value("high").run()
    assert app.query_params["severity"] in ("high", ["high"])
    app.button_group(key="severity").set_value("all").run()
    assert "severity" not in app.query_params


def test_where_nothing_matches_the_page_says_of_how_many(open_page: Open, ref: Ref) -> None:
    said = texts(open_page("/findings", view="cases", q="no such thing"))
    assert "No finding matches" in said
    assert f"0 of {held(ref)} findings match these filters." in said


@pytest.mark.parametrize(
    ("row", "what", "detail", "request_key"),
    [
        (
            {"area": "requests", "entity": "requests/helpdesk/HD-1/erasure", "right_type": "erasure",
             "detail": {"due_date": "2026-01-26", "days_overdue": 3}},
            "HD-1 · erasure", "Due 26 Jan 2026 · days overdue 3", "helpdesk/HD-1/erasure",
        ),
        (
            {"area": "disclosures", "entity": "disclosures/register/DO-1", "right_type": None,
             "detail": {"recipient_id": "smtp_relay", "stopped_by": "portal/PP-1/objection",
                        "stopped_at": "2026-06-02 14:16:14+00", "stopped_right_types": ["erasure", "objection"]}},
            "smtp_relay",
            "Stopped by portal/PP-1/objection · stopped 2 Jun 2026, 10:16 EDT · stopped right types erasure, objection",
            "portal/PP-1/objection",
        ),
        (
            {"area": "records", "entity": "retention/records/R-7", "right_type": None,
             "detail": {"data_category": "call_recording", "system": "contact_centre", "delete_by": None, "record_count": 1393}},
            "call recording · contact_centre", "Delete by: none · record count 1,393", None,
        ),
        (
            {"area": "evidence", "entity": "sources/crm", "right_type": None, "detail": {}}, "crm", "", None,
        ),
    ],
)  # fmt: skip
def test_a_finding_is_told_in_words(row: dict[str, object], what: str, detail: str, request_key: str | None) -> None:
    assert wording.what(row) == what
    assert wording.detail(row, ZONE) == detail
    assert wording.request_of(row) == request_key


def test_every_area_of_the_catalogue_has_a_word_and_a_page() -> None:
    import csv

    seeds = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "finding_catalogue.csv"
    with seeds.open(encoding="utf-8", newline="") as file:
        areas = {row["area"] for row in csv.DictReader(file)}
    assert areas == set(wording.AREAS) == set(wording.PAGES)


def test_a_landed_row_shows_no_whole_key_and_no_empty_column() -> None:
    text = landed_rows.as_text(
        {"event_id": "DO-1", "subject_key": "4d8e" + "0" * 24 + "4d58", "channel": None, "purpose_codes": ["a", "b"]}
    )
    assert text == "event_id       DO-1\nsubject_key    4d8e…4d58 (pseudonym)\npurpose_codes  a, b"
