"""The retention page says what the marts hold: figures of a date, cells, record sets, erasures, holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from opened_pages import Open, figure, rows_of, texts

from dashboards.data import control_results, erasures, metrics, query, records
from dashboards.data.metrics import Figure
from dashboards.data.records import RecordFilters
from dashboards.snapshots import Ref
from promisekept.presentation import formats, labels
from promisekept.presentation.periods import Period, containing, parse

TODAY = date(2026, 9, 30)
QUARTER: Period = parse("2026-Q3")  # type: ignore[assignment]


def held(ref: Ref, code: str, period: Period, over: tuple[str, str] = ("all", "all")) -> Figure:
    return metrics.figures(ref, (code,), period, over)[code]


def first(ref: Ref, sql: str) -> dict[str, Any]:
    return query.first(ref, sql)


@pytest.mark.parametrize("day", ["2026-09-30", "2026-08-31", "2026-06-30", "2025-12-31"])
def test_the_figures_of_a_date_are_the_marts(open_page: Open, ref: Ref, day: str) -> None:
    app, at = open_page("/retention", address={"at": day}), date.fromisoformat(day)
    month, quarter, said = containing(at, "month"), containing(at, "quarter"), texts(app)
    kept, days = held(ref, "over_retention_rate", month), held(ref, "over_retention_p95_days", month)
    assert figure(app, "Retained beyond schedule").startswith(formats.rate(kept.value, 0.01))
    assert f"{formats.out_of(kept.numerator, kept.denominator)} records alive and scheduled · target ≤\u00a01%" in said
    assert figure(app, "Days overdue (95th percentile)") == formats.count(days.value)
    assert f"n = {formats.count(days.units)} record sets retained beyond schedule" in said
    on_time = held(ref, "deletion_timeliness", quarter)
    assert figure(app, "Deleted on time") == formats.rate(on_time.value)
    assert f"{formats.out_of(on_time.numerator, on_time.denominator)} records deleted in {quarter.label}" in said
    erased = held(ref, "erasure_completeness", quarter)
    assert figure(app, "Erasures complete").startswith(formats.rate(erased.value, 1.0))
    back = held(ref, "reappeared_records", quarter)
    assert figure(app, "Reappeared after deletion").startswith(formats.count(back.value))
    assert f"of {formats.count(back.units)} sets back or deleted and scanned for since in {quarter.label}" in said


def test_the_date_is_in_the_address_and_the_snapshots_own_leaves_it(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention")
    app.button_group(key="at").set_value("2026-07-31").run()
    assert app.query_params["at"] in ("2026-07-31", ["2026-07-31"])
    assert figure(app, "Retained beyond schedule").startswith(
        formats.rate(held(ref, "over_retention_rate", containing(date(2026, 7, 31), "month")).value, 0.01)
    )
    app.button_group(key="at").set_value("2026-09-30").run()
    assert "at" not in app.query_params


@pytest.mark.parametrize("day", ["2026-07-15", "2027-01-31", "yesterday", "0001-01-01"])
def test_a_day_without_figures_is_the_snapshots_day(open_page: Open, day: str) -> None:
    assert figure(open_page("/retention", address={"at": day}), "Retained beyond schedule") == figure(
        open_page("/retention"), "Retained beyond schedule"
    )


def test_an_earlier_date_shows_its_own_shares_and_no_rows_of_another(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention", address={"at": "2026-08-31"})
    month = containing(date(2026, 8, 31), "month")
    table = rows_of(app, "Category")
    shares = {row["Category"]: (row["Retained beyond schedule"], row["Alive"]) for _, row in table.iterrows()}
    for value, one in metrics.by_dimension(ref, "over_retention_rate", month, "data_category"):
        assert shares[labels.sentence(value)] == (one.numerator, one.denominator)
    assert "Single record sets are shown as of the snapshot" in texts(app)
    assert not [frame for frame in app.dataframe if "Record set" in frame.value]


@pytest.mark.parametrize("dimension", ["data_category", "system"])
def test_the_cells_add_up_to_what_the_mart_holds(ref: Ref, dimension: str) -> None:
    month, column = containing(TODAY, "month"), {"data_category": "category"}.get(dimension, dimension)
    cells = records.cells(ref)
    for value, one in metrics.by_dimension(ref, "over_retention_rate", month, dimension):
        own = [cell for cell in cells if cell[column] == value]
        assert (sum(cell["over"] for cell in own), sum(cell["alive"] or 0 for cell in own)) == (one.numerator, one.denominator)
    whole = held(ref, "over_retention_rate", month)
    assert sum(cell["over"] for cell in cells) == whole.numerator


@pytest.mark.parametrize(
    "where",
    [
        RecordFilters(),
        RecordFilters(category=("call_recording",)),
        RecordFilters(system=("voice",)),
        RecordFilters(category=("contact_details",)),
    ],
)
def test_a_combination_of_filters_is_counted_as_the_mart_counts_one(ref: Ref, where: RecordFilters) -> None:
    assert where.single is not None
    share, days, without = records.over_retained(ref, where)
    month = containing(TODAY, "month")
    one, over = held(ref, "over_retention_rate", month, where.single), held(ref, "over_retention_p95_days", month, where.single)
    assert (share.numerator, share.denominator, share.value) == (one.numerator, one.denominator, one.value)
    assert (days.value, days.units) == (over.value, over.units)
    unscheduled = held(ref, "unscheduled_rate", month, where.single)
    assert (without.numerator, without.denominator) == (unscheduled.numerator, unscheduled.denominator)
    got = records.deletions(ref, where, QUARTER, "America/New_York")
    timely = held(ref, "deletion_timeliness", QUARTER, where.single)
    assert (got["on_time"], got["on_time"] + got["late"]) == (timely.numerator or 0, timely.denominator or 0)
    assert got["with_minimum"] == (held(ref, "early_deletions", QUARTER, where.single).units or 0)
    assert got["with_hold"] == (held(ref, "deletions_under_hold", QUARTER, where.single).units or 0)
    assert got["reappeared"] + got["confirmed_deleted"] == (held(ref, "reappeared_records", QUARTER, where.single).units or 0)


def test_a_filter_narrows_figures_and_rows_and_shows_as_a_pill(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention", category="meeting_transcript", system="voice")
    row = first(
        ref,
        "select sum(records_left) filter (status = 'over_retained')::bigint as k,"
        " sum(records_left) filter (is_alive)::bigint as n, count(*) filter (status = 'over_retained') as sets"
        " from marts.fct_records"
        " where data_category = 'meeting_transcript' and system = 'voice' and schedule_id is not null",
    )
    assert f"{formats.out_of(row['k'], row['n'])} records alive and scheduled" in texts(app)
    assert set(rows_of(app, "Record set")["Category"]) == {"Meeting transcript"}
    assert f"{row['sets']} of " in texts(app)
    assert set(app.button_group(key="choices").value) == {"category=meeting_transcript", "system=voice"}


def test_a_product_line_narrows_figures_cells_and_rows(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention", own_product_line="Phones", system="voice")
    row = first(
        ref,
        "select sum(records_left) filter (status = 'over_retained')::bigint as k,"
        " sum(records_left) filter (is_alive)::bigint as n,"
        " count(*) filter (status = 'over_retained') as sets, min(record_key) filter (status = 'over_retained') as one"
        " from marts.fct_records"
        " where system = 'voice' and dimensions ->> 'product_line' = 'Phones' and schedule_id is not null",
    )
    assert row["sets"]
    assert f"{formats.out_of(row['k'], row['n'])} records alive and scheduled" in texts(app)
    assert f"in {formats.count(row['sets'])} sets" in texts(app)
    assert set(app.button_group(key="choices").value) == {"system=voice", "own_product_line=Phones"}
    assert "Product line Phones" in texts(open_page("/retention", record=row["one"]))


def test_what_is_kept_too_long_is_listed_with_where_and_since_when_oldest_first(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention")
    group = rows_of(app, "Since").iloc[0]
    row = first(
        ref,
        "select data_category, system, schedule_id, sum(records_left)::bigint as k, min(delete_by) as since,"
        " max(over_days) as days from marts.fct_records where status = 'over_retained' group by all order by k desc limit 1",
    )
    assert (group["System"], group["Schedule"]) == (row["system"], row["schedule_id"])
    assert group["Records"].startswith(f"{formats.count(row['k'])} of ")
    assert (group["Since"], group["Longest overdue, days"]) == (formats.day(row["since"]), row["days"])
    sets = rows_of(app, "Record set")
    oldest = query.rows(
        ref,
        "select record_id, batch_id, row_number from marts.fct_records where status = 'over_retained'"
        " order by delete_by, records_left desc, record_key",
    )
    assert list(sets["Record set"]) == [one["record_id"] for one in oldest[:10]]
    assert sets["Batch · row"].iloc[0] == f"{oldest[0]['batch_id']} · {oldest[0]['row_number']}"
    second = rows_of(open_page("/retention", page="2"), "Record set")
    assert list(second["Record set"]) == [one["record_id"] for one in oldest[10:20]]


def test_no_pseudonym_is_shown_whole(open_page: Open, ref: Ref) -> None:
    people = query.rows(ref, "select subject_key from marts.fct_records where subject_key is not null")
    keys = {row["subject_key"] for row in people}
    app = open_page("/retention")
    shown = texts(app) + "".join(frame.value.to_string() for frame in app.dataframe)
    assert not [key for key in keys if key in shown]
    assert rows_of(app, "Record set")["Person"].str.contains("…").any()


def test_the_period_of_a_schedule_is_read_off_its_dates(ref: Ref) -> None:
    for schedule, months in (("RET-CR-02", 6), ("RET-MT-01", 3), ("RET-CO-01", 12), ("RET-US-04", 4)):
        assert records.period(ref, schedule) == (months, "month")


def test_every_record_alive_under_a_schedule_has_one_age(ref: Ref) -> None:
    for bins in ((1, "month", 99), (6, "day", 99), (1, "month", 7)):
        found = records.ages(ref, RecordFilters(), "RET-CR-02", bins, TODAY)
        row = first(
            ref,
            "select sum(records_left)::bigint as n, sum(records_left) filter (status = 'over_retained')::bigint as k"
            " from marts.fct_records where schedule_id = 'RET-CR-02' and is_alive",
        )
        assert sum(one["records"] for one in found) == row["n"]
        assert max(one["bin"] for one in found) <= bins[2]
        assert sum(one["records"] for one in found if one["kind"] == "over") == row["k"]
    months = records.ages(ref, RecordFilters(), "RET-CR-02", (1, "month", 99), TODAY)
    assert min(one["bin"] for one in months if one["kind"] == "over") >= 6
    assert max(one["bin"] for one in months if one["kind"] == "within") <= 6


def test_erasures_that_left_something_behind_come_oldest_first_and_by_system(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention")
    table = rows_of(app, "What is missing")
    held_rows = query.rows(
        ref, "select * from marts.fct_erasures where status = 'incomplete' order by closed_date, request_key limit 10"
    )
    assert list(table["Request"]) == [row["request_id"] for row in held_rows]
    for said, row in zip(table["What is missing"], held_rows, strict=True):
        assert all(f"{system}: not confirmed" in said for system in row["unconfirmed_systems"])
        assert ("created again" in said) == bool(row["recreated"])
        assert ("still there" in said) == bool(row["missed_records"])
    silent = next(frame.value for frame in app.table if "Not confirmed" in frame.value)
    oldest = first(
        ref,
        "select system, min(closed_date) as since from"
        " (select unnest(unconfirmed_systems) as system, closed_date from marts.fct_erasures where status = 'incomplete')"
        " group by all order by since limit 1",
    )
    assert (silent["System"].iloc[0], silent["Oldest since"].iloc[0]) == (f"`{oldest['system']}`", formats.day(oldest["since"]))
    counts = erasures.counts(ref, ())
    judged_erasures = held(ref, "erasure_completeness", parse("to_date"))  # type: ignore[arg-type]
    assert counts["assessed"] == judged_erasures.denominator
    assert counts["assessed"] - counts["incomplete"] == judged_erasures.numerator


def test_a_system_leaves_its_own_erasures_those_with_its_data_included(ref: Ref) -> None:
    for system in ("voice", "analytics"):
        expected = {
            row["request_key"]
            for row in query.rows(ref, "select * from marts.fct_erasures where status = 'incomplete'")
            if system in row["unconfirmed_systems"] or (system == "voice" and row["missed_records"])
        }
        found = erasures.page(ref, (system,), (0, 500))
        assert {row["request_key"] for row in found} == expected
        assert erasures.counts(ref, (system,))["left_behind"] == len(expected)


def test_holds_are_told_with_what_was_deleted_under_one_and_an_absence_is_told_as_good(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention")
    said = texts(app)
    row = first(ref, "select * from marts.fct_records where status = 'deleted_under_hold'")
    broken = next(frame.value for frame in app.table if "Deleted" in frame.value)
    assert broken["Record set"].iloc[0].replace("\\", "") == row["record_id"]
    on_hold = first(ref, "select sum(records_left)::bigint as n from marts.fct_records where on_hold and is_alive")["n"]
    alive = first(ref, "select sum(records_left)::bigint as n from marts.fct_records where is_alive")["n"]
    assert f"On hold on 30 Sep 2026: {formats.out_of(on_hold, alive)} records alive" in said
    standing = next(frame.value for frame in app.table if "Sets not reviewed in time" in frame.value)
    assert set(standing["Sets not reviewed in time"]) == {"1"}
    unreviewed = first(ref, "select * from marts.fct_records where len(holds_not_reviewed) > 0")
    drawer = texts(open_page("/retention", record=unreviewed["record_key"])).replace("\\", "")
    assert f"was not placed again since {formats.instant(unreviewed['hold_unreviewed_since'], 'America/New_York')}" in drawer
    other = first(
        ref,
        "select system, count_if(had_hold and deleted_date is not null) as n from marts.fct_records group by system"
        " having not bool_or(status = 'deleted_under_hold') and not bool_or(on_hold) order by system limit 1",
    )
    said = texts(open_page("/retention", system=other["system"]))
    assert "No record was deleted under a hold" in said
    assert f"0 of {formats.count(other['n'])} sets that had a hold and were deleted to date." in said


def test_a_record_set_opens_with_its_dates_and_its_landed_row(open_page: Open, ref: Ref) -> None:
    row = first(ref, "select * from marts.fct_records where status = 'over_retained' order by delete_by, record_key limit 1")
    app = open_page("/retention", record=row["record_key"])
    said = texts(app).replace("\\", "")
    assert f"Retained beyond schedule by {formats.days(row['over_days'])}" in said
    assert f"Delete by {formats.day(row['delete_by'])}" in said
    assert any(f"{row['batch_id']} · {row['row_number']}" in frame.value.to_string().replace("\\", "") for frame in app.table)
    assert "Kept beyond the day by which it should be deleted" in said
    assert "No such record set" in texts(open_page("/retention", record="catalogue/R-0"))


def test_only_known_marts_are_asked_for(ref: Ref) -> None:
    assert control_results.holds(ref, "fct_records")
    with pytest.raises(KeyError):
        control_results.holds(ref, "fct_records; drop table x")


def test_where_nothing_is_kept_too_long_the_page_says_so_as_good_and_lists_no_set(open_page: Open, ref: Ref) -> None:
    app = open_page("/retention", system="crm")
    alive = first(
        ref,
        "select sum(records_left)::bigint as n from marts.fct_records"
        " where system = 'crm' and is_alive and schedule_id is not null",
    )["n"]
    assert "Nothing is retained beyond schedule" in texts(app)
    assert f"0 of {formats.count(alive)} records alive and scheduled." in texts(app)
    assert not [frame for frame in app.dataframe if "Record set" in frame.value]
    app.button(key=next(button.key for button in app.button if button.label == "Clear filters")).click().run()
    assert "system" not in app.query_params
