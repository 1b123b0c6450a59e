"""Two readings of calendars.csv, day by day: the product's and the oracle's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from oracles.calendars import read_calendars
from oracles.law import PACKAGED_LAW, PUBLIC_LAW

from promisekept.policy.calendars import build_calendar
from promisekept.policy.loading import load_pack

FIRST, LAST = date(2010, 1, 1), date(2035, 12, 31)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    (folder / "pack.yml").write_text("name: bare\nversion: '1'\neffective_from: 2020-01-01\n", encoding="utf-8")
    return load_pack(folder).rows("calendars")


def test_every_calendar_has_the_same_holidays_in_both_readings(shipped):
    second_opinion = read_calendars(PACKAGED_LAW / "calendars.csv")
    assert set(second_opinion) == {row["calendar"] for row in shipped}
    differences = []
    for row in shipped:
        built, other = build_calendar(row), second_opinion[row["calendar"]]
        assert built.first_day <= FIRST
        ours = {day for day, _ in built.days}
        day = FIRST
        while day <= min(LAST, built.last_day):
            if (day in ours) != other.is_holiday(day):
                differences.append((row["calendar"], day.isoformat(), "product" if day in ours else "oracle"))
            day += timedelta(days=1)
    assert differences == []


@pytest.mark.skipif(not PUBLIC_LAW.is_dir(), reason="../shared/law is not here")
@pytest.mark.parametrize("file", ["regimes.csv", "calendars.csv"])
def test_the_product_ships_the_public_law_word_for_word(file):
    """Beside it are the places and laws that were added here."""
    ours = (PACKAGED_LAW / file).read_text(encoding="utf-8").splitlines()
    assert [line for line in (PUBLIC_LAW / file).read_text(encoding="utf-8").splitlines() if line not in ours] == []
