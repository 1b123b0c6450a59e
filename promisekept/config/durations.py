"""Lengths of time in ISO 8601, `P1D`, `PT12H` or `P6Y`, as isodate reads them.

Here: the two types that hold one in promisekept.yml, and the error for a text that is none. Not here: instants and zones.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from isodate import Duration, parse_duration
from pydantic import BeforeValidator

_PARTS = re.compile(r"P[0-9YMWDTHS]*[YMWDHS]")  # isodate reads signs, fractions and calendar dates, too


def read_duration(text: str) -> Duration:
    """Years and months beside a timedelta: subtracted from an instant it clamps to the month's last day.

    Raises:
        ValueError: the text is no duration of whole units.
    """
    if not _PARTS.fullmatch(text):
        raise ValueError(text)
    try:
        return parse_duration(text, as_timedelta_if_possible=False)
    except OverflowError as error:
        raise ValueError(text) from error


def duration(value: object) -> timedelta:
    """A length of time from its text.

    Raises:
        ValueError: it is none, or one of months, which differ.
    """
    if isinstance(value, timedelta):
        return value
    try:
        found = read_duration(str(value))
    except ValueError:
        found = None
    if found is None or found.years or found.months:
        message = f"`{value}` is no duration in days or hours; use ISO 8601 such as P1D or PT12H"
        raise ValueError(message)
    length: timedelta = found.tdelta
    return length


def _period(value: object) -> str:
    try:
        read_duration(str(value))
    except ValueError:
        message = f"`{value}` is no period; use ISO 8601 such as P6Y or P90D"
        raise ValueError(message) from None
    return str(value)


Interval = Annotated[timedelta, BeforeValidator(duration)]
IsoPeriod = Annotated[str, BeforeValidator(_period)]
