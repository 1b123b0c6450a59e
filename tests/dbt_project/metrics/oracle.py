"""The figures of the requests log computed from rows of fct_requests in plain Python, one metric at a time.

Here: the definition of each metric in 04, read once more without SQL. Not here: units that rejected rows leave undetermined (the
tests of missing evidence hold those to a property instead of a formula).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Period = tuple[str, date | None]

TODAY = date(2026, 9, 15)
LAW_OF_PLACE = {"IE": "EU_GDPR", "US-CA": "US_CA_CCPA"}
"""Both set a period for every right that these requests are about."""
GROUNDS = {
    "identity_not_verified", "exempt", "manifestly_unfounded", "excessive", "no_data", "third_party_rights", "legal_obligation",
}  # fmt: skip
FELL_DUE = {"closed_on_time", "closed_late", "open_overdue"}
POSSIBLE = {"closed_on_time", "open_in_time", "paused"}


def is_closed(row: Row) -> bool:
    return row["closed_date"] is not None and row["status"] != "excluded"


def is_doubtful(row: Row) -> bool:
    answered_before_it_came = row["status"] == "closed_on_time" and row["closed_date"] < row["received_date"]
    written_down_as_it_suits = row["status"] == "closed_on_time" and row["answer_recorded_late"]
    return bool(row["closed_while_paused"] or row["left_overdue"] or answered_before_it_came or written_down_as_it_suits)


def left_the_clock(row: Row) -> bool:
    """No deadline measures its answer, and it is not the law of the person's own place that sets none."""
    if row["status"] == "paused":
        return bool((TODAY - row["paused_since"]).days > 60)
    if row["status"] == "no_deadline":
        elsewhere = row["regime_is_override"] and row["regime_code"] != LAW_OF_PLACE[row["jurisdiction"]]
        return bool(row["regime_code"] == "DECLARED" or elsewhere)
    return row["status"] in {"excluded", "no_rule"}


def cannot_be_assessed(row: Row) -> bool:
    """Only the source could have stated when its answer was due, and it did not."""
    return bool(row["regime_code"] == "DECLARED" and row["status"] == "no_deadline")


def missed_its_acknowledgement(row: Row) -> bool:
    """It left the population after the day by which its receipt should have been confirmed."""
    left = row["left_date"]
    return bool(row["ack_status"] in {"late", "open_overdue"} and left is not None and left > row["ack_due_date"])


def by_due(row: Row) -> date | None:
    return row["due_date"] or row["closed_date"]


@dataclass(frozen=True)
class Rate:
    """A numerator and a denominator; the doubtful is a miss in the worst case; what has no rule is one where a rule decides."""

    placed: Callable[[Row], date | None]
    counted: Callable[[Row], bool]
    hit: Callable[[Row], bool]
    speaks_of: Callable[[Row], bool] = lambda row: True
    believes: Callable[[Row], bool] = lambda row: False
    by_rule: bool = False
    good: bool = True

    def figures(self, rows: Iterable[Row]) -> tuple[int, int, Fraction | None, Fraction | None]:
        rows = [row for row in rows if self.speaks_of(row)]
        below = [row for row in rows if self.counted(row)]
        above = [row for row in below if self.hit(row)]
        ruled = [row for row in below if not (self.by_rule and row["status"] == "no_rule")]
        unjudged = [row for row in rows if self.by_rule and row["status"] == "no_rule"]
        doubtful = [row for row in rows if self.believes(row) and row not in unjudged]
        sure = [row for row in ruled if self.hit(row) and row not in doubtful]
        worst_below = len([row for row in ruled if row not in doubtful]) + len(doubtful) + len(unjudged)
        worst_above = len(sure) + (0 if self.good else len(unjudged))
        return len(above), len(below), _over(len(above), len(below)), _over(worst_above, worst_below)


def _over(above: int, below: int) -> Fraction | None:
    return Fraction(above, below) if below else None


def received(row: Row) -> date | None:
    return row["received_date"]


def closed(row: Row) -> date | None:
    return row["closed_date"]


RATES: dict[str, Rate] = {
    "deadline_adherence": Rate(
        by_due, lambda row: row["status"] in FELL_DUE, lambda row: row["status"] == "closed_on_time",
        lambda row: row["regime_code"] != "DECLARED", believes=is_doubtful, by_rule=True,
    ),
    "deadline_adherence_strict": Rate(
        by_due, lambda row: row["strict_status"] in FELL_DUE, lambda row: row["strict_status"] == "closed_on_time",
        lambda row: row["regime_code"] != "DECLARED", believes=is_doubtful, by_rule=True,
    ),
    "declared_adherence": Rate(
        by_due, lambda row: row["status"] in FELL_DUE, lambda row: row["status"] == "closed_on_time",
        lambda row: row["regime_code"] == "DECLARED", believes=lambda row: is_doubtful(row) or cannot_be_assessed(row),
    ),
    "max_achievable_adherence": Rate(
        received, lambda row: row["status"] in FELL_DUE | POSSIBLE, lambda row: row["status"] in POSSIBLE,
        believes=lambda row: is_doubtful(row) or cannot_be_assessed(row), by_rule=True,
    ),
    "acknowledgement_adherence": Rate(
        lambda row: row["ack_due_date"], lambda row: row["status"] != "excluded" and row["ack_status"] != "open_in_time",
        lambda row: row["ack_status"] == "on_time", lambda row: row["ack_status"] is not None,
        believes=missed_its_acknowledgement, by_rule=True,
    ),
    "ways_out_rate": Rate(received, lambda row: True, left_the_clock, good=False),
    "forwarding_rate": Rate(
        received, lambda row: row["forwarding_status"] != "open_in_time", lambda row: row["forwarding_status"] == "on_time",
        lambda row: row["forwarding_status"] is not None,
    ),
    "exclusion_rate": Rate(received, lambda row: True, lambda row: row["status"] == "excluded", good=False),
    "extension_rate": Rate(received, lambda row: True, lambda row: row["extension_status"] == "valid", by_rule=True, good=False),
    "denial_rate": Rate(closed, is_closed, lambda row: row["outcome"] == "denied", is_closed, good=False),
}  # fmt: skip
AT_RISK: dict[str, Callable[[Row], bool]] = {
    "denial_without_ground_count": lambda row: is_closed(row) and row["outcome"] == "denied",
}
COUNTS: dict[str, tuple[Callable[[Row], date | None], Callable[[Row], bool]]] = {
    "requests_received": (received, lambda row: True),
    "invalid_extension_count": (received, lambda row: row["extension_status"] in {"late", "not_permitted"}),
    "denial_without_ground_count": (
        closed,
        lambda row: is_closed(row) and row["outcome"] == "denied" and row["denial_reason"] not in GROUNDS,
    ),
    "closed_while_paused_count": (closed, lambda row: is_closed(row) and row["closed_while_paused"]),
    "overdue_open": (lambda row: None, lambda row: row["status"] == "open_overdue"),
}


def quantile(amounts: list[int], share: Fraction) -> Fraction | None:
    """Linear interpolation between the two nearest of the ordered amounts."""
    if not amounts:
        return None
    ordered = sorted(amounts)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def kaplan_meier_median(rows: Iterable[Row]) -> float | None:
    """The first day on which at most half are still open; open requests leave the count on the day of looking."""
    waits = [
        (row["days_to_close"], True) if is_closed(row) else (row["days_open"], False)
        for row in rows
        if row["status"] != "excluded"
    ]
    return kaplan_meier(waits, Fraction(1, 2))


def kaplan_meier(waits: list[tuple[float, bool]], share: Fraction) -> float | None:
    """The first length of a wait after which at least that share has ended.

    Args:
        waits: how long each lasted, or has lasted so far, and whether it ended.
        share: which percentile.
    """
    left = Fraction(1)
    for length in sorted({one for one, ended in waits if ended}):
        at_risk = sum(one >= length for one, _ in waits)
        left *= 1 - Fraction(sum(ended and one == length for one, ended in waits), at_risk)
        if left <= 1 - share:
            return length
    return None


def mean(amounts: list[int]) -> Fraction | None:
    return Fraction(sum(amounts), len(amounts)) if amounts else None


STATISTICS: dict[str, tuple[Callable[[Row], date | None], Callable[[list[Row]], Any]]] = {
    "median_days_to_close": (
        closed,
        lambda rows: quantile([row["days_to_close"] for row in rows if is_closed(row)], Fraction(1, 2)),
    ),
    "p90_days_to_close": (
        closed,
        lambda rows: quantile([row["days_to_close"] for row in rows if is_closed(row)], Fraction(9, 10)),
    ),
    "mean_days_to_close": (closed, lambda rows: mean([row["days_to_close"] for row in rows if is_closed(row)])),
    "km_median_days_open": (received, kaplan_meier_median),
}


def periods_of(day: date | None, today: date) -> list[Period]:
    """The month, quarter and year that hold a date, as far as they have begun, and to_date, which holds everything."""
    if day is None:
        return [("to_date", None)]
    starts = [
        ("month", day.replace(day=1)),
        ("quarter", day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)),
        ("year", day.replace(month=1, day=1)),
    ]
    return [("to_date", None), *((grain, start) for grain, start in starts if start <= today)]


def by_period(rows: Iterable[Row], placed: Callable[[Row], date | None], today: date) -> dict[Period, list[Row]]:
    """The rows of each period."""
    held: dict[Period, list[Row]] = {}
    for row in rows:
        for period in periods_of(placed(row), today):
            held.setdefault(period, []).append(row)
    return held
