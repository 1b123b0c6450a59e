"""What a reader takes away holds what the page shows, is safe to open, and stands in the export log before it is given out."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from opened_pages import PUBLISHED, Open

from dashboards import access, clock
from dashboards.components import export, tables
from dashboards.data import query
from dashboards.page import Page
from dashboards.snapshots import Ref, resolve
from promisekept.errors import PublishingError
from promisekept.presentation import statuses
from promisekept.presentation.periods import parse
from promisekept.publishing import export_log


@pytest.fixture
def page(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page run on a copy of the home, whose log no other test writes."""
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.setattr(clock, "now", lambda: PUBLISHED)
    period = parse("2026-Q3")
    assert period is not None
    return Page(resolve(tmp_path / "home", None), period, PUBLISHED.date())


def taken(page: Page, rows: list[dict[str, Any]], **named: Any) -> list[dict[str, str]]:
    facts = {"of": len(rows), "filters": {}, "who": "m.okafor", "role": "officer"} | named
    content = export._file(export._Download(page, page.period.code, "Requests: worklist", lambda: rows, **facts))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_what_is_taken_away_is_written_down_with_its_hash_filters_and_reader(page: Page) -> None:
    (row,) = taken(page, [{"Request": "=1+1", "Days left": -3}], of=86, filters={"right": ("access",)})
    assert row == {"Request": "'=1+1", "Days left": "-3"}
    (entry,) = export_log.entries(Path(page.ref.home))
    told = entry.export
    assert (told.who, told.role, told.snapshot, told.period) == ("m.okafor", "officer", page.ref.id, "2026-Q3")
    assert (told.content, told.rows, told.of, told.filters) == ("Requests: worklist", 1, 86, {"right": ["access"]})
    assert entry.at == PUBLISHED


def test_what_cant_be_written_down_is_not_given_out(page: Page) -> None:
    (Path(page.ref.home) / export_log.FILE).mkdir(parents=True)
    with pytest.raises(PublishingError, match="not given out"):
        taken(page, [{"Request": "REQ-1"}])


def test_every_page_and_chart_with_numbers_offers_them_with_how_many(open_page: Open, ref: Ref) -> None:
    app = open_page("/requests", list="open")
    held = query.first(
        ref,
        "select count(*) as n, count_if(status = 'open_overdue') as overdue from marts.fct_requests"
        " where closed_date is null and status <> 'excluded'",
    )
    assert f"**{held['n']} of {held['n']}** rows as CSV" in [part.value for part in app.markdown]
    keys = [button.key for button in app.get("download_button")]
    assert {"csv_requests-worklist-all-open", "csv_requests-where-every-request-went-by-status"} <= set(keys)
    assert len(keys) == len(set(keys))
    overdue = open_page("/requests", list="overdue")
    assert f"**{held['overdue']} of {held['n']}** rows as CSV" in [part.value for part in overdue.markdown]


LISTS = {
    "/consent": {"withdrawals, not confirmed", "Consents that can't be proven, by reason"},
    "/sharing": {"received data after an objection or erasure", "agreements about to end"},
    "/retention": {
        "retained beyond schedule, by category, system and schedule",
        "record sets retained beyond schedule",
        "incomplete erasures",
        "Incomplete erasures, systems that have not confirmed",
        "Legal holds, by category and system",
    },
    "/collection": {"collections by type and feature", "collected before the person was notified", "By purpose, operations"},
    "/incidents": {"incidents"},
    "/policy": {"versions of the policy"},
}


@pytest.mark.parametrize("path", LISTS)
def test_every_list_gives_out_as_many_rows_as_it_says_and_no_whole_pseudonym(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    offered: list[tuple[export._Download, int]] = []
    monkeypatch.setattr(export, "_button", lambda _, asked, number: offered.append((asked, number)))
    open_page(path, period="to_date")
    assert {asked.content.partition(": ")[2] for asked, _ in offered} >= LISTS[path]
    persons = {row["subject_key"] for row in query.rows(ref, "select distinct subject_key from marts.fct_records")}
    for asked, number in offered:
        made = list(asked.rows())
        assert len(made) == number <= asked.of, asked.content
        assert not persons & {str(value) for row in made for value in row.values()}, asked.content
    assert any(number for _, number in offered)


def test_a_list_is_taken_away_with_its_filters_and_beyond_its_first_page(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[tuple[export._Download, int]] = []
    monkeypatch.setattr(export, "_button", lambda _, asked, number: offered.append((asked, number)))
    system = query.first(
        ref, "select system from marts.fct_records where status = 'over_retained' group by 1 order by count(*) desc"
    )
    open_page("/retention", system=system["system"])
    asked, number = next(pair for pair in offered if pair[0].content.endswith(": record sets retained beyond schedule"))
    held = query.first(
        ref,
        "select count(*) filter (system = $system) as n, count(*) as every from marts.fct_records where status = 'over_retained'",
        system,
    )
    assert (number, asked.of, asked.filters) == (held["n"], held["every"], {"system": (system["system"],)})
    assert number > 10
    assert {row["System"] for row in asked.rows()} == {system["system"]}


def test_a_worklist_is_taken_away_whole_and_in_the_readers_words(page: Page) -> None:
    from dashboards.data import worklist
    from dashboards.data.request_filters import Filters
    from dashboards.views.requests.worklist import TABLE

    every = query.every(worklist.page, page.ref, Filters(), ("open", "due", None), page.moment)
    assert len(every) > 15
    assert [row["request_key"] for row in every[:15]] == [
        row["request_key"] for row in worklist.page(page.ref, Filters(), ("open", "due", None), page.moment, (0, 15))
    ]
    assert {row["Status"] for row in tables.exported(TABLE, every)} <= {word.text for word in statuses.REQUESTS.values()}


def test_the_reader_of_a_dashboard_without_sign_in_is_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "current", lambda: access.LOCAL)
    monkeypatch.setattr(export.getpass, "getuser", lambda: "okafor")
    assert export.reader() == ("okafor", "local")


def test_whoever_may_take_nothing_away_is_offered_nothing_and_led_to_no_closed_page(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "current", lambda: access.Reader("ada@example.org", "viewer"))
    for path in ("/", "/requests", "/traceability"):
        app = open_page(path, clause="RIG-8") if path == "/" else open_page(path)
        assert not app.error
        assert not app.get("download_button")
    for link in open_page("/", clause="RIG-8").get("page_link"):
        assert link.proto.page not in ("findings", "restatements")


def test_a_person_who_signed_in_is_named_with_their_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "current", lambda: access.Reader("ada@example.org", "auditor"))
    assert export.reader() == ("ada@example.org", "auditor")
