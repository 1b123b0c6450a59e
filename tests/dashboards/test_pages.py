"""The content of pages, and that it is what the marts hold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import invented
import pytest
from opened_pages import PUBLISHED, Open, figure, rows_of, texts

from dashboards import clock, snapshots
from dashboards.data import adherence as counted
from dashboards.data import metrics, query
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from dashboards.snapshots import Ref
from dashboards.views.requests import adherence
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import TO_DATE, parse
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.verdict import Verdict

PAGES = ("/", "/requests", "/quality")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_the_snapshot_its_instant_its_age_and_the_gate(open_page: Open, path: str, ref: Ref) -> None:
    said = texts(open_page(path))
    assert f"Snapshot **{ref.id}** · as of 30 Sep 2026, 23:59 EDT · published 1 Oct, 06:14 EDT, 2\u00a0h ago" in said
    assert re.search(r"Gate passed · (\d+) of \1 checks", said)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_failure_or_a_bare_number(open_page: Open, path: str) -> None:
    app = open_page(path)
    assert not app.error
    notes = [caption.value for caption in app.caption]
    for metric in app.metric:
        beside = str(metric.value) + " ".join(notes)
        assert " of " in beside or "n = " in beside, metric.label


def test_the_four_verdict_figures_add_up_to_every_promise(open_page: Open, ref: Ref) -> None:
    app = open_page("/")
    number = [int(figure(app, name).split()[0]) for name in ("Kept", "Missed", "Not assessable", "Not yet measurable")]
    assert sum(number) == query.first(ref, "select count(*) as n from marts.dim_clauses")["n"] == len(rows_of(app, "Clause"))


def test_promises_duties_and_good_practice_are_counted_apart(open_page: Open) -> None:
    line = next(caption.value for caption in open_page("/").caption if caption.value.startswith("Counted apart"))
    assert all(word in line for word in labels.ORIGINS.values())


def test_promises_are_listed_worst_first_with_target_and_what_they_are_out_of(open_page: Open, ref: Ref) -> None:
    table = rows_of(open_page("/", period="to_date"), "Clause")
    ranks = [
        list(statuses.VERDICTS).index(next(code for code, word in statuses.VERDICTS.items() if word.narrow_cell == cell[0]))
        for cell in table["Status"]
    ]
    assert ranks == sorted(ranks)
    held = metrics.figures(ref, ("deadline_adherence",), TO_DATE, ("right_type", "access"))["deadline_adherence"]
    row = table[table["Clause"] == "RIG-1"].iloc[0]
    assert (row["Measured"], row["Target"], row["Out of"]) == (
        formats.rate(held.value, 0.98), "≥\u00a098%", formats.out_of(held.numerator, held.denominator),
    )  # fmt: skip


def test_no_measure_of_a_promise_stands_without_what_it_is_out_of(open_page: Open) -> None:
    for code in ("2026-Q3", "to_date"):
        table = rows_of(open_page("/", period=code), "Clause")
        measured = table[table["Measured"] != formats.NULL]
        assert len(measured)
        assert measured["Out of"].str.contains("of ").all()


@pytest.mark.parametrize("code", ["2026-Q3", "2026-Q2", "2026-08", "2026", "to_date"])
def test_every_figure_of_the_requests_page_is_the_marts(open_page: Open, ref: Ref, code: str) -> None:
    app, period = open_page("/requests", period=code), parse(code)
    assert period is not None
    held = metrics.figures(
        ref,
        (
            "deadline_adherence",
            "deadline_adherence_strict",
            "max_achievable_adherence",
            "median_days_to_close",
            "p90_days_to_close",
        ),
        period,
    )
    said = texts(app)
    main = held["deadline_adherence"]
    assert figure(app, "Answered on time").startswith(formats.rate(main.value, 0.98))
    fell_due = "so far" if code == "2026" else "that fell due"
    assert f"{formats.out_of(main.numerator, main.denominator)} {fell_due} · target ≥\u00a098%" in said
    strict = held["deadline_adherence_strict"]
    assert (
        f"**Strict interpretation** {formats.rate(strict.value, 0.98)}, {formats.out_of(strict.numerator, strict.denominator)}"
        in said
    )
    assert f"worst case {formats.rate(main.worst, 0.98)}" in said
    best = held["max_achievable_adherence"]
    assert "received with a deadline, if all open are in time" in said, "another population than that of what fell due"
    assert figure(app, "Maximum achievable") == formats.rate(best.value, 0.98)
    assert formats.out_of(best.numerator, best.denominator) in said
    assert figure(app, "Median days to answer") == formats.count(held["median_days_to_close"].value)
    assert f"90th percentile {formats.count(held['p90_days_to_close'].value)}" in said


@pytest.mark.parametrize("code", ["2026", "2026-Q4"])
def test_the_rate_of_a_running_period_names_the_due_dates_still_to_come(ref: Ref, code: str) -> None:
    today, period = date(2026, 9, 30), parse(code)
    assert period is not None
    row = query.first(
        ref,
        """
        select count_if(status = 'closed_on_time') as answered, count_if(status = 'open_in_time') as open
        from marts.fct_requests where due_date > $today and due_date < $end and regime_code is distinct from 'DECLARED'
        """,
        {"today": today, "end": period.end},
    )
    assert min(row.values()) > 0
    found = counted.adherence(ref, Filters(), period.start, period.end)
    page = Page(SimpleNamespace(ref=ref), period, today)  # type: ignore[arg-type]
    card = adherence._on_time(page, Filters(), found, (">=", 0.98))
    if code == "2026":
        assert f" so far · target ≥\u00a098% · {row['answered']} of them answered before a date still to come · " in card.note
    else:
        assert card.note.startswith(f"No due date of the quarter has passed: {row['answered']} were answered before theirs · ")
        assert "So far" in card.badge
    assert card.note.endswith(f" · {row['open']} more due by 31 Dec")
    over = adherence._on_time(Page(page.snapshot, period, date(2026, 12, 31)), Filters(), found, (">=", 0.98))
    assert "that fell due · target" in over.note


def test_the_ways_out_of_the_clock_stand_beside_the_adherence(open_page: Open, ref: Ref) -> None:
    said = texts(open_page("/requests", period="to_date"))
    row = query.first(
        ref,
        "select count(*) as n, count_if(status = 'excluded') as out, count_if(status = 'paused') as paused"
        " from marts.fct_requests",
    )
    assert f"of {row['n']:,} received: {row['out']} excluded, {row['paused']} paused, 0 closed while paused" in said


def test_the_worklist_counts_are_those_of_the_rows_and_the_list_is_in_the_address(open_page: Open, ref: Ref) -> None:
    app = open_page("/requests", list="open", sort="request")
    table = rows_of(app, "Request")
    held = query.rows(
        ref,
        "select request_id from marts.fct_requests where closed_date is null and status <> 'excluded'"
        " order by request_id, request_key",
    )
    assert list(table["Request"]) == [row["request_id"] for row in held[:15]]
    assert f"1{formats.TO}15 of {len(held)}" in texts(app)
    second = rows_of(open_page("/requests", list="open", sort="request", page="2"), "Request")
    assert list(second["Request"]) == [row["request_id"] for row in held[15:30]]


def test_choosing_a_period_writes_it_into_the_address_and_the_default_leaves_it(open_page: Open) -> None:
    app = open_page("/requests")
    app.button_group(key="period").set_value("2026-09").run()
    assert app.query_params["period"] in ("2026-09", ["2026-09"])
    app.button_group(key="period").set_value("2026-Q3").run()
    assert "period" not in app.query_params


def test_a_filter_in_the_address_narrows_every_figure_and_shows_as_a_pill(open_page: Open, ref: Ref) -> None:
    app = open_page("/requests", jurisdiction="DE", period="to_date")
    held = metrics.figures(ref, ("deadline_adherence",), TO_DATE, ("jurisdiction", "DE"))["deadline_adherence"]
    assert f"{formats.out_of(held.numerator, held.denominator)} that fell due · target" in texts(app)
    assert set(rows_of(open_page("/requests", jurisdiction="DE", list="open"), "Request")["Jurisdiction"]) == {"Germany"}
    assert app.button_group(key="choices").value == ["jurisdiction=DE"]


def test_one_request_tells_its_trace_and_where_its_rows_came_from(open_page: Open, ref: Ref) -> None:
    row = query.first(
        ref, "select * from marts.fct_requests where paused_days > 0 and status = 'closed_late' order by request_key limit 1"
    )
    app = open_page("/requests", request=row["request_key"])
    assert row["request_id"] in app.title[0].value.replace("\\", "")
    assert figure(app, "Due") == formats.day(row["due_date"])
    steps, events = (table.value for table in app.table)
    assert list(steps["Step"])[:3] == ["Rule", "Received", "Start"]
    assert "the law as read on 24 Nov 2026" in texts(app)
    assert f"{row['batch_id']} · {row['row_number']}" in events["Batch · row"].iloc[0].replace("\\", "")


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("status = 'paused'", ": 1 Dec 2026 if every open question were answered today"),
        ("extension_status = 'valid'", "(number of requests) came in time"),
        ("status = 'closed_late'", ", after it was due"),
        ("status = 'excluded'", "Held for a customer, to be passed on by then: done late"),
    ],
    ids=["paused", "extended", "recorded late", "held for a customer"],
)
def test_one_request_says_what_its_dates_rest_on(open_page: Open, ref: Ref, which: str, message: str) -> None:
    row = query.first(ref, f"select request_key from marts.fct_requests where {which} order by request_key limit 1")
    assert message in texts(open_page("/requests", request=row["request_key"])).replace("\\", "")


def test_a_request_with_conflicting_answers_never_reads_as_one_without_an_answer(open_page: Open, ref: Ref) -> None:
    """Two answers in time that contradict each other were listed as "No answer recorded", and the page showed neither."""
    row = query.first(ref, "select * from marts.fct_requests where has_conflict order by due_date, request_key limit 1")
    listed = rows_of(open_page("/requests", list="overdue"), "Request").set_index("Request")
    assert listed.loc[row["request_id"], "Cause"] == "Conflicting versions of one event"
    app = open_page("/requests", request=row["request_key"])
    assert "Conflicting versions of one event" in app.title[0].value
    assert app.title[0].value.index("Conflicting versions") < app.title[0].value.index("Overdue")
    box = app.warning[0].value.replace("\\", "")
    assert "Both are no later than the due date, yet neither counts while they contradict each other" in box
    assert "with revision 1; the next snapshot then derives the state again" in box
    assert "Open the finding" in [link.proto.label for link in app.get("page_link")]
    steps, events = (table.value for table in app.table)
    conflict = dict(zip(steps["Step"], steps["What was derived"], strict=True))["Conflict"]
    assert conflict.count("~~") == 4, "both versions stand in the trace, struck through"
    assert ["Conflict" in effect for effect in events["Effect"]] == [False, False, True, True]
    assert [event.startswith("~~") for event in events["Event"]] == [False, False, True, True]
    assert "○ with ✕: does not count" in texts(app)
    assert "Findings of this request" in texts(app)
    assert "The landed rows can't be read here" in texts(app), "the invented home has no landing zone"


def test_what_the_publish_gate_warns_of_stands_beside_the_figures(open_page: Open, tmp_path: Path, monkeypatch) -> None:
    whole = invented.verdict_on

    def warned(candidate: Candidate, failing: int = 0) -> Verdict:
        verdict = whole(candidate, failing)
        place = next(place for place, suite in enumerate(verdict.suites) if suite.suite == "fct_requests")
        suite = verdict.suites[place]
        said = {"column": "few have no rule", "severity": "warning", "passed": False, "unexpected": 7, "beside_figures": True}
        suite = replace(suite, checks=(*suite.checks[:-1], replace(suite.checks[-1], **said, changed_only=True)))
        return replace(
            verdict, whole_at="2026-09-01T06:00:00.000000Z", suites=(*verdict.suites[:place], suite, *verdict.suites[place + 1 :])
        )

    monkeypatch.setattr(invented, "verdict_on", warned)
    invented.publish(tmp_path, PUBLISHED, 120)
    assert "The publish gate warns: 7 against the rule that few have no rule" in texts(open_page("/requests", at=tmp_path))
    looked = "1 of them looked at the rows that had changed, and at every row in the build as of 1 Sep 2026"
    assert looked in texts(open_page("/quality", at=tmp_path))


def test_a_failed_gate_is_told_on_every_page_above_the_last_good_figures(open_page: Open, tmp_path: Path) -> None:
    good = invented.publish(tmp_path, PUBLISHED, 120)
    invented.publish(tmp_path, PUBLISHED + timedelta(days=1), 140, failing=3)
    for path in PAGES:
        app = open_page(path, at=tmp_path, later=timedelta(days=2))
        assert "did not pass its quality gate: 3 of" in app.error[0].value
        assert "You see the last good snapshot, as of 30 Sep 2026" in app.error[0].value
        assert f"Snapshot **{good}**" in texts(app)
        assert "2\u00a0days old" in texts(app)
    assert len(app.table[0].value) == 3


def test_a_pinned_snapshot_says_that_it_is_not_the_newest(open_page: Open, tmp_path: Path) -> None:
    first = invented.publish(tmp_path, PUBLISHED, 120)
    second = invented.publish(tmp_path, PUBLISHED + timedelta(days=1), 140)
    app = open_page("/requests", at=tmp_path, snapshot=first)
    assert f"Snapshot **{first}**" in texts(app)
    assert "Not the newest" in texts(app)
    assert "Gate passed" in texts(app), "an old snapshot keeps the verdict of its gate"
    assert second in app.info[0].value
    assert f"Snapshot **{second}**" in texts(open_page("/requests", at=tmp_path, snapshot="9999-abcdef"))


def test_a_snapshot_of_an_earlier_day_that_became_current_says_what_it_leaves_out(open_page: Open, tmp_path: Path) -> None:
    """A run with an earlier `--as-of` stood under a green badge as if nothing newer had ever been published."""
    first = invented.publish(tmp_path, PUBLISHED, 120)
    invented.publish(tmp_path, PUBLISHED + timedelta(hours=1), 140, as_of=invented.AS_OF - timedelta(days=40))
    app = open_page("/requests", at=tmp_path)
    (banner,) = app.warning
    assert "Computed for an earlier instant." in banner.value
    assert "This snapshot is as of 21 Aug 2026" in banner.value
    assert f"[{first}](?snapshot={first}), published before it, is as of 30 Sep 2026" in banner.value
    assert "`promisekept run --as-of 2026-10-01T03:59:00+00:00`" in banner.value
    assert "earlier instant" not in texts(open_page("/requests", at=tmp_path, snapshot=first))


def test_a_page_that_stays_open_learns_of_a_newer_snapshot_and_keeps_its_own_until_asked(open_page: Open, tmp_path: Path) -> None:
    first = invented.publish(tmp_path, PUBLISHED, 120)
    shown = Ref(str(tmp_path), first)
    assert snapshots.newest(shown) == first
    second = invented.publish(tmp_path, PUBLISHED + timedelta(days=1), 140)
    assert snapshots.newest(shown) == second
    assert query.first(shown, "select count(*) as n from marts.fct_requests")["n"] == 120
    assert f"Snapshot **{second}**" in texts(open_page("/", at=tmp_path))


def test_where_nothing_was_published_the_page_says_what_to_do(open_page: Open, tmp_path: Path) -> None:
    app = open_page("/", at=tmp_path)
    assert "no snapshot has been published yet" in app.info[0].value.replace("\\", "")
    assert "promisekept run" in app.info[0].value.replace("\\", "")


def test_a_part_that_fails_shows_a_number_and_no_trace(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret@example.org")

    from dashboards.data import population

    monkeypatch.setattr(population, "waterfall", broken)
    app = open_page("/requests")
    assert re.search(r"Error [0-9a-f]{8}", app.error[0].value)
    assert "secret" not in texts(app)
    assert figure(app, "Answered on time")


def test_a_part_that_an_older_snapshot_lacks_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def older(*_: object, **__: object) -> None:
        duckdb.connect().execute("select over_days from (select 1 as days)")

    monkeypatch.setattr("dashboards.data.population.waterfall", older)
    told = open_page("/requests").error[0].value
    assert "another version of promisekept published it" in told
    assert "over_days" not in told


def test_nothing_but_the_age_depends_on_the_clock(open_page: Open) -> None:
    def without_age(app: object) -> str:
        return re.sub(r":small\[Snapshot.*", "", texts(app))  # type: ignore[arg-type]

    assert without_age(open_page("/requests")) == without_age(open_page("/requests", later=timedelta(days=400)))
    assert clock.now is not None


def test_the_third_thing_to_do_is_to_stop_what_goes_on_after_a_stop(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboards.data import opt_outs

    found = {"after": 3, "disclosures": 48300, "recipients": ["brightpath"]}
    monkeypatch.setattr(opt_outs, "after_stop", lambda *_: found)
    said = texts(open_page("/"))
    assert "**3 of 48,300 disclosures** in the third quarter of 2026, all to `brightpath`" in said
    monkeypatch.setattr(opt_outs, "after_stop", lambda *_: found | {"after": 0, "recipients": None})
    late, every = query.first(ref, "select count_if(not is_fresh) as late, count(*) as n from marts.audit_sources").values()
    assert f"**{late} of {every} sources** deliver late: `legacy_tickets`" in texts(open_page("/"))


def test_an_exception_in_force_stands_beside_the_promise_and_leaves_its_verdict(open_page: Open) -> None:
    said = texts(open_page("/", clause="RIG-1"))
    assert "Exception EX\\-7 (requests by post): The scanning service changed hands. Approved by: Data Protection Officer" in said
    assert "The verdict is what it would be without it." in said
    assert "Exception" not in texts(open_page("/", clause="RIG-8"))


def test_a_promise_says_who_answers_for_it_or_that_nobody_is_named(open_page: Open) -> None:
    named, unnamed = (texts(open_page("/", clause=clause)) for clause in ("RIG-1", "RIG-8"))
    assert "Owner: Privacy Operations, remedy due 31 Oct 2026" in named
    assert "Owner: no owner named" in unnamed
