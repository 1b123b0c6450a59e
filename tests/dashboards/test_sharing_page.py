"""The sharing page shows what the marts hold: who received what, which check failed, who after a stop, which agreement ends."""

from __future__ import annotations

from pathlib import Path

import invented
import pytest
from opened_pages import CODES, PUBLISHED, QUARTER, ZONE, Open, figure, frames, held, rows_of, texts
from pandas import isna

from dashboards import access
from dashboards.charts import sharing as charts
from dashboards.data import control_results, query, sharing
from dashboards.snapshots import Ref
from dashboards.views.sharing.disclosures import why
from promisekept.presentation import formats, labels
from promisekept.presentation.periods import TO_DATE, parse


@pytest.mark.parametrize("code", CODES)
def test_the_figures_are_the_marts(open_page: Open, ref: Ref, code: str) -> None:
    app, period = open_page("/sharing", period=code), parse(code)
    assert period is not None
    assert not app.error
    said = texts(app)
    policy, told = held(ref, "within_policy_rate", period), held(ref, "disclosure_told_rate", period)
    assert figure(app, "Within policy") == formats.rate(policy["value"])
    assert formats.out_of(policy["numerator"], policy["denominator"]) in said
    assert f"{formats.rate(held(ref, 'within_policy_rate_by_records', period)['value'])} of records" in said
    assert figure(app, "Individuals notified").startswith(formats.rate(told["value"], 0.95))
    assert f"{formats.out_of(told['numerator'], told['denominator'])} · target ≥\u00a095%" in said
    assert f"· {held(ref, 'told_exempt_rate', period)['numerator']} exempt" in said
    for name, metric in (("After opt-out or objection", "disclosure_after_stop"), ("Sales", "sale_count")):
        row = held(ref, metric, period)
        assert figure(app, name).split()[0] == formats.count(row["value"])
        assert f"of {formats.count(row['units'])} " in said


def test_a_promise_kept_with_exceptions_says_how_many(open_page: Open, ref: Ref) -> None:
    app = open_page("/sharing", period="to_date")
    told = held(ref, "disclosure_told_rate", TO_DATE)
    assert (
        control_results.verdicts(ref, ("disclosure_told_rate",), TO_DATE, None)["disclosure_told_rate"]["status"]
        == "met_within_tolerance"
    )
    assert ":green-badge[:material/check_circle: Kept]" in figure(app, "Individuals notified")
    assert f"within tolerance: {told['denominator'] - told['numerator']} cases against it" in texts(app)


@pytest.mark.parametrize("code", CODES)
def test_the_matrix_counts_what_the_mart_counts(open_page: Open, ref: Ref, code: str) -> None:
    period = parse(code)
    assert period is not None
    rows = sharing.matrix(ref, (), period)
    for row in rows:
        policy = held(ref, "within_policy_rate", period, "recipient_id", row["recipient_id"])
        assert (row["disclosures"], row["failed"]) == (policy["denominator"], policy["denominator"] - policy["numerator"])
        told = held(ref, "disclosure_told_rate", period, "recipient_id", row["recipient_id"])
        assert (row["told_applicable"], row["told"]) == (told["denominator"], told["denominator"] - told["numerator"])
        stopped = held(ref, "disclosure_after_stop", period, "recipient_id", row["recipient_id"])
        assert (row["not_stopped_applicable"], row["not_stopped"]) == (stopped["units"], stopped["value"])
    table = rows_of(open_page("/sharing", period=code), "Failed any")
    assert list(table["Recipient"]) == [row["recipient_id"] for row in rows]
    for check in sharing.CHECKS:
        shown = [None if isna(value) else value for value in table[f"Failed: {labels.DISCLOSURE_CHECKS[check]}"]]
        assert shown == [row[check] if row[f"{check}_applicable"] else None for row in rows], check


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (842, "842"),
        (999, "999"),
        (1_000, "1.0k"),
        (1_249, "1.2k"),
        (9_960, "10k"),
        (18_400, "18k"),
        (999_600, "1.0M"),
        (2_100_000, "2.1M"),
    ],
)
def test_a_cell_holds_any_number(number: int, shown: str) -> None:
    row = {"recipient_id": "x", "called": "X Ltd", "disclosures": number, "told": number, "told_applicable": number}
    drawn = charts.matrix([row], {"told": "Notified"}, None)
    assert [cell["words"] for frame in frames(drawn) for cell in frame] == [shown]


def test_what_went_abroad_is_told_by_country_and_safeguard(open_page: Open, ref: Ref) -> None:
    table = rows_of(open_page("/sharing", period="to_date"), "Safeguard")
    held_by_country = query.rows(
        ref, "select destination_country as c, count(*) as n from marts.fct_disclosures where c in ('IE', 'IN', 'VN') group by c"
    )
    assert dict(zip(table["Country"], table["Disclosures"], strict=True)) == {
        labels.jurisdiction(r["c"]): r["n"] for r in held_by_country
    }
    assert dict(zip(table["Country"], table["Safeguard"], strict=True)) == {
        "Ireland": "Adequate",
        "India": "Standard clauses",
        "Vietnam": "✕ No safeguard",
    }


def test_who_received_data_after_a_stop_is_told_row_by_row(open_page: Open, ref: Ref) -> None:
    expected = query.rows(
        ref, "select * from marts.fct_disclosures where not ok_not_stopped order by occurred_at desc, namespace, event_id"
    )
    assert expected
    app = open_page("/sharing", period="to_date")
    table = rows_of(app, "Opt-out or objection")
    assert "Received data after an objection or erasure" in [header.value for header in app.header]
    assert list(table["Recipient"]) == [row["recipient_id"] for row in expected[:15]]
    assert list(table["Batch · row"]) == [f"{row['batch_id']} · {row['row_number']}" for row in expected[:15]]
    first = expected[0]
    closed = formats.day(formats.local(first["stopped_at"], ZONE).date())
    assert table["Opt-out or objection"].iloc[0] == f"{labels.RIGHTS[first['stopped_right_type']]}, closed {closed}"
    assert f"{formats.out_of(len(expected), held(ref, 'disclosure_after_stop', TO_DATE)['units'])} disclosures" in texts(app)
    assert all(row["subject_key"] not in table.to_string() for row in expected)


@pytest.mark.parametrize("check", sharing.CHECKS)
def test_every_check_leads_to_its_rows(open_page: Open, ref: Ref, check: str) -> None:
    app = open_page("/sharing", period="to_date", check=check)
    number = query.first(ref, f"select count(*) filter (not ok_{check}) as n from marts.fct_disclosures")["n"]
    assert not app.error
    if number:
        shown = next(frame.value for frame in app.dataframe if "Disclosed" in frame.value)
        assert len(shown) == min(15, number)
    else:
        assert "No disclosure failed this check" in texts(app) or "The check applies to no disclosure" in texts(app)


def test_a_cell_in_the_address_chooses_its_rows_and_leaves_the_matrix_whole(open_page: Open, ref: Ref) -> None:
    app = open_page("/sharing", period="to_date", recipient="northline_mail", check="told")
    rows = next(frame.value for frame in app.dataframe if "Person notified" in frame.value)
    assert set(rows["Recipient"]) == {"northline_mail"}
    told = held(ref, "disclosure_told_rate", TO_DATE, "recipient_id", "northline_mail")
    assert f"{formats.out_of(told['denominator'] - told['numerator'], told['denominator'])} disclosures" in texts(app)
    assert len(rows_of(app, "Failed any")) == len(sharing.recipients(ref))
    assert figure(app, "Individuals notified") == formats.rate(told["value"], 0.95)


def test_one_check_at_a_time_is_chosen_in_the_popover(open_page: Open) -> None:
    app = open_page("/sharing")
    app.selectbox(key="choice_check").set_value("told").run()
    assert app.query_params["check"] in ("told", ["told"])
    assert "Shared before the person was notified" in [header.value for header in app.header]
    both = open_page("/sharing", check=["transfer", "told"])
    assert both.button_group(key="choices").value == ["check=transfer"]


def test_a_kind_of_recipient_is_a_choice_of_recipients(open_page: Open, ref: Ref) -> None:
    app = open_page("/sharing", period="to_date", kind=["legal_authority", "not_listed"])
    both = query.first(
        ref,
        "select count(*) as n, count(*) filter (within_policy) as k from marts.fct_disclosures"
        " where recipient_id in ('state_police', 'tallow_events')",
    )
    assert formats.out_of(both["k"], both["n"]) in texts(app)
    assert set(rows_of(app, "Failed any")["Recipient"]) == {"state_police", "tallow_events"}
    assert "0 agreements with these recipients are in force" in texts(app)
    nobody = open_page("/sharing", period="to_date", kind="legal_authority", recipient="northline_mail")
    assert not nobody.error
    assert figure(nobody, "Within policy") == formats.NULL


@pytest.mark.parametrize(("days", "refs"), [("", ["DPA-2023-117"]), ("90", ["DPA-2023-117", "DPA-2024-009, then DPA-2026-002"])])
def test_agreements_that_end_are_those_of_the_register(open_page: Open, days: str, refs: list[str]) -> None:
    app = open_page("/sharing", **({"ending": days} if days else {}))
    table = next(table.value for table in app.table if "Agreement" in table.value)
    ended, ending = table.iloc[0], table.iloc[1:]
    assert ended["Recipient"].replace("\\", "") == "`clearvoice_ai`"
    assert "122\u00a0days ago" in ended["Ends"]
    assert [ref.replace("\\", "") for ref in ending["Agreement"]] == refs
    assert "In 24\u00a0days" in ending["Ends"].iloc[0]
    assert ending["Last day"].iloc[0] == "24 Oct 2026"
    assert figure(app, "Agreements ending").split()[0] == str(len(refs))
    assert f"{len(refs)} of 3 in force have their last day by" in texts(app)


def test_one_disclosure_tells_what_it_failed_and_where_it_comes_from(open_page: Open, ref: Ref) -> None:
    row = query.first(
        ref, "select * from marts.fct_disclosures where not ok_not_stopped and not ok_told order by event_id limit 1"
    )
    row = row or query.first(ref, "select * from marts.fct_disclosures where not ok_not_stopped order by event_id limit 1")
    app = open_page("/sharing", disclosure=f"{row['namespace']}/{row['event_id']}")
    said = texts(app).replace("\\", "")
    assert f"Opt-out or objection: {why('not_stopped', row, ZONE)}" in said
    facts = {
        name: value.replace("\\", "")
        for table in app.table
        if "  " in table.value
        for name, value in zip(table.value[" "], table.value["  "], strict=True)
    }
    assert facts["Batch · row"] == f"{row['batch_id']} · {row['row_number']}"
    assert facts["Source"] == row["source"]
    assert facts["Person"] == f"{row['subject_key'][:4]}…{row['subject_key'][-4:]}"
    assert row["subject_key"] not in said + str(facts)


def test_no_check_may_name_a_column_of_its_own(ref: Ref) -> None:
    for question in (sharing.failed, lambda *given: sharing.page(*given, (0, 15))):
        with pytest.raises(ValueError, match="not in tuple"):
            question(ref, "told or true", (), QUARTER)
    assert sharing.matrix(ref, ("x') or ('1'='1",), QUARTER) == []


def test_a_snapshot_without_the_log_or_the_register_says_so(open_page: Open, tmp_path: Path) -> None:
    invented.publish(tmp_path, PUBLISHED, 60, logs=["invented_consents.sql"])
    app = open_page("/sharing", at=tmp_path)
    assert not app.error
    assert "This snapshot holds no disclosure" in texts(app)
    assert "This snapshot was published without the register" in texts(app)


def test_a_role_without_rows_gets_figures_and_no_disclosure(open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "current", lambda: access.Reader("v", "viewer"))
    key = query.first(ref, "select namespace || '/' || event_id as key from marts.fct_disclosures where not ok_told limit 1")[
        "key"
    ]
    app = open_page("/sharing", check="told", disclosure=key)
    assert not app.error
    assert len(app.metric) == 5
    assert not [frame for frame in app.dataframe if "Disclosed" in frame.value]
    assert "Where it comes from" not in texts(app)
    assert "Choose a cell" not in texts(app)
    assert rows_of(app, "Failed any") is not None
