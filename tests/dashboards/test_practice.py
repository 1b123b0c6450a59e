"""Collection, incidents and policy changes show what the marts hold, and are inert, calm and whole without it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import invented
import pytest
from invented_practice import AS_OF
from opened_pages import PUBLISHED, Open, figure, rows_of, texts

from dashboards import access
from dashboards.access import Reader
from dashboards.charts.incident_deadlines import KINDS
from dashboards.data import collections, incidents, metrics, processing, query
from dashboards.data.collections import CollectionFilters
from dashboards.data.metrics import Figure
from dashboards.snapshots import Ref
from dashboards.views.incidents import timeline
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import TO_DATE, Period, parse

pytestmark = pytest.mark.slow

PAGES = ("/retention", "/collection", "/incidents", "/policy")
QUARTER: Period = parse("2026-Q3")  # type: ignore[assignment]


def held(ref: Ref, code: str, period: Period, over: tuple[str, str] = ("all", "all")) -> Figure:
    return metrics.figures(ref, (code,), period, over)[code]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_failure_or_a_bare_number(open_page: Open, path: str) -> None:
    app = open_page(path)
    assert not app.error
    notes = {metric.label: caption.value for metric, caption in zip(app.metric, _under_metrics(app), strict=True)}
    assert len(notes) == len(app.metric) >= 4
    for name, note in notes.items():
        assert " of " in f" {note}" or "n = " in note, (name, note)


def _under_metrics(app: object) -> list[object]:
    """The caption that each card has below its value."""
    found, after = [], False
    for element in app.main:  # type: ignore[attr-defined]
        if element.type == "metric":
            after = True
        elif after and element.type == "caption":
            found.append(element)
            after = False
    return found


@pytest.fixture(scope="module", params=["no rows", "no marts"])
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose snapshot has none of these logs: their marts are empty, or were never made."""
    folder: Path = tmp_path_factory.mktemp("bare")
    change = "delete from marts.{}" if request.param == "no rows" else "drop table marts.{}"
    build = invented.build

    def without(marts: Path, how_many: int, **given: bool) -> None:
        build(marts, how_many, **given)
        with duckdb.connect(str(marts)) as connection:
            for mart in ("records", "erasures", "collections", "processing", "incidents", "policy_versions"):
                connection.execute(change.format(f"fct_{mart}"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invented, "build", without)
        invented.publish(folder, PUBLISHED, 120)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/retention", "No retention log has been landed"),
        ("/retention", "No erasure has been fulfilled"),
        ("/collection", "No collection has been landed"),
        ("/collection", "No processing has been landed"),
        ("/incidents", "No incident has been landed"),
        ("/policy", "No version of the policy has been landed"),
    ],
)
def test_without_its_log_a_page_says_so_and_what_to_do(open_page: Open, bare: Path, path: str, said: str) -> None:
    app = open_page(path, at=bare)
    assert said in texts(app)
    assert not app.error


@pytest.mark.parametrize("code", ["2026-Q3", "2026-08", "2026", "to_date"])
def test_the_figures_of_collection_are_the_marts(open_page: Open, ref: Ref, code: str) -> None:
    app, period = open_page("/collection", period=code), parse(code)
    assert period is not None
    said, where = texts(app), f"in {period.label}" if period.start else "to date"
    told, exempt = held(ref, "notice_at_collection_rate", period), held(ref, "notice_exempt_rate", period)
    assert figure(app, "Notified at collection").startswith(formats.rate(told.value, 0.99))
    assert f"{formats.out_of(told.numerator, told.denominator)} collections {where} · target ≥\u00a099%" in said
    assert figure(app, "Exempt from notice").startswith(formats.rate(exempt.value))
    assert figure(app, "Not notified in time") == formats.count((told.denominator or 0) - (told.numerator or 0))
    for name, metric in (
        ("For a declared purpose", "purpose_limitation_rate"),
        ("Different legal basis", "consent_required_on_other_basis"),
        ("Without the consent", "processing_without_consent"),
        ("After opt-out or objection", "processing_after_stop"),
        ("While a request waited", "acts_while_pending"),
        ("Automated after objection", "automated_decisions_after_objection"),
    ):
        one = held(ref, metric, period)
        assert figure(app, name).split(" :")[0] == formats.measured(one.value, one.unit, 1.0), name


@pytest.mark.parametrize(("name", "dimension"), [("type", "collection_type"), ("feature", "feature")])
def test_a_filter_of_collections_counts_what_the_mart_counts(open_page: Open, ref: Ref, name: str, dimension: str) -> None:
    for value, one in metrics.by_dimension(ref, "notice_at_collection_rate", QUARTER, dimension):
        if value == "unknown":
            continue
        got = collections.counts(ref, CollectionFilters(**{name: (value,)}), QUARTER)
        assert (got["notified"], got["notified"] + got["not_notified"]) == (one.numerator, one.denominator), value
    app = open_page("/collection", **{name: value, "period": "to_date"})
    one = held(ref, "notice_at_collection_rate", TO_DATE, (dimension, value))
    assert f"{formats.out_of(one.numerator, one.denominator)} collections to date" in texts(app)
    assert app.button_group(key="choices").value == [f"{name}={value}"]


def test_who_was_not_told_is_listed_with_the_landed_row(open_page: Open, ref: Ref) -> None:
    rows = query.rows(
        ref, "select * from marts.fct_collections where not ok_notice order by occurred_at desc, namespace, event_id"
    )
    table = rows_of(open_page("/collection", period="to_date"), "Collection")
    assert list(table["Collection"]) == [row["event_id"] for row in rows[:15]]
    assert table["Batch · row"].iloc[0] == f"{rows[0]['batch_id']} · {rows[0]['row_number']}"
    assert set(table["Notified"]) - {"never"}


def test_processing_is_told_by_purpose_with_what_each_promise_binds(open_page: Open, ref: Ref) -> None:
    app = open_page("/collection", period="to_date")
    table = next(frame.value for frame in app.table if "Purpose" in frame.value).set_index("Purpose")
    for row in processing.by_purpose(ref, TO_DATE):
        shown = table.loc[labels.sentence(row["purpose_code"])]
        assert ("cancel" in shown["In the pack"]) == bool(row["undeclared"])
        assert shown["After opt-out or objection"] == (
            formats.out_of(row["after_stop"], row["stoppable"]) if row["stoppable"] else formats.NULL
        )
    stops = sum(row["after_stop"] for row in processing.by_purpose(ref, TO_DATE))
    assert stops == held(ref, "processing_after_stop", TO_DATE).value


def test_the_figures_of_incidents_are_the_marts_and_a_clock_that_runs_says_what_is_left(open_page: Open, ref: Ref) -> None:
    app = open_page("/incidents", period="to_date")
    told = held(ref, "authority_notification_adherence", TO_DATE)
    assert figure(app, "Supervisory authority notified in time").startswith(formats.rate(told.value, 1.0))
    assert f"{formats.out_of(told.numerator, told.denominator)} that had to be notified to date" in texts(app)
    persons = held(ref, "person_notification_adherence", TO_DATE)
    assert figure(app, "Individuals notified in time").startswith(formats.rate(persons.value, 1.0))
    assert f"{formats.out_of(0, 1)} that had to be notified to date" in texts(app)
    assert figure(app, "Incidents") == formats.count(held(ref, "incident_count", TO_DATE).value)
    assert figure(app, "Persons affected") == formats.count(held(ref, "affected_subjects", TO_DATE).value)
    assert figure(app, "Overdue now").startswith("1 ")
    assert "45\u00a0hours left" in figure(app, "Deadline running")


def test_a_figure_that_cannot_be_judged_says_why(open_page: Open) -> None:
    app = open_page("/incidents", period="2026")
    assert "Refused rows: 1 of 64 read" in texts(app).replace("\\", "")


def test_incidents_stand_by_urgency_then_newest_and_a_running_clock_in_every_period(open_page: Open, ref: Ref) -> None:
    table = rows_of(open_page("/incidents", period="to_date"), "Incident")
    assert list(table["Incident"]) == ["INC-05", "INC-07", "INC-06", "INC-04", "INC-03", "INC-02", "INC-01"]
    quarter = rows_of(open_page("/incidents", period="2025"), "Incident")
    assert list(quarter["Incident"])[:2] == ["INC-05", "INC-07"]
    late = rows_of(open_page("/incidents", period="to_date", status="late"), "Incident")
    assert list(late["Incident"]) == ["INC-02"]
    assert late["Notified after"].iloc[0] == "78 of 72 hours"
    assert dict(zip(table["Incident"], table["Individuals"], strict=True))["INC-04"] == "Overdue"
    assert incidents.count(ref, ("late",), TO_DATE) == 1
    empty = open_page("/incidents", period="2026-09", status="not_required")
    assert "No incident matches" in texts(empty)
    assert "0 of 7 incidents to date match these filters." in texts(empty)


def test_a_lane_says_how_its_clock_ended(ref: Ref) -> None:
    shown = {row["incident_id"]: timeline.lane(row, AS_OF) for row in incidents.page(ref, (), TO_DATE, (0, 50))}
    assert {name: lane.words.replace("\u00a0", " ") for name, lane in shown.items()} == {
        "INC-01": "Authority notified after 41 hours",
        "INC-02": "Authority notified after 78 hours, 6 hours late",
        "INC-03": "No risk, found after 30 hours",
        "INC-04": "None in this jurisdiction",
        "INC-05": "Not notified, 891 hours over",
        "INC-06": "Authority notified after 69 hours",
        "INC-07": "45 hours left",
    }
    assert shown["INC-02"].segments == [("Within the hours", 0.0, 72.0), ("Past the hours", 72.0, 78.0)]
    assert shown["INC-07"].segments == [("Within the hours", 0.0, 27.0), ("Hours left", 27.0, 72.0)]
    assert {kind for lane in shown.values() for kind, _, _ in lane.segments} <= set(KINDS)


def test_versions_say_who_was_told_before_they_took_effect(open_page: Open, ref: Ref) -> None:
    app = open_page("/policy")
    share = held(ref, "policy_change_notice_coverage", QUARTER)
    assert figure(app, "Notified before effect").startswith(formats.rate(share.value, 0.95))
    assert "2,110 of 8,640 persons in Q3 2026 · target ≥\u00a095%" in texts(app)
    assert figure(app, "Wrong printed date").startswith("1")
    assert figure(app, "In force now").replace("\\", "") == "2026-08"
    table = rows_of(app, "Version").set_index("Version")
    numbers = next(frame.value for frame in app.dataframe if "Notice" in frame.value).set_index("Version")
    assert list(numbers.index) == ["2026-11", "2026-08", "2025-12", "2025-04"]
    assert [cell[0] for cell in numbers["Notice"]] == [
        statuses.NOTICES[code].cell for code in ("unknown", "missed", "met", "minor")
    ]
    assert numbers.loc["2026-08", "Notified before effect"] == "2,110 of 8,640"
    assert numbers.loc["2026-08", "Printed date"] == "≠ differs"
    assert table.loc["2025-12", "Not notified"] == 133


def test_one_version_opens_with_its_dates_and_what_rests_on_it(open_page: Open, ref: Ref) -> None:
    app = open_page("/policy", version="2026-08")
    said = texts(app)
    assert "**In effect** 1 Aug 2026, 00:00 EDT" in said
    named = query.first(ref, "select count(*) as n from marts.fct_collections where policy_version = '2026-08'")["n"]
    assert f"{formats.out_of(named, named)} collections that name it came while it was in force" in said
    assert "**First notified**" not in texts(open_page("/policy", version="v9"))


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_gets_the_same_figures_and_no_row_about_a_person_a_request_or_a_record(
    open_page: Open, ref: Ref, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    officer = open_page(path, period="to_date")
    key = query.first(ref, "select record_key from marts.fct_records where status = 'over_retained' order by 1 limit 1")
    monkeypatch.setattr(access, "current", lambda: Reader("ada", "viewer"))
    viewer = open_page(path, period="to_date", record=key["record_key"])
    assert [(one.label, one.value) for one in viewer.metric] == [(one.label, one.value) for one in officer.metric]
    columns = {name for frame in (*viewer.dataframe, *viewer.table) for name in frame.value}
    assert not columns & {"Record set", "Person", "Request", "Collection", "Incident"}
    assert key["record_key"].split("/")[1] not in texts(viewer)
    incidents = query.rows(ref, "select incident_id from marts.fct_incidents")
    assert incidents
    assert not [one for one in incidents if one["incident_id"] in texts(viewer)]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_but_the_age_depends_on_the_clock(open_page: Open, path: str) -> None:
    now, later = open_page(path), open_page(path, later=timedelta(days=400))
    assert [(metric.label, metric.value) for metric in now.metric] == [(metric.label, metric.value) for metric in later.metric]
