"""What stands in an address is on a list, or it is nothing."""

from __future__ import annotations

import duckdb
import pytest
from invented import AS_OF
from opened_pages import Open, rows_of, texts

from dashboards.data import query, worklist
from dashboards.data.selection import COLUMNS, Filters, Moment
from dashboards.snapshots import Ref

ATTACKS = (
    "' or 1=1 --",
    "1; drop table marts.fct_requests",
    "x') union select subject_key from marts.fct_requests --",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    ":red[:material/error: hacked]",
    "$$\\frac{1}{0}$$",
    "\x00",
    "A" * 5000,
)
PARAMETERS = (
    "period",
    "snapshot",
    "list",
    "sort",
    "page",
    "right",
    "jurisdiction",
    "regime",
    "channel",
    "request",
    "clause",
    "q",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_that_is_on_no_list_changes_nothing_and_is_not_echoed(open_page: Open, attack: str) -> None:
    clean, forged = (
        open_page("/requests"),
        open_page("/requests", **{name: attack for name in PARAMETERS if name not in ("request", "q")}),
    )
    assert texts(forged) == texts(clean)
    assert len(rows_of(forged, "Request")) == len(rows_of(clean, "Request"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_unknown_request_is_told_without_repeating_it(open_page: Open, attack: str) -> None:
    said = texts(open_page("/requests", request=attack))
    assert attack[:40] not in said.replace("\\", "")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_search_only_ever_finds_nothing(open_page: Open, attack: str) -> None:
    app = open_page("/", q=attack)
    assert not app.error
    assert attack not in texts(app)


def test_values_are_bound_and_orders_come_from_a_list(ref: Ref) -> None:
    at = Moment(AS_OF, "America/New_York")
    forged = Filters(right=("x') or ('1'='1",), jurisdiction=("DE'; drop table x; --",))
    assert worklist.page(ref, forged, ("open", "due"), at, (0, 15)) == []
    with pytest.raises(KeyError):
        worklist.page(ref, Filters(), ("open", "1; drop table x"), at, (0, 15))
    assert query.first(ref, "select count(*) as n from marts.fct_requests")["n"] == 600


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
    for name, column in COLUMNS.items():
        held = query.rows(ref, f"select count(distinct {column}) as n from marts.fct_requests")[0]["n"]
        assert len(app.multiselect(key=f"filter_{name}").options) == held
