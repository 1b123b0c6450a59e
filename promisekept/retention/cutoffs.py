"""How old is too old: an ISO 8601 period before an instant.

Here: the arithmetic of `retention:`. Not here: what falls out (snapshots.py, landed_rows.py,
rejects.py).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_PERIOD = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?$")


def before(at: datetime, period: str) -> datetime:
    """The instant one ISO 8601 period (years, months, weeks, days) before another, clamped to the month's last day."""
    match = _PERIOD.match(period)
    years, months, weeks, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    month = at.year * 12 + at.month - 1 - (years * 12 + months)
    first = at.replace(year=month // 12, month=month % 12 + 1, day=1)
    last = ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(at.day, last)) - timedelta(weeks=weeks, days=days)
