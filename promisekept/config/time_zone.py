"""The type of a time zone in promisekept.yml: a name of the IANA database."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator


def _zone(value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`{value}` is no time zone; use a name of the IANA database such as Europe/Dublin"
        raise ValueError(message) from None
    return str(value)


Zone = Annotated[str, BeforeValidator(_zone)]
