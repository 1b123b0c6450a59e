"""Lengths of time as promisekept.yml writes them: ISO 8601, `P1D` or `PT12H`.

Here: the two types that hold one, and what is said of a text that is none. Not here: instants and zones.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_DURATION = re.compile(
    r"^P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?$"
)


def duration(value: object) -> timedelta:
    """A length of time from its text.

    Raises:
        ValueError: it is none, or one of months, which differ.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.match(str(value))
    if match is None or match["years"] or match["months"]:
        message = f"`{value}` is no duration in days or hours; use ISO 8601 such as P1D or PT12H"
        raise ValueError(message)
    parts = {unit: int(match[unit] or 0) for unit in ("weeks", "days", "hours", "minutes", "seconds")}
    return timedelta(**parts)


def _period(value: object) -> str:
    if _DURATION.match(str(value)) is None:
        message = f"`{value}` is no period; use ISO 8601 such as P6Y or P90D"
        raise ValueError(message)
    return str(value)


Interval = Annotated[timedelta, BeforeValidator(duration)]
Period = Annotated[str, BeforeValidator(_period)]
