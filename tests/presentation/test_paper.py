"""How numbers, days and instants are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from promisekept.presentation import formats, paper


@pytest.mark.parametrize(
    ("value", "target", "printed"),
    [
        (0.97965, 0.98, "97.97%"),
        (0.979999, 0.98, "97.9999%"),
        (0.99998, 1.0, "99.998%"),
        (0.98, 0.98, "98%"),
        (0.98000001, 0.98, "98.000001%"),
        (0.0000004, 0.0, "0.00004%"),
        (1.0, 1.0, "100%"),
        (0.0, None, "0%"),
        (None, 0.98, "–"),  # noqa: RUF001
    ],
)
def test_no_rate_is_rounded_across_its_target_to_nothing_or_to_all(value, target, printed):
    assert paper.rate(value, target) == printed


def test_counts_have_commas_and_a_true_minus():
    assert [formats.count(value) for value in (1204, -77, 17.5, None)] == ["1,204", "−77", "17.5", "–"]  # noqa: RUF001


def test_targets_say_their_direction_and_their_unit():
    assert paper.target(">=", 0.98, "share") == "≥\u00a098%"
    assert paper.target("<=", 0.005, "share") == "≤\u00a00.5%"
    assert paper.target("=", 0, "acts") == "0"


def test_days_are_written_out_and_do_not_follow_the_locale():
    assert paper.day(date(2026, 9, 30)) == "30\u00a0September 2026"
    assert paper.date_range(date(2026, 7, 1), date(2026, 9, 30)) == "1\u00a0July to 30\u00a0September 2026"
    assert paper.date_range(date(2025, 12, 1), date(2026, 1, 31)) == "1\u00a0December 2025 to 31\u00a0January 2026"


def test_an_instant_is_shown_on_the_wall_clock_and_in_utc():
    instant = datetime(2026, 10, 1, 3, 59, tzinfo=UTC)
    assert paper.instant(instant, "America/New_York") == "30\u00a0September 2026, 23:59 New York (2026-10-01T03:59:00Z)"


def test_details_of_a_finding_are_words_and_whatever_else_is_left_as_it_is():
    assert (
        paper.detail('{"due_date":"2026-09-09","days_overdue":21,"regime_code":null}') == "due date 2026-09-09, days overdue 21"
    )
    assert paper.detail("no json") == "no json"
