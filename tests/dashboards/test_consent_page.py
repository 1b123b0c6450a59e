"""The consent page shows what the marts hold: opt-in, standing, withdrawals and the systems that have not confirmed them."""

from __future__ import annotations

from pathlib import Path

import invented
import pytest
from opened_pages import CODES, PUBLISHED, QUARTER, ZONE, Open, figure, held, rows_of, texts

from dashboards.charts.consents import hours
from dashboards.data import consents, control_results, metrics, query, withdrawals
from dashboards.data.withdrawals import WithdrawalFilters
from dashboards.snapshots import Ref
from dashboards.views.consent.opt_in import KINDS
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import TO_DATE, parse


@pytest.mark.parametrize("code", CODES)
def test_the_figures_are_the_marts(open_page: Open, ref: Ref, code: str) -> None:
    app, period = open_page("/consent", period=code), parse(code)
    assert period is not None
    assert not app.error
    said = texts(app)
    provable = held(ref, "consent_provable_rate", period)
    assert figure(app, "Provable consents").startswith(formats.rate(provable["value"], 1.0))
    assert f"{formats.out_of(provable['numerator'], provable['denominator'])} active · target =\u00a0100%" in said
    missed = held(ref, "withdrawal_unconfirmed", period)
    due = missed["units"] - missed["pending_units"]
    assert f"{formats.out_of(due - missed['value'], due)} expected · {formats.count(missed['value'])} not, " in said.replace(
        " · target", ", target"
    )
    slowest = max(
        (found["withdrawal_propagation_p95_hours"].value or 0)
        for found in metrics.by_value(ref, ("withdrawal_propagation_p95_hours",), period, "system").values()
    )
    assert figure(app, "Slowest system, 95th percentile").startswith(hours(slowest))
    without = held(ref, "processing_without_consent", period)
    assert figure(app, "Processing without consent").startswith(formats.count(without["value"]))
    assert f"of {formats.count(without['units'])} operations on consent · target =\u00a00" in said


def test_every_verdict_is_the_controls(open_page: Open, ref: Ref) -> None:
    app = open_page("/consent", period="to_date")
    for name, code in (
        ("Provable consents", "consent_provable_rate"),
        ("Withdrawals confirmed in time", "withdrawal_unconfirmed"),
        ("Processing without consent", "processing_without_consent"),
    ):
        verdict = control_results.verdicts(ref, (code,), TO_DATE, None)[code]
        assert statuses.VERDICTS[verdict["status"]].badge() in figure(app, name)
    assert "badge" not in figure(open_page("/consent", period="to_date", purpose="product_news"), "Provable consents")


@pytest.mark.parametrize("code", ["2026-Q3", "to_date"])
def test_opt_in_has_each_denominator_beside_it(open_page: Open, ref: Ref, code: str) -> None:
    period = parse(code)
    assert period is not None
    table = rows_of(open_page("/consent", period=code), "Out of")
    purposes = metrics.values(ref, ("consent_opt_in_rate",), "purpose_code")
    expected = {
        (labels.sentence(purpose), kind, row["numerator"], row["denominator"], formats.rate(row["value"]))
        for purpose in purposes
        for metric, kind in KINDS.items()
        if (row := held(ref, metric, period, "purpose_code", purpose))
    }
    shown = {tuple(row) for row in table[["Purpose", "Out of", "Given", "Persons", "Opt-in"]].itertuples(index=False)}
    assert expected <= shown
    assert len(shown) == len(purposes) * len(KINDS)


def test_active_consents_end_where_the_mart_ends(open_page: Open, ref: Ref) -> None:
    table = rows_of(open_page("/consent"), "Month")
    last = parse("2026-09")
    assert last is not None
    for purpose in metrics.values(ref, ("active_consents",), "purpose_code"):
        assert table[labels.sentence(purpose)].iloc[-1] == held(ref, "active_consents", last, "purpose_code", purpose)["value"]


@pytest.mark.parametrize("code", CODES)
def test_systems_took_what_the_mart_says_and_no_confirmation_is_lost(open_page: Open, ref: Ref, code: str) -> None:
    period = parse(code)
    assert period is not None
    found = withdrawals.by_system(ref, WithdrawalFilters(), period, ZONE)
    for row in found:
        for name, metric in (("median", "withdrawal_propagation_p50_hours"), ("p95", "withdrawal_propagation_p95_hours")):
            value = held(ref, metric, period, "system", row["system"])["value"]
            assert row[name] == (None if value is None else pytest.approx(value))
        missed = held(ref, "withdrawal_unconfirmed", period, "system", row["system"])
        assert row["expected"] == missed["units"]
        assert row["expected"] - row["pending"] - row["in_time"] == missed["value"]
        assert row["p95"] is None or row["is_over"] == (row["p95"] > row["limits"][0]) or len(row["limits"]) > 1
    table = rows_of(open_page("/consent", period=code), "95th percentile, hours")
    assert list(table["System"]) == [row["system"] for row in found]
    assert list(table["Expected"]) == [row["expected"] for row in found]


def test_purposes_in_the_address_are_summed_as_if_they_were_one(open_page: Open, ref: Ref) -> None:
    two = ("call_recording", "product_news")
    together = query.first(
        ref,
        """
        select count(*) as n, count(*) filter (provable) as k from marts.fct_consents
        where state = 'active' and valid_to is null and list_contains($two::varchar[], purpose_code)
        """,
        {"two": list(two)},
    )
    app = open_page("/consent", period="to_date", purpose=list(two))
    assert f"{formats.out_of(together['k'], together['n'])} active" in texts(app)
    assert figure(app, "Provable consents") == formats.rate(together["k"] / together["n"], 1.0)
    assert app.button_group(key="choices").value == [f"purpose={name}" for name in two]
    assert set(rows_of(app, "Out of")["Purpose"]) == {labels.sentence(name) for name in two}
    assert {row["system"] for row in withdrawals.by_system(ref, WithdrawalFilters(two), TO_DATE, ZONE)} == {
        "voice",
        "billing",
        "mail",
        "crm",
    }


def test_all_purposes_chosen_are_no_filter(ref: Ref) -> None:
    every = metrics.values(ref, ("active_consents",), "purpose_code")
    assert withdrawals.by_system(ref, WithdrawalFilters(every), QUARTER, ZONE) == withdrawals.by_system(
        ref, WithdrawalFilters(), QUARTER, ZONE
    )
    codes = ("consent_provable_rate", "active_consents", "withdrawal_unconfirmed")
    apart, whole = metrics.figures(ref, codes, QUARTER, ("purpose_code", *every)), metrics.figures(ref, codes, QUARTER)
    for code in codes:
        assert (apart[code].value, apart[code].denominator) == (whole[code].value, whole[code].denominator)


def test_systems_that_have_not_confirmed_are_listed_oldest_first(open_page: Open, ref: Ref) -> None:
    expected = query.rows(
        ref,
        """
        select system, withdrawn_at, subject_key, batch_id, row_number from marts.fct_withdrawal_systems
        where applied_at is null and status = 'unconfirmed' order by withdrawn_at, system, namespace, event_id
        """,
    )
    assert len(expected) > 1
    app = open_page("/consent")
    table = rows_of(app, "Confirm by")
    assert list(table["System"]) == [row["system"] for row in expected[:15]]
    assert list(table["Withdrawn"]) == [formats.instant(row["withdrawn_at"], ZONE) for row in expected[:15]]
    assert list(table["Batch · row"]) == [f"{row['batch_id']} · {row['row_number']}" for row in expected[:15]]
    assert f"Not confirmed · {len(expected)}" in app.button_group(key="list").options[0]
    whole = query.first(ref, "select count(*) as n from marts.fct_withdrawal_systems")["n"]
    by_system = query.first(
        ref,
        "select system, count(*) as n from marts.fct_withdrawal_systems where status = 'unconfirmed'"
        " group by system order by n desc, system limit 1",
    )
    assert f"`{by_system['system']}` {by_system['n']}" in texts(app)
    assert f"{formats.out_of(len(expected), whole)} expected confirmations ever are overdue" in texts(app)
    assert all(row["subject_key"] not in table.to_string() for row in expected)


def test_a_choice_in_the_popover_goes_into_the_address_and_a_pill_takes_it_away(open_page: Open) -> None:
    app = open_page("/consent", page="2")
    app.multiselect(key="choice_purpose").set_value(["product_news"]).run()
    assert app.query_params["purpose"] in ("product_news", ["product_news"])
    assert "page" not in app.query_params
    assert app.button_group(key="choices").value == ["purpose=product_news"]
    app.button_group(key="choices").set_value([]).run()
    assert "purpose" not in app.query_params


def test_what_can_no_longer_be_confirmed_is_told_apart(open_page: Open, ref: Ref) -> None:
    again = query.rows(
        ref,
        "select consented_again_at is not null as again from marts.fct_withdrawal_systems where status = 'unconfirmed'"
        " order by withdrawn_at, system, namespace, event_id limit 15",
    )
    assert {row["again"] for row in again} == {True, False}
    app = open_page("/consent")
    shown = [cell[0] for cell in rows_of(app, "Confirm by")["Status"]]
    assert shown == [statuses.WITHDRAWALS["given_again" if row["again"] else "unconfirmed"].cell for row in again]
    assert "nothing can confirm it any more" in texts(app)


def test_a_list_and_a_system_are_in_the_address(open_page: Open, ref: Ref) -> None:
    late = query.rows(
        ref, "select system from marts.fct_withdrawal_systems where not in_time and applied_at is not null order by withdrawn_at"
    )
    assert late
    assert list(rows_of(open_page("/consent", list="late"), "Confirm by")["System"]) == [row["system"] for row in late[:15]]
    second = rows_of(open_page("/consent", list="late", page="2"), "Confirm by") if len(late) > 15 else None
    assert second is None or len(second) == min(15, len(late) - 15)
    only = open_page("/consent", system="mail", list="late", period="to_date")
    mine = query.first(
        ref, "select count(*) as n, count(*) filter (in_time) as k from marts.fct_withdrawal_systems where system = 'mail'"
    )
    assert f"{formats.out_of(mine['k'], mine['n'])} expected" in texts(only)
    assert "The system narrows withdrawals only" in texts(only)
    assert "No confirmation is awaited" in texts(open_page("/consent", list="pending"))


@pytest.mark.parametrize("code", CODES)
def test_what_cant_be_proven_is_what_is_active_and_not_provable(ref: Ref, code: str) -> None:
    period = parse(code)
    assert period is not None
    mart = held(ref, "consent_provable_rate", period)
    found = consents.unprovable(ref, (), period, ZONE)
    assert sum(row["consents"] for row in found) == mart["denominator"] - mart["numerator"]


def test_every_reason_is_told_in_words(open_page: Open, ref: Ref) -> None:
    found = consents.unprovable(ref, (), QUARTER, ZONE)
    assert {row["reason"] for row in found} >= {"no_notice", "nothing_recorded", "unknown_version", "not_in_force"}
    table = next(table.value for table in open_page("/consent").table if "Why not" in table.value)
    assert list(table["Why not"]) == [labels.UNPROVABLE[row["reason"]] for row in found]
    for row in found:
        same = query.first(
            ref,
            """
            select bool_and(case $reason when 'no_notice' then notice_id is null and policy_version is not null
                when 'no_version' then policy_version is null and notice_id is not null
                when 'nothing_recorded' then policy_version is null and notice_id is null
                else notice_id is not null and policy_version is not null end) as fits, count(*) as n
            from marts.fct_consents where state = 'active' and not provable and valid_to is null and purpose_code = $purpose
                and policy_version is not distinct from $version
                and (notice_id is null) = ($reason in ('no_notice', 'nothing_recorded'))
            """,
            {"reason": row["reason"], "purpose": row["purpose_code"], "version": row["policy_version"]},
        )
        assert same["fits"]
        assert same["n"] == row["consents"]


def test_the_match_rate_stands_beside_figures_between_logs(open_page: Open) -> None:
    said = texts(open_page("/consent"))
    assert "**Identity match rate between logs** 77.5% in consents (31 of 40), 70.0% in processing (28 of 40)" in said


def test_a_snapshot_without_the_log_says_so(open_page: Open, tmp_path: Path) -> None:
    invented.publish(tmp_path, PUBLISHED, 60, logs=["invented_disclosures.sql"])
    app = open_page("/consent", at=tmp_path)
    assert not app.error
    assert "This snapshot holds no consent" in texts(app)
    assert not app.metric
