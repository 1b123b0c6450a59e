"""How values are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import markdown
from promisekept.presentation import formats, periods


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [
        (1204 / 1249, 0.98, "96.4%"),
        (0.9996, 1.0, "99.96%"),
        (0.97997, 0.98, "97.997%"),
        (0.98, 0.98, "98.0%"),
        (1.0, 1.0, "100.0%"),
        (0.0, None, "0.0%"),
        (0.0002, 0.01, "0.02%"),
        (None, 0.98, "–"),  # noqa: RUF001
    ],
)
def test_a_rate_is_never_rounded_to_its_target_to_zero_or_to_everything(
    value: float | None, target: float | None, shown: str
) -> None:
    assert formats.rate(value, target) == shown


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from([0.9, 0.95, 0.98, 0.99, 1.0]))
def test_what_is_shown_is_on_the_same_side_of_the_target_as_what_was_measured(k: int, extra: int, target: float) -> None:
    value = k / (k + extra)
    shown = float(formats.rate(value, target).rstrip("%")) / 100
    assert (shown < target) == (value < target - 1e-9)
    assert (shown == 0) == (value == 0)


@given(st.text(max_size=60))
def test_a_value_in_markdown_is_only_characters(text: str) -> None:
    import re

    escaped = markdown.plain(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>`$*_:]", escaped)
    assert "\n" not in escaped
    assert "`" not in markdown.code(text)[1:-1]


def test_numbers_dates_and_ages_are_written_in_one_way() -> None:
    assert formats.count(1204) == "1,204"
    assert formats.count(-23) == "−23"  # noqa: RUF001
    assert formats.out_of(0, 12) == "0 of 12"
    assert formats.days(1) == "1\u00a0day"
    assert formats.day(date(2026, 9, 2)) == "2 Sep 2026"
    assert formats.instant(datetime(2026, 10, 1, 3, 59, tzinfo=UTC), "America/New_York") == "30 Sep 2026, 23:59 EDT"
    assert formats.target(">=", 0.98, "share") == "≥\u00a098%"
    assert formats.target("=", 0.0, "acts") == "=\u00a00"
    assert formats.share(11, 2481904) == "0.0004%"
    ages = [formats.age(timedelta(minutes=minutes)).replace("\u00a0", " ") for minutes in (-5, 12, 119, 25 * 60, 50 * 60)]
    assert ages == ["0 min", "12 min", "1 h", "25 h", "2 days"]


@pytest.mark.parametrize("code", ["2026-Q3", "2026-09", "2026", "2024-02", "to_date"])
def test_a_period_is_found_again_by_its_code(code: str) -> None:
    period = periods.parse(code)
    assert period is not None
    assert period.code == code


@pytest.mark.parametrize("code", ["2026-Q5", "2026-13", "26", "", None, "2026-Q3 ", "0000", "\uff12\uff10\uff12\uff16"])
def test_what_is_no_code_is_no_period(code: str | None) -> None:
    assert periods.parse(code) is None


def test_periods_follow_each_other_without_gap() -> None:
    quarter = periods.containing(date(2026, 2, 28), "quarter")
    assert (quarter.start, quarter.end) == (date(2026, 1, 1), date(2026, 4, 1))
    assert quarter.before is not None
    assert quarter.before.code == "2025-Q4"
    assert periods.months_until(date(2026, 2, 28), 3) == (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))


def test_one_case_is_not_written_as_several() -> None:
    """The page of findings stated `1 cases that happened or came since`."""
    assert [formats.plural(number, "case") for number in (0, 1, 1204)] == ["0 cases", "1 case", "1,204 cases"]
    assert [formats.plural(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
    assert formats.plural(None, "person") == "– persons"  # noqa: RUF001


def test_a_number_in_the_cell_of_a_drawing_has_at_most_four_characters() -> None:
    numbers = (0, 842, 999, 1_000, 1_249, 18_400, 999_499, 999_999, 2_140_000)
    assert [formats.compact(number) for number in numbers] == ["0", "842", "999", "1.0k", "1.2k", "18k", "999k", "1.0M", "2.1M"]


def test_the_day_of_an_instant_is_that_of_the_zone() -> None:
    at = datetime(2026, 10, 1, 3, 59, tzinfo=UTC)
    assert (formats.local_day(at, "America/New_York"), formats.local_day(None, "UTC")) == ("30 Sep 2026", formats.NULL)
