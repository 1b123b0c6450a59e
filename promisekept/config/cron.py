"""Cron lines as promisekept.yml writes them: five fields, as Dagster's scheduler reads them.

Here: the type that holds one, and the error for a text that is none, so that `check` reports it before the scheduler does. Not
here: when it ticks, which is the scheduler's business.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "day of the week": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_ALSO = {"day of the month": ("?", "L"), "day of the week": ("?",)}
_WORDS = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_PART = re.compile(r"^(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?$")


def _line(text: str) -> str:
    if text in _WORDS:
        return text
    fields = text.split()
    if len(fields) != len(_FIELDS):
        needed = ", ".join(name for name, _, _ in _FIELDS)
        message = f"`{text}` is no cron line: it has {len(fields)} fields, and needs {needed}, such as `0 6 * * *`"
        raise ValueError(message)
    for field, (name, least, most) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            _check(text, part, name, least, most)
    return text


def _check(text: str, part: str, name: str, least: int, most: int) -> None:
    if part in _ALSO.get(name, ()):
        return
    match = _PART.match(part)
    numbers = [] if match is None else [_number(value, name, least) for value in (match["low"], match["high"]) if value]
    fits = match is not None and all(number is not None and least <= number <= most for number in numbers)
    if not fits or (match is not None and match["step"] is not None and int(match["step"]) < 1):
        message = f"`{text}` is no cron line: `{part}` is no {name}; use *, or {least} to {most}, such as `0 6 * * *`"
        raise ValueError(message)


def _number(value: str, name: str, least: int) -> int | None:
    """A number, or a name of a month or a weekday; null where it is neither."""
    if value.isdecimal():
        return int(value)
    names = _NAMES.get(name, ())
    return names.index(value.lower()) + least if value.lower() in names else None


Cron = Annotated[str, AfterValidator(_line)]
