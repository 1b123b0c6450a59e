"""What stands in an address is on a list, or it is nothing."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from invented import AS_OF
from opened_pages import ATTACKS, Open, texts

from dashboards.data import query, worklist
from dashboards.data.request_filters import Filters, SnapshotDate
from dashboards.snapshots import Ref
from promisekept.presentation import formats

PARAMETERS = (
    *("period", "snapshot", "list", "sort", "page", "right", "jurisdiction", "regime", "channel", "before", "clause", "severity"),
    *("area", "since", "node", "purpose", "system", "recipient", "kind", "check", "ending", "disclosure", "at"),
    *("category", "type", "feature", "status", "version", "erasures", "view", "state", "owner"),
)
"""Every parameter of an address but a search and what is looked up by its key."""
PAGES = ("requests", "findings", "traceability", "consent", "sharing", "retention", "collection", "incidents", "policy")


@pytest.mark.parametrize("page", PAGES)
def test_a_value_that_is_on_no_list_changes_nothing_and_is_not_echoed(open_page: Open, page: str) -> None:
    clean = open_page(f"/{page}")
    for attack in ATTACKS:
        forged = open_page(f"/{page}", address=dict.fromkeys(PARAMETERS, attack))
        assert texts(forged) == texts(clean), attack
        tables = [[frame.value.to_string() for frame in app.dataframe] for app in (forged, clean)]
        assert tables[0] == tables[1], attack


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("requests", "request"),
        ("retention", "record"),
        ("findings", "q"),
        ("findings", "finding"),
        ("findings", "group"),
        ("", "q"),
    ],
)
def test_what_is_not_there_is_said_without_repeating_it(open_page: Open, page: str, key: str) -> None:
    for attack in ATTACKS:
        app = open_page(f"/{page}", address={key: attack})
        assert not app.error, attack
        assert attack[:40] not in texts(app), attack
        assert attack[:40] not in texts(app).replace("\\", ""), attack


def test_values_are_bound_and_orders_come_from_a_list(ref: Ref) -> None:
    at = SnapshotDate(AS_OF, "America/New_York")
    forged = Filters(right=("x') or ('1'='1",), jurisdiction=("DE'; drop table x; --",))
    assert worklist.page(ref, forged, ("open", "due", None), at, (0, 15)) == []
    with pytest.raises(KeyError):
        worklist.page(ref, Filters(), ("open", "1; drop table x", None), at, (0, 15))
    assert query.first(ref, "select count(*) as n from marts.fct_requests")["n"] == 400


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/promisekept-written.csv'",
        "set enable_external_access = true",
        "attach ':memory:' as other",
        "create table marts.new_one (a int)",
        "install httpfs",
    ],
)
def test_a_snapshot_can_be_read_and_nothing_else(ref: Ref, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        query.rows(ref, sql)


def test_every_filter_offers_what_the_snapshot_holds(open_page: Open, ref: Ref) -> None:
    app = open_page("/requests")
    for name, column in Filters.DIMENSIONS.items():
        held = query.rows(ref, f"select count(distinct {column}) as n from marts.fct_requests")[0]["n"]
        assert len(app.multiselect(key=f"choice_{name}").options) == held


def test_a_dimension_of_ones_own_is_a_filter_and_one_that_no_row_states_is_a_value(open_page: Open, ref: Ref) -> None:
    def due(condition: str) -> str:
        row = query.first(
            ref,
            "select count(*) filter (status = 'closed_on_time') as k, count(*) as n from marts.fct_requests"
            " where coalesce(regime_code, '') <> 'DECLARED' and status in ('closed_on_time', 'closed_late', 'open_overdue')"
            f" and {condition}",
        )
        return f"{formats.out_of(row['k'], row['n'])} that fell due"

    app = open_page("/requests", period="to_date")
    assert app.multiselect(key="choice_own_department").options == ["Sales", "Support", "Unspecified"]
    app.multiselect(key="choice_own_department").set_value(["Sales"]).run()
    assert app.query_params["own_department"] == "Sales"
    assert due("dimensions ->> 'department' = 'Sales'") in texts(app)
    assert app.button_group(key="choices").options == ["Department: Sales ✕"]
    both = open_page("/requests", period="to_date", own_department=["Support", "unknown"], right="access")
    assert due("right_type = 'access' and dimensions ->> 'department' is distinct from 'Sales'") in texts(both)
    attacked = open_page("/requests", own_department="x') or 1=1 --")
    assert not attacked.exception
    assert "choices" not in attacked.session_state, "a value that no row has is dropped"


def test_a_day_in_the_address_leaves_what_is_due_before_it(open_page: Open, ref: Ref) -> None:
    held = query.first(
        ref,
        "select count(*) as every, count(*) filter (due_date < date '2026-10-24') as due,"
        " count(*) filter (due_date < date '2026-10-24' and status = 'open_overdue') as overdue"
        " from marts.fct_requests where closed_date is null and status <> 'excluded'",
    )
    assert 0 < held["overdue"] < held["due"] < held["every"]
    app = open_page("/requests", list="open", before="2026-10-24")
    assert f"{held['every']} requests are open, {held['due']} due before 24 Oct 2026 with the overdue" in texts(app)
    assert f"**{held['due']} of {held['every']}** rows as CSV" in texts(app)
    every = query.every(
        worklist.page, ref, Filters(), ("open", "due", date(2026, 10, 24)), SnapshotDate(AS_OF, "America/New_York")
    )
    assert len(every) == held["due"]
    app.date_input(key="before").set_value(None).run()
    assert "before" not in app.query_params
    app.date_input(key="before").set_value(date(2026, 10, 10)).run()
    assert (app.query_params["before"], app.query_params["list"]) == ("2026-10-10", "open")


@pytest.mark.parametrize("day", ["2026-09-29", "2031-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "20261024"])
def test_a_day_that_nobody_can_ask_for_is_dropped(open_page: Open, day: str) -> None:
    assert "due before" not in texts(open_page("/requests", before=day))
