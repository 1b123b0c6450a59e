"""Holidays as governments published them; the library that knows them is pinned."""

from __future__ import annotations

from datetime import date, datetime
from importlib.metadata import version

import pytest
from policy.packs import loaded

from promisekept.policy import build_calendar, ending_soon

HEADER = "calendar,name,country,subdiv,categories,observed,extra_days,removed_days,time_zone\n"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    pack = loaded(tmp_path_factory.mktemp("pack"))
    return {row["calendar"]: row for row in pack.rows("calendars")}


def days(row, year):
    return [f"{day:%m-%d}" for day, _ in build_calendar(row, year, year).days]


def own(tmp_path, **columns):
    cells = {"country": "", "subdiv": "", "extra": "", "removed": ""} | columns
    text = f"{HEADER}OWN,own,{cells['country']},{cells['subdiv']},public,yes,{cells['extra']},{cells['removed']},\n"
    return loaded(tmp_path, calendars_csv=text).rows("calendars")[0]


def test_the_library_of_holidays_is_the_pinned_one():
    assert version("holidays") == "0.109"


def test_federal_holidays_of_2026(shipped):
    # Independence Day falls on a Saturday and is kept on Friday, 3 July (opm.gov)
    expected = ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "07-04", "09-07", "10-12", "11-11", "11-26", "12-25"]
    assert days(shipped["US-FED"], 2026) == expected


def test_juneteenth_is_a_federal_holiday_from_2021(shipped):
    assert "06-19" not in days(shipped["US-FED"], 2020)
    assert "06-18" in days(shipped["US-FED"], 2021)


def test_english_bank_holidays_of_2026(shipped):
    # Boxing Day is a Saturday, its substitute Monday 28 December (gov.uk)
    working = [day for day in days(shipped["GB-ENG"], 2026) if day != "12-26"]
    assert working == ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]


def test_scotland_has_the_second_of_january_and_no_easter_monday(shipped):
    scotland = days(shipped["GB-SCT"], 2026)
    assert "01-02" in scotland
    assert "04-06" not in scotland


def test_irish_public_holidays_of_2026_leave_good_friday_out(shipped):
    assert days(shipped["IE"], 2026) == ["01-01", "02-02", "03-17", "04-06", "05-04", "06-01", "08-03", "10-26", "12-25", "12-26"]


def test_judicial_holidays_of_california_in_2026(shipped):
    # Code Civ. Proc. 135: no Columbus Day; Lincoln, Cesar Chavez, the fourth Friday of September, the day after Thanksgiving
    expected = [
        "01-01",
        "01-19",
        "02-12",
        "02-16",
        "03-31",
        "05-25",
        "06-19",
        "07-03",
        "07-04",
        "09-07",
        "09-25",
        "11-11",
        "11-26",
        "11-27",
        "12-25",
    ]
    assert days(shipped["US-CA-JUD"], 2026) == expected
    assert "09-24" not in days(shipped["US-CA-JUD"], 2021), "Native American Day begins in 2022"


def test_canada_day_on_a_sunday_is_kept_on_the_second_of_july(shipped):
    assert "07-02" in days(shipped["CA"], 2029)
    assert "07-02" not in days(shipped["CA"], 2026)
    assert "12-26" not in days(shipped["CA"], 2026), "section 35 has Easter Monday instead of Boxing Day"


def test_berlin_has_a_day_that_bavaria_has_not_and_the_other_way_round(shipped):
    assert "03-08" in days(shipped["DE-BE"], 2026)
    assert "03-08" not in days(shipped["DE-BY"], 2026)
    assert "01-06" in days(shipped["DE-BY"], 2026)
    assert days(shipped["DE"], 2026) == ["01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "12-25", "12-26"]


def test_a_calendar_without_a_country_has_no_holiday_and_every_year(shipped):
    built = build_calendar(shipped["NONE"])
    assert built.days == ()
    assert (built.first_day.year, built.last_day.year) == (2005, 2040)


def test_singapore_ends_where_the_library_stops_to_know(shipped):
    built = build_calendar(shipped["SG"])
    assert built.last_day == date(2035, 12, 31)
    assert max(day for day, _ in built.days) <= built.last_day


def test_every_shipped_calendar_can_be_built_and_has_holidays_in_each_year(shipped):
    for code, row in shipped.items():
        built = build_calendar(row)
        assert built.first_day <= date(2015, 1, 1), code
        assert built.last_day >= date(2035, 12, 31), code
        years = {day.year for day, _ in built.days}
        assert code == "NONE" or years >= set(range(2015, 2036)), code


def test_each_item_of_the_grammar_means_what_the_law_file_says(tmp_path):
    extra = "05-05;2026-03-17;02-12~us;07-02~sun;nth:09:fri:4;easter+1;easter-2;thanksgiving+1"
    assert days(own(tmp_path, extra=extra), 2026) == ["02-12", "03-17", "04-03", "04-06", "05-05", "09-25", "11-27"]
    # 12 February 2028 is a Saturday, 1 July 2029 a Sunday
    assert "02-11" in days(own(tmp_path, extra=extra), 2028)
    assert "07-02" in days(own(tmp_path, extra=extra), 2029)


def test_a_day_moved_over_new_year_lands_in_the_year_before(tmp_path):
    # 1 January 2028 is a Saturday
    assert days(own(tmp_path, extra="01-01~us"), 2027) == ["01-01", "12-31"]


def test_a_first_year_holds_for_added_and_removed_days(tmp_path):
    row = own(tmp_path, country="US", extra="05-05@2026", removed="name:Columbus@2026;11-11@2026")
    assert {"10-13", "11-11"} <= set(days(row, 2025))
    assert "05-05" not in days(row, 2025)
    assert "05-05" in days(row, 2026)
    assert not {"10-12", "11-11"} & set(days(row, 2026))


def test_an_added_day_has_a_name_that_a_trace_can_show(tmp_path):
    named = dict(build_calendar(own(tmp_path, extra="easter+1;thanksgiving+1;nth:09:fri:4"), 2026, 2026).days)
    assert list(named.values()) == ["Easter Monday", "4th Friday of September", "Day after Thanksgiving"]


def test_a_calendar_that_ends_within_two_years_is_named_and_no_clock_decides_it(shipped):
    def ending(instant):
        return dict(ending_soon(shipped.values(), datetime.fromisoformat(instant)))

    assert ending("2033-12-31T23:59:59+00:00") == {}
    assert ending("2034-01-01T00:00:00+00:00") == {"IN": date(2035, 12, 31), "SG": date(2035, 12, 31)}
    assert set(shipped) == set(ending("2039-01-01T00:00:00+00:00"))
