"""The findings by cause: the cases of the groups add up to the findings, the worst stand first, a group leads to its cases."""

from __future__ import annotations

import pytest
from opened_pages import Open, rows_of, texts

from dashboards.data import finding_groups, findings, query
from dashboards.data.findings import FindingFilters
from dashboards.snapshots import Ref
from dashboards.views.findings import wording
from promisekept.presentation import formats, statuses

ZONE = "America/New_York"
GRAVITY = list(statuses.SEVERITIES)


def held(ref: Ref, where: str = "true") -> int:
    return int(query.first(ref, f"select count(*) as n from marts.fct_findings where {where}")["n"])


@pytest.mark.parametrize(
    ("selection", "where"),
    [
        (FindingFilters(), "true"),
        (FindingFilters(severity="high"), "severity = 'high'"),
        (FindingFilters(area=("evidence",)), "area = 'evidence'"),
        (FindingFilters(clause=("RIG-4",)), "list_contains(control_ids, 'CTL-RIGHT-ERASURE')"),
        (FindingFilters(search="legacy_tickets"), "source = 'legacy_tickets'"),
    ],
)
def test_the_cases_of_the_groups_add_up_to_the_findings_of_the_filter(ref: Ref, selection: FindingFilters, where: str) -> None:
    found = finding_groups.groups(ref, selection, ZONE)
    assert sum(row["cases"] for row in found) == held(ref, where) > 0
    assert len({row["group_key"] for row in found}) == len(found)
    place = [(GRAVITY.index(row["severity"]), -(-1 if row["distance"] is None else row["distance"])) for row in found]
    assert place == sorted(place)
    for row in found:
        whole = FindingFilters(
            groups=(row["group_key"],), severity=selection.severity, area=selection.area, clause=selection.clause
        )
        if not selection.search:
            assert len(query.every(findings.page, ref, whole, "newest", ZONE)) == row["cases"]


def test_the_page_has_one_line_per_cause_and_its_case_counts(open_page: Open, ref: Ref) -> None:
    app = open_page("/findings")
    assert not app.error
    assert not app.warning
    found = finding_groups.groups(ref, FindingFilters(), ZONE)
    said = texts(app)
    assert f"**{formats.count(len(found))} causes with {formats.count(held(ref))} cases**" in said
    assert f"{formats.out_of(held(ref), held(ref))} cases" in said
    table = rows_of(app, "Finding, by cause")
    assert list(table["Cases"]) == [row["cases"] for row in found[:15]]
    lines = [str(line).removesuffix("…") for line in table["Finding, by cause"]]
    assert all(wording.group(row).startswith(line) for row, line in zip(found[:15], lines, strict=True))
    states = next(group for group in app.button_group if group.key == "state")
    assert str(states.proto.options[0].content) == f"Not resolved · {len(found)}"
    assert str(states.proto.options[4].content) == "● Resolved · 0"
    nothing = texts(open_page("/findings", state="resolved"))
    assert "No group matches" in nothing
    assert f"0 of {formats.count(len(found))} causes match these filters." in nothing


def test_a_group_opens_to_its_cases_each_with_the_way_to_its_landed_row(open_page: Open, ref: Ref) -> None:
    row = max(finding_groups.groups(ref, FindingFilters(), ZONE), key=lambda row: row["cases"])
    app = open_page("/findings", group=row["group_key"])
    said = texts(app).replace("\\", "")
    assert f"**{formats.count(row['cases'])} cases: {wording.group(row)}**" in said
    assert f"1{formats.TO}8 of {formats.count(row['cases'])}, newest first" in said
    landed = [button for button in app.button if button.label == "Landed row"]
    assert len(landed) == 8
    landed[0].click().run()
    assert landed[0].key.removeprefix("case_") in app.query_params["finding"]
    assert "Where it comes from" in texts(app)


@pytest.mark.parametrize("name", ["group", "finding"])
@pytest.mark.parametrize("key", ["0" * 32, "<script>hostile</script>"])
def test_a_key_that_no_finding_has_is_reported_and_not_shown_again(open_page: Open, name: str, key: str) -> None:
    app = open_page("/findings", address={name: key})
    assert [warning.value for warning in app.warning] == ["No such finding in this snapshot."]
    assert "hostile" not in texts(app)


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ({"recipient_id": "transcribe_ai"}, "transcribe_ai"),
        ({"system": "crm", "data_category": "call_recording"}, "crm · call recording"),
        ({"unconfirmed_systems": '["crm","voice"]'}, "not confirmed by crm, voice"),
        ({"unconfirmed_systems": "[]"}, "records left"),
        ({"entity": "policies/policy_site/2026-08"}, "2026-08"),
        ({"jurisdiction": "US-CA"}, "California"),
        ({}, ""),
    ],
)
def test_a_cause_is_written_in_words(cause: dict[str, str], text: str) -> None:
    assert wording.cause({"cause": cause}) == text
