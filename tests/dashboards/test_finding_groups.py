"""The findings by cause: the cases of the groups add up to the findings, the worst stand first, a group leads to its cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import small_snapshots
from opened_pages import PUBLISHED, Open, rows_of, texts

from dashboards.data import finding_groups, findings, names, query
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
    assert list(table["Finding, by cause"]) == [wording.group(row) for row in found[:15]]
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
def test_a_cause_without_a_display_name_is_written_in_words(cause: dict[str, str], text: str) -> None:
    assert wording.cause({"cause": cause}) == text


GONE = "0" * 31 + "1"
ACTED = """
    select '{key}' as group_key, null::varchar as finding_code, null::varchar as cause, null::varchar as severity,
        null::varchar as area, null::varchar as word, 0 as cases, null::timestamptz as first_seen_at, []::varchar[] as control_ids
"""
CASES = """
    select '{key}' as group_key, 'sale' as finding_code, '{{"recipient_id":"broker"}}' as cause, 'high' as severity,
        'disclosures' as area, 'Shared for money' as word, ['CTL-NO-SALE'] as control_ids
"""


def test_a_group_without_cases_has_the_name_that_the_newest_snapshot_with_a_case_gave_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    marts = (
        {"fct_findings": CASES.format(key=GONE)},
        {"fct_findings": CASES.format(key="another")},
        {"fct_findings": "select 'x' as group_key", "fct_remediations": ACTED.format(key=GONE)},
        {"fct_findings": CASES.format(key=GONE), "fct_remediations": ACTED.format(key="never seen")},
    )
    published = [
        small_snapshots.publish(home, small_snapshots.AT + timedelta(days=day), numerator=day, **own)
        for day, own in enumerate(marts, 1)
    ]
    (row,) = finding_groups.without_cases(Ref(str(home), published[2].id))
    assert (row["finding_code"], row["severity"], row["word"]) == ("sale", "high", "Shared for money")
    assert (row["cases"], row["control_ids"]) == (0, ["CTL-NO-SALE"])
    (row,) = finding_groups.without_cases(Ref(str(home), published[3].id))
    assert (row["group_key"], row["word"]) == ("never seen", None)
    assert finding_groups.without_cases(Ref(str(home), published[1].id)) == []


def test_a_group_without_cases_is_listed_as_resolved_and_opens_with_what_was_done(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = {"event_type": "resolved", "note": "The export was stopped", "role": "Legal", "actor_key": "a1b2" + "0" * 56 + "c3d4"}
    act |= {"occurred_at": PUBLISHED, "is_withdrawn": False, "owner": None, "due_date": None, "accepted_until": None}
    row = {"group_key": GONE, "finding_code": None, "cause": None, "severity": None, "area": None, "word": None, "cases": 0}
    row |= {"control_id": None, "control_ids": [], "distance": None, "first_day": None, "last_day": None, "first_seen_at": None}
    named = row | {"finding_code": "sale", "cause": '{"recipient_id": "broker"}', "severity": "high", "area": "disclosures"}
    named |= {"word": "Shared for money", "group_key": "2" * 32}
    state = finding_groups._UNKNOWN | {"state": "resolved", "state_reason": "no_case_left"}
    monkeypatch.setattr(finding_groups, "without_cases", lambda ref: [dict(row), dict(named)])
    monkeypatch.setattr(finding_groups, "_states", lambda ref: {GONE: state, "2" * 32: state})
    monkeypatch.setattr("dashboards.data.remediations.events", lambda ref, key: [act])
    finding_groups.groups.clear()
    try:
        table = rows_of(open_page("/findings", state="resolved"), "Finding, by cause")
        assert list(table["State"]) == [["● Resolved, no case left"]] * 2
        assert list(table["Finding, by cause"]) == ["Shared for money: broker", "A finding that no kept snapshot names"]
        assert list(rows_of(open_page("/findings", state="resolved", q="broker"), "Finding, by cause")["Cases"]) == [0]
        finding_groups.group.clear()
        said = texts(open_page("/findings", group=GONE)).replace("\\", "")
        assert "none is left in this snapshot" in said
        assert "Legal, person a1b2…c3d4 · “The export was stopped”" in said
    finally:
        finding_groups.groups.clear()
        finding_groups.group.clear()


def test_every_case_is_filtered_by_the_state_and_the_owner_of_its_cause(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding_groups.groups.clear()
    first, second, *_ = finding_groups.groups(ref, FindingFilters(), ZONE)
    acted = {"accepted": first | {"owner": "Legal"}, "resolved": second | {"owner": "Legal"}}
    states = {row["group_key"]: finding_groups._UNKNOWN | {"state": state, "owner": "Legal"} for state, row in acted.items()}
    monkeypatch.setattr(finding_groups, "_states", lambda ref: states)
    finding_groups.groups.clear()
    try:
        app = open_page("/findings", view="cases", state="accepted")
        assert f"{first['cases']} of {held(ref)} findings" in texts(app)
        assert f"◇ Accepted · {first['cases']}" in app.selectbox(key="state").options
        app.selectbox(key="state").set_value("resolved").run()
        assert f"{second['cases']} of {held(ref)} findings" in texts(app)
        whole = open_page("/findings", view="cases", owner="Legal")
        assert whole.selectbox(key="owner").options == ["All", "Legal"]
        assert f"{first['cases'] + second['cases']} of {held(ref)} findings" in texts(whole)
    finally:
        finding_groups.groups.clear()


def test_systems_and_recipients_go_by_the_names_of_the_pack_with_their_code_beside_them(tmp_path: Path) -> None:
    rows = (
        "(values ('system', 'crm', 'Customer database', true), ('recipient_id', 'relay', 'Mail & post', false),"
        " ('system', 'old', 'Archive', true), ('system', 'new', 'Archive', true))"
    )
    own = {"dim_names": f"select * from {rows} t (dimension, code, name, is_in_force)"}
    with_names = Ref(str(tmp_path / "home"), small_snapshots.publish(tmp_path / "home", **own).id)
    assert names.written(with_names, "system", "crm") == "Customer database :small[`crm`]"
    assert names.written(with_names, "system", "erp") == "`erp`"
    assert names.written(with_names, "purpose_code", "product_news") == "Product news"
    called = {code: names.label(with_names, "system", code) for code in ("crm", "erp", "old", "new")}
    assert called == {"crm": "Customer database", "erp": "erp", "old": "Archive (old)", "new": "Archive (new)"}
    assert names.label(with_names, "data_category", "call_recording") == "Call recording"
    cause = {"unconfirmed_systems": '["crm","erp"]'}
    assert (
        wording.cause({"cause": cause, "named": names.of_things(with_names, cause)}) == "not confirmed by Customer database, erp"
    )
    row = {"area": "disclosures", "detail": {"recipient_id": "relay"}, "entity": "disclosures/x/1"}
    assert wording.what(row | {"named": names.of_things(with_names, row["detail"])}) == "Mail & post"
    assert wording.what(row) == "relay"
    without = Ref(str(tmp_path / "older"), small_snapshots.publish(tmp_path / "older").id)
    assert names.written(without, "system", "crm") == "`crm`", "a snapshot of an older version has no such mart"
