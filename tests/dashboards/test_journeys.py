"""The officer's eleven questions, each answered in a real browser in at most three clicks from the overview.

Every click and every entry is counted where it is made. Two snapshots are published, so that something was restated.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from browsing import Reader, answer, parameters, select_row, table
from invented import TODAY
from playwright.sync_api import Page, expect

from dashboards.data import changes, findings, promises, query
from dashboards.data.findings import FindingFilters
from dashboards.page import default_period
from dashboards.snapshots import Ref
from promisekept.presentation import formats

pytestmark = pytest.mark.browser
ZONE = "America/New_York"


def to(reader: Reader, name: str) -> Page:
    """From the overview to a page by its link: the first click of most journeys."""
    page = reader.open("/")
    page.locator("[data-testid=stSidebar]").get_by_role("link", name=name).click()
    page.wait_for_function(f"document.querySelector('h1')?.innerText === '{name}'")
    reader.settle()
    return page


def test_which_requests_breach_this_week_and_why(reader: Reader, ref: Ref) -> None:
    due, overdue = answer(
        ref,
        "select count(*) filter (due_soon), count(*) filter (status = 'open_overdue') from marts.fct_requests"
        " where closed_date is null",
    )
    page = reader.open("/")
    expect(page.get_by_role("link", name=f"{due} requests")).to_be_visible()  # those that will breach stand beside those that did
    page.get_by_role("link", name=f"{overdue} requests").click()  # first click: those that breach
    page.wait_for_url("**/requests?list=overdue")
    reader.settle()
    select_row(reader, table(page, "Worklist"))  # second click: one of them
    page.wait_for_url("**request=**")
    reader.settle()
    expect(page.get_by_role("heading", name="How the deadline came about")).to_be_visible()
    expect(page.locator("h1").first).to_contain_text("Overdue by")
    page.get_by_role("button", name="Requests").click()
    reader.settle()
    assert "request=" not in page.url
    expect(page.locator("h1").first).to_have_text("Requests")


@pytest.mark.slow
def test_who_received_data_after_an_objection(reader: Reader, ref: Ref) -> None:
    row = query.first(
        ref,
        "select * from marts.fct_disclosures where not ok_not_stopped and occurred_date >= date '2026-07-01'"
        " order by occurred_at desc, namespace, event_id limit 1",
    )
    page = to(reader, "Sharing")  # first click: the rows are on the page
    expect(page.get_by_role("heading", name="Received data after an objection or erasure")).to_be_visible()
    select_row(reader, table(page, "Received data after an objection or erasure"))  # second click: one disclosure
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(row["recipient_id"])
    expect(drawer).to_contain_text(f"{row['batch_id']} · {row['row_number']}")
    assert parameters(page)["disclosure"] == [f"{row['namespace']}/{row['event_id']}"]
    drawer.get_by_role("link", name="The request that stopped it").click()  # third click: the request
    page.wait_for_function("location.pathname === '/requests'")
    assert parameters(page)["request"] == [row["stopped_by"]]


@pytest.mark.slow
def test_what_is_over_retained_where_and_since_when(reader: Reader, ref: Ref) -> None:
    group = answer(
        ref,
        "select data_category, system, sum(records_left)::bigint, count(*) from marts.fct_records"
        " where status = 'over_retained' group by all order by 3 desc limit 1",
    )
    oldest = answer(
        ref,
        "select record_id, delete_by, over_days, batch_id, row_number from marts.fct_records where status = 'over_retained'"
        f" and data_category = '{group[0]}' and system = '{group[1]}' order by delete_by, records_left desc, record_key limit 1",
    )
    page = to(reader, "Retention")  # first click
    select_row(reader, table(page, "Retained beyond schedule: where, and since when"))  # second click: one place
    page.wait_for_url(f"**category={group[0]}**")
    reader.settle()
    assert f"system={group[1]}" in page.url
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"{group[3]} of ")
    select_row(reader, table(page, "Record sets retained beyond schedule"))  # third click: one set
    page.wait_for_url("**record=**")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(oldest[0])
    expect(drawer).to_contain_text(f"Retained beyond schedule by {formats.days(oldest[2])}")
    expect(drawer).to_contain_text(formats.day(oldest[1]))
    expect(drawer).to_contain_text(f"{oldest[3]} · {oldest[4]}")
    drawer.get_by_role("button", name="Close").click()
    page.wait_for_function("!new URLSearchParams(location.search).has('record')")


@pytest.mark.slow
def test_which_hold_protects_a_record(reader: Reader, ref: Ref) -> None:
    hold, key, sets = answer(
        ref,
        "select hold_ref, min(record_key), count(*) from (select unnest(hold_refs) as hold_ref, record_key from marts.fct_records"
        " where on_hold and is_alive) group by hold_ref order by 3 desc limit 1",
    )
    page = to(reader, "Retention")  # first click
    listed = table(page, "Legal holds")
    rows = listed.locator("canvas table tbody tr")
    rows.first.wait_for(state="attached")
    assert "".join(rows.first.all_inner_texts()[0].split()).startswith(f"{hold}{formats.count(sets)}")
    select_row(reader, listed)  # second click: a record set and the hold that protects it
    page.wait_for_url("**record=**")
    assert parameters(page)["record"] == [key]
    expect(page.get_by_role("dialog")).to_contain_text(f"legal hold {hold} stands")


@pytest.mark.slow
def test_which_promise_is_worst_and_what_causes_it(reader: Reader, ref: Ref) -> None:
    page = reader.open("/")
    rows = table(page, "Promises").locator("canvas table tbody tr")
    rows.first.wait_for(state="attached")
    listed = rows.all_inner_texts()
    assert "Missed" in listed[0]  # the worst stands first
    known = promises.promises(ref, default_period(TODAY))
    worst, clause = next((place, row["clause_id"]) for place, row in enumerate(known) if row["findings"])
    assert "Missed" in listed[worst]
    assert clause in listed[worst]  # the worst of those that single rows have broken
    select_row(reader, table(page, "Promises"), worst)  # first click: its measures
    page.wait_for_url("**clause=**")
    assert parameters(page)["clause"] == [clause]
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Missed")
    number = sum(findings.severities(ref, FindingFilters(clause=(clause,)), ZONE).values())
    drawer.get_by_role(
        "link", name=re.compile(f"^{formats.count(number)} findings? against it")
    ).click()  # second click: its causes
    page.wait_for_url(f"**/findings?**clause={clause}")
    reader.settle()
    expect(page.get_by_text(f"{formats.count(number)} of ")).to_be_visible()
    select_row(reader, page.locator("[data-testid=stDataFrame]").first)  # third click: one cause with its cases
    page.get_by_role("dialog").get_by_role("button", name="Landed row").first.click()  # fourth click: down to a landed row
    expect(page.get_by_role("dialog")).to_contain_text("Where it comes from")


@pytest.mark.slow
def test_what_changed_since_the_last_report(reader: Reader, ref: Ref) -> None:
    number = answer(ref, "select count(*) from history.fct_restatements where sequence = 2")[0]
    page = to(reader, "Restatements")  # first click
    expect(page.locator("[data-testid=stMain]")).to_contain_text(formats.count(number))
    select_row(reader, page.locator("[data-testid=stDataFrame]").first)  # second click: one figure and its cause
    page.wait_for_url("**figure=**")
    expect(page.get_by_role("dialog")).to_contain_text("Because of: Program")


@pytest.mark.slow
def test_what_changed_since_last_quarter_and_why(reader: Reader, ref: Ref) -> None:
    quarter = default_period(TODAY)
    found = changes.since(ref, quarter)
    assert found is not None
    base, changed = found
    page = reader.open("/")
    expect(page.get_by_text(f"verdicts changed since {base.label}")).to_be_visible()
    page.locator("[data-testid=stMain]").get_by_role("link", name="Compare").click()  # first click: which, and why
    page.wait_for_url("**/compare?**")
    reader.settle()
    shown = page.get_by_role("table").first
    for change in changed:
        row = shown.get_by_role("row").filter(has=page.get_by_role("link", name=change.clause_id, exact=True))
        expect(row).to_contain_text(change.sentence)
    with page.context.expect_page() as opened:  # beside the comparison, which stays open
        shown.get_by_role("link", name=changed[0].clause_id, exact=True).click()  # second click: the promise as it is now
    expect(opened.value.get_by_role("dialog")).to_contain_text(changed[0].pair.after["promise"])


@pytest.mark.slow
def test_where_a_number_comes_from(reader: Reader) -> None:
    page = reader.open("/")
    select_row(reader, table(page, "Promises"))  # first click: a promise
    page.get_by_role("link", name="Where these numbers come from").click()  # second click: its graph
    page.wait_for_url("**/traceability?**clause=**")
    reader.settle()
    page.get_by_role("button", name="fct_requests", exact=True).click()  # third click: the model, its query and its hash
    expect(page.get_by_text("Content hash")).to_be_visible()


@pytest.mark.slow
def test_which_systems_have_not_confirmed_a_withdrawal_oldest_first(reader: Reader, ref: Ref) -> None:
    number, whole, oldest = answer(
        ref,
        "select count(*) filter (status = 'unconfirmed'), count(*), min(withdrawn_at) filter (status = 'unconfirmed')"
        " from marts.fct_withdrawal_systems",
    )
    page = to(reader, "Consent")  # one click: the list is on the page
    expect(page.get_by_role("heading", name="Systems that have not confirmed a withdrawal")).to_be_visible()
    expect(page.get_by_text(f"{formats.out_of(number, whole)} expected confirmations ever are overdue")).to_be_visible()
    table = page.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    first = table.locator("canvas table tbody tr").first.inner_text()
    assert formats.instant(oldest, ZONE) in first
    page.get_by_role("radio", name="Confirmed late").click()  # and a second for those that came late
    page.wait_for_function("location.search.includes('list=late')")
    late = answer(ref, "select count(*) from marts.fct_withdrawal_systems where not in_time and applied_at is not null")[0]
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"Confirmed late · {late}")


@pytest.mark.slow
def test_which_systems_have_not_confirmed_an_erasure_oldest_first(reader: Reader, ref: Ref) -> None:
    silent = query.rows(
        ref,
        "select system, min(closed_date) as since, count(*) as n from (select unnest(unconfirmed_systems) as system, closed_date"
        " from marts.fct_erasures where status = 'incomplete') group by all order by since, n desc, system",
    )
    first = answer(
        ref, "select request_id from marts.fct_erasures where status = 'incomplete' order by closed_date, request_key limit 1"
    )
    page = to(reader, "Retention")  # first click: the systems are on the page
    shown = page.locator("[data-testid=stTable]").filter(has_text="Not confirmed").first
    lines = shown.locator("tbody tr").all_inner_texts()
    assert [line.split()[0] for line in lines] == [row["system"] for row in silent]
    assert all(formats.day(row["since"]) in line for row, line in zip(silent, lines, strict=True))
    select_row(reader, table(page, "Incomplete erasures"))  # second click: the oldest request
    page.wait_for_url("**/requests?request=**")
    reader.settle()
    expect(page.locator("h1").first).to_contain_text(first[0])


@pytest.mark.slow
def test_which_agreement_ends_in_thirty_days(reader: Reader) -> None:
    page = to(reader, "Sharing")  # one click
    section = page.get_by_role("table").filter(has_text="DPA-2023-117")
    expect(section).to_contain_text("In 24\u00a0days")
    expect(section).to_contain_text("ostend_billing")
    expect(page.get_by_text("1 of 3 in force have their last day by 30 Oct 2026")).to_be_visible()
    page.get_by_role("radio", name="90 days").click()  # a second for a longer span
    expect(page.get_by_text("2 of 3 in force have their last day by 29 Dec 2026")).to_be_visible()
    assert parameters(page)["ending"] == ["90"]


@pytest.mark.slow
def test_what_is_due_before_my_holiday(reader: Reader, ref: Ref) -> None:
    away = TODAY + timedelta(days=23)
    number, whole, soonest = answer(
        ref,
        f"select count(*) filter (due_date < date '{away}'), count(*),"
        f" arg_min(request_id, (due_date, received_date, request_key)) filter (due_date < date '{away}')"
        " from marts.fct_requests where closed_date is null and status <> 'excluded'",
    )
    assert 0 < number < whole
    page = to(reader, "Requests")  # first click
    page.get_by_role("spinbutton", name="year, Due before").click()  # second click, and the day is typed
    page.keyboard.type(f"{away:%Y%m%d}", delay=40)
    page.get_by_role("heading", name="Worklist").click()  # third click: out of the field
    page.wait_for_url(f"**before={away}**")
    reader.settle()
    assert parameters(page) == {"before": [str(away)], "list": ["open"]}
    said = f"{whole} requests are open, {number} due before {formats.day(away)} with the overdue"
    expect(page.get_by_text(said)).to_be_visible()
    assert soonest in table(page, "Worklist").locator("canvas table tbody tr").first.inner_text()
    again = reader.open(f"/requests?list=open&before={away}")  # the link opens the same rows
    expect(again.get_by_text(said)).to_be_visible()
