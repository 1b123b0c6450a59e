"""Two request logs that nobody here wrote, from their CSV to published figures; every number is stated beside the data.

The logs are read from where they lie and are no part of the project; the mappings are the ones in examples/.
"""

from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import model_builds
import pytest
from spark_sessions import differing_on_spark, needs_spark
from world import LONG_AFTER, Report

from orchestration import pipeline
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.sources.zone.keys import create_key

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "realdata"
NEW_YORK = ZoneInfo("America/New_York")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not REAL.is_dir(), reason="../shared/realdata is not here")]


class Example:
    """A copy of one example folder with the data in its inbox."""

    def __init__(self, name: str, data: str, folder: Path) -> None:
        self.folder = folder / name
        shutil.copytree(ROOT / "examples" / name, self.folder)
        create_key(self.folder / "keys" / "pseudonym.key")
        (self.folder / "inbox").mkdir()
        shutil.copyfile(REAL / data, self.folder / "inbox" / data)

    def use_mapping(self, name: str) -> None:
        """Map the log by another file of the example."""
        shutil.copyfile(self.folder / "mappings" / name, self.folder / "mappings" / "requests.sql")

    def change_law(self, **cells: str) -> None:
        """Give the pack a law of its own, in which the rules of the FOIA are changed."""
        from oracles.law import PACKAGED_LAW

        with (PACKAGED_LAW / "regimes.csv").open(encoding="utf-8", newline="") as lines:
            rows = [row | cells if row["regime_code"] == "US_FOIA" else row for row in csv.DictReader(lines)]
        with (self.folder / "pack" / "regimes.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def declare(self, source: str, how: str) -> None:
        """Set how a source means its due times."""
        file = self.folder / "promisekept.yml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(f"- name: {source}\n", f"- name: {source}\n    declared_due: {how}\n"), encoding="utf-8")

    def land(self) -> Settings:
        """Land the log."""
        settings = load_settings(self.folder)
        pipeline.land_sources(settings, LONG_AFTER)
        return settings

    def run(self, as_of: datetime) -> Report:
        """Land the log and compute it as of that instant."""
        settings = self.land()
        build = pipeline.prepare(settings, pipeline.fix_instants(settings, as_of, None), pipeline.read_pack(settings))
        with build.connect() as connection:
            connection.execute(f"attach '{build.outgoing}' as outgoing")
            model_builds.make(connection, ["fct_requests", "fct_request_traces", "fct_metrics"])
        return Report(build.outgoing)


def statuses(report: Report) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in report.table("fct_requests"):
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    return counts


END_OF_2017 = datetime(2017, 12, 31, 12, tzinfo=NEW_YORK)


def test_foia_log_with_withdrawn_and_duplicate_cases_out_of_the_population(tmp_path):
    example = Example("foia_2017", "doj_foia_2017.csv", tmp_path)
    report = example.run(END_OF_2017)
    assert report.metric("requests_received")["value"] == 244
    assert statuses(report) == {"excluded": 8, "closed_on_time": 84, "closed_late": 152}
    adherence = report.metric("deadline_adherence")
    assert adherence == {"numerator": 84, "denominator": 236, "value": 84 / 236}
    reasons = [row["exclusion_reason"] for row in report.table("fct_requests", "status = 'excluded'")]
    assert (reasons.count("withdrawn"), reasons.count("duplicate")) == (7, 1)


def test_foia_log_with_every_disposition_taken_as_an_answer(tmp_path):
    example = Example("foia_2017", "doj_foia_2017.csv", tmp_path)
    example.use_mapping("every_disposition_closes.sql")
    report = example.run(END_OF_2017)
    assert statuses(report) == {"closed_on_time": 86, "closed_late": 158}
    assert report.metric("median_days_to_close")["value"] == 48
    assert round(report.metric("mean_days_to_close")["value"], 4) == 317.0984


@pytest.mark.parametrize(
    ("cells", "on_time"),
    [({"calendar": "NONE"}, 70), ({"response_unit": "day", "extension_unit": "day"}, 38)],
    ids=["holidays ignored", "calendar days"],
)
def test_foia_log_counted_wrongly_gives_another_figure(tmp_path, cells, on_time):
    """A guard on the guard: the figure does depend on holidays and on working days."""
    example = Example("foia_2017", "doj_foia_2017.csv", tmp_path)
    example.use_mapping("every_disposition_closes.sql")
    example.change_law(**cells)
    assert statuses(example.run(END_OF_2017))["closed_on_time"] == on_time


@pytest.fixture(scope="module")
def boston(tmp_path_factory) -> Example:
    return Example("boston_311", "boston_311_2022.csv", tmp_path_factory.mktemp("boston"))


def test_boston_log_by_the_citys_own_due_dates(boston):
    report = boston.run(datetime(2022, 6, 30, 23, 59, 59, tzinfo=NEW_YORK))
    rows = report.table("fct_requests")
    closed = [row for row in rows if row["closed_date"] is not None]
    assert (len(closed), len(rows) - len(closed)) == (85, 15)
    assert [row["status"] for row in rows].count("no_deadline") == 11
    assert sum(row["due_date"] is not None for row in closed) == 77
    by_status = statuses(report)
    assert (by_status["closed_on_time"], by_status["closed_late"]) == (73, 4)
    assert report.metric("declared_adherence") == {
        "numerator": 73,
        "denominator": 73 + 4 + by_status["open_overdue"],
    }


def test_boston_log_agrees_with_the_city_but_for_the_one_case_where_the_hour_decides(boston):
    report = boston.run(datetime(2022, 6, 30, 23, 59, 59, tzinfo=NEW_YORK))
    with (REAL / "boston_311_2022.csv").open(encoding="utf-8", newline="") as lines:
        city = {row["case_enquiry_id"]: row["ontime"] for row in csv.DictReader(lines)}
    late = {"closed_late", "open_overdue"}
    ours = {row["request_id"]: "OVERDUE" if row["status"] in late else "ONTIME" for row in report.table("fct_requests")}
    assert {case for case in city if city[case] != ours[case]} == {"101004113717"}
    closed_with_due_time = report.table("fct_requests", "closed_date is not null and due_date is not null")
    by_the_city = [city[row["request_id"]] for row in closed_with_due_time]
    assert (by_the_city.count("ONTIME"), by_the_city.count("OVERDUE")) == (72, 5)


def test_boston_log_agrees_with_the_city_in_every_case_where_its_due_times_are_instants(boston, tmp_path):
    """A due time was always rounded up to the end of its day, so that what came hours late read as on time."""
    timed = Example("boston_311", "boston_311_2022.csv", tmp_path)
    timed.declare("cases", "instant")
    report = timed.run(datetime(2022, 6, 30, 23, 59, 59, tzinfo=NEW_YORK))
    by_status = statuses(report)
    assert (by_status["closed_on_time"], by_status["closed_late"]) == (72, 5)
    with (REAL / "boston_311_2022.csv").open(encoding="utf-8", newline="") as lines:
        city = {row["case_enquiry_id"]: row["ontime"] for row in csv.DictReader(lines)}
    late = {"closed_late", "open_overdue"}
    rows = report.table("fct_requests")
    assert {row["request_id"]: "OVERDUE" if row["status"] in late else "ONTIME" for row in rows} == city
    (hours,) = [row for row in rows if row["status"] == "closed_late" and row["days_overdue"] == 0]
    assert (hours["request_id"], hours["due_date"]) == ("101004113717", hours["closed_date"])
    assert hours["due_at"] < hours["closed_at"]
    steps = json.loads(report.table("fct_request_traces", f"request_key like '%/{hours['request_id']}/%'")[0]["trace"])
    assert steps[-1]["says"].endswith(", less than a day late.")


@pytest.mark.parametrize(("day", "overdue"), [("2022-01-15", 4), ("2022-02-15", 9), ("2022-04-01", 12), ("2022-06-01", 12)])
def test_boston_log_at_the_end_of_a_day_in_the_past(boston, day, overdue):
    report = boston.run(datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=NEW_YORK))
    assert statuses(report)["open_overdue"] == overdue
    assert report.metric("overdue_open")["value"] == overdue


@needs_spark
@pytest.mark.on_spark
@pytest.mark.parametrize(
    ("name", "data", "as_of"),
    [
        ("foia_2017", "doj_foia_2017.csv", END_OF_2017),
        ("boston_311", "boston_311_2022.csv", datetime(2022, 6, 30, 23, 59, 59, tzinfo=NEW_YORK)),
    ],
)
def test_both_engines_agree_on_every_mart(tmp_path, name, data, as_of):
    assert differing_on_spark(Example(name, data, tmp_path).land(), as_of) == []
