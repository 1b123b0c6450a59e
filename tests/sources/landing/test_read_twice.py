"""Two sources whose patterns overlap: the requests of a.csv were published as two of two answered on time, and there was one."""

from __future__ import annotations

import pytest
from source_project import answered, as_csv, received

from promisekept.cli.checking import check_project
from promisekept.errors import LandingError

ROWS = as_csv([received()]), as_csv([answered()])


@pytest.fixture
def overlapping(project):
    project.source(path="inbox/*.csv").source("portal", path="inbox/a*.csv")
    project.file("a.csv", ROWS[0])
    project.file("b.csv", ROWS[1])
    return project


def test_the_second_source_is_an_error_that_names_both_and_the_first_one_lands(overlapping):
    with pytest.raises(LandingError, match=r"^portal: a\.csv is read by helpdesk, too") as error:
        overlapping.land()
    assert "`reader.path`" in str(error.value)
    assert "`namespace`" in str(error.value)
    landed = overlapping.query("select source, event_id from landing.requests order by all")
    assert landed == [("helpdesk", "e1"), ("helpdesk", "e2")]


@pytest.mark.parametrize("copied", [{"time_zone": "Europe/Paris"}, {"formats": {"occurred_at": "%d/%m/%Y"}}])
def test_a_zone_or_a_format_of_its_own_takes_no_other_rows(overlapping, copied):
    overlapping.source("portal", path="inbox/a*.csv", **copied)
    with pytest.raises(LandingError, match="would count twice"):
        overlapping.land()


def test_check_names_it_before_anything_landed(overlapping):
    wrong, report, text = check_project(overlapping.settings.config)
    assert wrong
    assert [trial["source"] for trial in report["sources"] if trial["held_back"]] == ["portal"]
    assert "portal: a.csv is read by helpdesk, too" in text


def test_of_one_namespace_equal_events_count_once(overlapping):
    overlapping.source("portal", path="inbox/a*.csv", namespace="helpdesk")
    counts = [(landed.source, landed.counts["landed"], landed.counts["duplicate"]) for landed in overlapping.land()]
    assert counts == [("helpdesk", 1, 0), ("helpdesk", 1, 0), ("portal", 0, 1)]


DIFFERING = [{"skip": "event_id = 'e1'"}, {"defaults": {"channel": "web"}}, {"reader": {"delimiter": ";"}}]


@pytest.mark.parametrize("differing", DIFFERING)
def test_a_file_may_hold_the_rows_of_two_systems(project, differing):
    """Each source takes its own rows then, or reads each row for another purpose: nobody else can tell."""
    project.source(path="inbox/*.csv").source("portal", path="inbox/*.csv", **differing)
    project.file("a.csv", ROWS[0])
    assert {landed.source for landed in project.land()} == {"helpdesk", "portal"}


def test_the_error_comes_once_where_both_learn_from_the_file_who_is_who(project):
    links = {"column": "crm_number", "type": "customer_id"}
    project.source(path="inbox/*.csv", links=links).source("portal", path="inbox/a*.csv", links=links)
    project.file("a.csv", as_csv([received(crm_number="C1")]))
    with pytest.raises(LandingError) as error:
        project.land()
    assert str(error.value).count("would count twice") == 1


def test_files_that_only_one_of_them_matches_land_of_both(project):
    project.source(path="inbox/a*.csv").source("portal", path="inbox/b*.csv")
    project.file("a.csv", ROWS[0])
    project.file("b.csv", ROWS[0])
    assert {landed.source for landed in project.land()} == {"helpdesk", "portal"}
