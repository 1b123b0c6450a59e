"""What a reader chose, as SQL, as bound values, and as the dimension of a figure."""

from __future__ import annotations

import duckdb
import pytest

from dashboards.data.collections import CollectionFilters
from dashboards.data.filters import Chosen, limits
from dashboards.data.records import RecordFilters
from dashboards.data.request_filters import Filters
from dashboards.data.withdrawals import WithdrawalFilters


def test_figures_are_held_for_all_and_for_one_value_alone():
    assert Filters().single == ("all", "all")
    assert Filters(jurisdiction=("DE",)).single == ("jurisdiction", "DE")
    assert Filters(jurisdiction=("DE",), right=("access",)).single is None
    assert RecordFilters(category=("call_recording", "invoices")).single is None
    assert CollectionFilters(feature=("webinar",)).chosen == (("feature", "webinar"),)


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        (WithdrawalFilters(), {1, 2, 3}),
        (WithdrawalFilters(purpose=("product_news",)), {1, 3}),
        (WithdrawalFilters(purpose=("product_news",), system=("crm",)), {1}),
    ],
)
def test_an_empty_filter_chooses_all_and_each_narrows(chosen: Chosen, ids: set[int]):
    rows = (
        "(values (1, 'product_news', 'crm'), (2, 'analytics', 'crm'), (3, 'product_news', null)) as t(id, purpose_code, system)"
    )
    found = duckdb.execute(f"select id from {rows} where {chosen.condition()}", chosen.bound()).fetchall()
    assert {row[0] for row in found} == ids


def test_a_record_without_a_system_is_chosen_as_unknown():
    where = RecordFilters(system=("unknown",))
    rows = "(values (1, 'invoices', 'crm'), (2, 'invoices', null)) as t(id, data_category, system)"
    assert duckdb.execute(f"select id from {rows} where {where.condition()}", where.bound()).fetchall() == [(2,)]


def test_what_is_chosen_of_a_dimension_of_ones_own_narrows_by_what_rows_state():
    rows = """(values (1, 'IE', '{"department":"Sales"}'), (2, 'IE', null), (3, 'DE', '{"team":"South","department":"Sales"}'))
        as t(id, jurisdiction, dimensions), (values ('access', 'GDPR', 'mail')) as u(right_type, regime_code, channel)"""

    def ids(where: Filters) -> set[int]:
        return {row[0] for row in duckdb.execute(f"select id from {rows} where {where.selected}", where.bound()).fetchall()}

    sales = Filters(own=(("department", ("Sales",)),))
    assert (ids(Filters()), ids(sales), sales.single) == ({1, 2, 3}, {1, 3}, ("department", "Sales"))
    assert ids(Filters(own=(("department", ("Sales", "unknown")),))) == {1, 2, 3}
    both = Filters(jurisdiction=("IE",), own=(("department", ("Sales",)), ("team", ("unknown",))))
    assert (ids(both), both.single) == ({1}, None)
    assert both.chosen == (("jurisdiction", "IE"), ("own_department", "Sales"), ("own_team", "unknown"))


def test_a_page_of_a_list_is_bound_by_its_size_and_what_is_skipped():
    assert limits((30, 45)) == {"size": 15, "skipped": 30}
