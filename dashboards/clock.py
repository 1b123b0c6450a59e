"""The one place of the dashboard that looks at a clock: how old is what the reader sees?

Nothing that is counted depends on it. Tests replace `now`.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
