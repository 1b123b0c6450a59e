"""What `check` reports about a source before anything lands: first events, rejects, and the independent record count."""

import re
import shutil
from pathlib import Path

import pytest
from queried_project import asked, row
from source_project import answered, received

import promisekept.policy
from promisekept.cli.checking import check_project
from promisekept.sources.landing.dry_run import dry_run


def trial(project, name="helpdesk"):
    settings = project.settings
    return dry_run(settings, settings.source(name), project.now)


@pytest.fixture
def with_pack(project):
    shutil.copytree(Path(promisekept.policy.__file__).parent / "starter_pack", project.settings.pack)
    return project


def report_of(project):
    _, report, text = check_project(project.settings.config)
    return report, text


REFUSED = [
    received(event_id="e1", channel="pigeon"),
    received(event_id="e2", subject_ref=""),
    received(event_id="e3", request_id="joe@example.org"),
    received(event_id="e4", occurred_at="yesterday"),
    received(event_id="e5"),
]


def test_each_row_that_would_be_rejected_stands_there_with_its_reason_and_column_and_nobodys_identifier(project):
    project.source()
    project.file("a.csv", REFUSED)
    found = trial(project)
    assert [(one["row_number"], one["reason"], one["column_name"], one["value"]) for one in found.refused_rows] == [
        (1, "unknown_code", "channel", "pigeon"),
        (2, "missing_value", "subject_ref", None),
        (3, "personal_data_in_identifier", "request_id", None),
        (4, "invalid_time", "occurred_at", "yesterday"),
    ]
    assert (len(found.events), found.sound) == (1, False)
    report, text = report_of(project)
    assert not report["sound"]
    assert re.search(r"^  1 +1 +unknown_code +channel +pigeon$", text, re.MULTILINE)
    assert "rejected 1: unknown_code, the value is none of those that the contract lists" in text
    assert "@example.org" not in text + repr(report)
    assert not (project.folder / "home").exists()


def test_only_the_first_rejected_rows_are_listed_and_all_are_counted(project):
    project.source()
    project.file("a.csv", [answered(event_id=f"e{number}", event_type="gone") for number in range(25)])
    found = trial(project)
    assert ([one["row_number"] for one in found.refused_rows], found.refused) == (list(range(1, 11)), {"unknown_code": 25})


def test_a_row_of_which_several_events_are_rejected_is_listed_once(project):
    events = "union all ".join(
        f"select _row, id || '{kind}' as event_id, id as request_id, '{kind}' as event_type, place as jurisdiction,"
        " '2026-03-01T10:00:00Z' as occurred_at, 'access' as right_type, 'email' as channel, id as subject_ref from source "
        for kind in ("received", "acknowledged", "fulfilled")
    )
    project.mapping(events)
    project.file("a.csv", "id,place\nr1,Ireland\nr2,IE\nr3,Erin\n")
    found = trial(project)
    assert [(one["row_number"], one["events"], one["value"]) for one in found.refused_rows] == [(1, 3, "Ireland"), (3, 3, "Erin")]
    assert found.refused == {"invalid_place": 6}
    assert re.search(r"^  3 +3 +invalid_place +jurisdiction +Erin$", report_of(project)[1], re.MULTILINE)


def test_what_is_stated_is_shown_or_that_nothing_is_and_a_total_that_is_none_needs_fixing(project):
    project.source()
    project.file("a.csv", [received()])
    assert "  independent record count: none\n" in report_of(project)[1]
    project.source(control_total="counts.csv")
    (project.folder / "counts.csv").write_text("day,count\n2026-03-10,1\n2026-03-12,4\n")
    assert trial(project).control_total == "2 days from 2026-03-10 to 2026-03-12"
    assert "  independent record count: 2 days from 2026-03-10 to 2026-03-12\n" in report_of(project)[1]
    (project.folder / "counts.csv").write_text("day,count\n2026-03-10,one\n")
    report, text = report_of(project)
    assert not report["sources"][0]["sound"]
    assert "counts.csv: line 2 of 2 cells is no day with a count" in text


def test_a_sequence_says_where_it_begins_and_ends_and_what_is_missing(project):
    project.source(sequence="ticket")
    project.file("a.csv", [answered(event_id=str(number), ticket=number) for number in (3, 4, 9)] + [answered(event_id="x")])
    assert trial(project).sequence == "ticket from 3 to 9, 4 missing, 1 rows without a number"


def test_a_database_is_tried_and_asked_for_its_count(project, shop):
    shop.fill(row(1), row(2, channel="pigeon"))
    reader = {"kind": "sql", "url_env": "SHOP_URL", "query": "select * from cases", "cursor": "id", "ignore_columns": ["id"]}
    asked(project, reader, control_query="select substr(occurred_at, 1, 10) as day, count(*) as count from cases group by 1")
    found = trial(project)
    assert found.control_total == "2 days from 2026-03-02 to 2026-03-03"
    assert [(one["row_number"], one["column_name"], one["value"]) for one in found.refused_rows] == [(2, "channel", "pigeon")]
    assert "@example.org" not in report_of(project)[1]
    assert not (project.folder / "home").exists()


@pytest.mark.parametrize("name", ["helpdesk", "helpdesk_links"])
def test_a_source_of_links_is_tried_beside_its_own(project, name):
    project.source(links={"column": "customer_number", "type": "customer_id"})
    project.file("a.csv", [received(customer_number="C-1077")])
    assert trial(project, name).counts["landed"] == 1
    assert "C-1077" not in report_of(project)[1]


def test_a_source_that_can_not_be_reached_is_named_with_the_remedy(project):
    project.source(
        path="s3://bucket/in/*", reader={"store": {"endpoint_url": "http://127.0.0.1:9", "retries": 0, "anonymous": True}}
    )
    report, text = report_of(project)
    assert not report["sound"]
    assert "http://127.0.0.1:9 does not answer as a store does" in text


def test_what_would_land_and_makes_figures_doubtful_is_named_with_its_remedy(with_pack):
    """Nothing ever closed, and two contents of one event: `check` called both sound and went on to the run."""
    with_pack.source()
    with_pack.file("a.csv", [received(event_id="e1"), received(event_id="e2"), received(event_id="e2", channel="phone")])
    report, text = report_of(with_pack)
    assert report["sound"]
    ended, conflict = sorted(report["doubts"], key=lambda doubt: "contradict" in doubt)
    assert ended.startswith("helpdesk: no row is fulfilled or partially_fulfilled or denied or withdrawn or excluded")
    assert "helpdesk: 1 row(s) contradict an earlier one with the same event_id" in conflict
    assert text.endswith("It would run, but 2 point(s) above are open, and figures rest on them. Next: promisekept run")


def test_a_mapping_that_raises_is_explained_by_column_shape_and_reason(project):
    """It named neither the column nor the value, and of a thousand rows nobody could tell what was wrong with one."""
    sql = """select _row, id as event_id, id as request_id, 'fulfilled' as event_type,
        strptime(closed, '%d.%m.%Y') as occurred_at, cast("level" as int) as revision
        from source where error is null or cast(error as int) > 0"""
    rows = [
        {"id": "1", "closed": "31.12.2026", "level": "1", "error": ""},
        {"id": "2", "closed": "31.02.2026", "level": "1", "error": ""},
        {"id": "3", "closed": "31.12.2026", "level": "Jane Doe", "error": ""},
        {"id": "4", "closed": "31.12.2026", "level": "1", "error": "jane@example.org"},
    ]
    project.mapping(sql, time_zone="Europe/Berlin").file("a.csv", rows)
    found = trial(project)
    shown = [(one["row_number"], one["column_name"], one["value"]) for one in found.refused_rows]
    assert shown == [
        (2, "occurred_at", "`closed` 99.99.9999: there is no such day"),
        (3, "revision", "`level` a a: it can't be converted to INT32"),
        (4, "event_id", "`error` a@a.a: it can't be converted to INT32"),
    ]
    assert "jane" not in repr(found).casefold()


def test_times_in_the_hour_that_comes_twice_are_counted(with_pack):
    with_pack.source(time_zone="Europe/Dublin")
    rows = [answered(event_id="e1", occurred_at="2025-10-26 01:30"), answered(event_id="e2", occurred_at="2025-10-26 02:30")]
    with_pack.file("a.csv", [received(), *rows])
    report, _ = report_of(with_pack)
    doubt = report["doubts"][0]
    assert "1 time(s) lie in the hour that comes twice when the clocks of Europe/Dublin go back" in doubt


def test_a_calendar_that_ends_within_two_years_of_the_newest_event_is_named(with_pack):
    with_pack.source()
    with_pack.file("a.csv", [received(event_id="e1", occurred_at="2034-01-02T10:00:00Z"), answered(event_id="e2")])
    report, text = report_of(with_pack)
    assert report["sound"]
    named = [doubt for doubt in report["doubts"] if doubt.startswith("calendar ")]
    assert [doubt.split(":")[0] for doubt in named] == ["calendar IN", "calendar SG"]
    assert "known until 2035-12-31, less than 2 years after 2034" in text


def test_declared_due_dates_without_a_control_are_named(with_pack):
    """The starter pack promises deadline adherence, of which a request of the regime DECLARED is no part."""
    with_pack.source()
    rows = [received(event_id="e1", regime_code="DECLARED", declared_due_at="2026-03-01T00:00:00Z"), answered(event_id="e2")]
    with_pack.file("a.csv", rows)
    report, _ = report_of(with_pack)
    (doubt,) = report["doubts"]
    assert "no control of the pack requires it: add it to control_metrics.csv" in doubt
