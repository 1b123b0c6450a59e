"""Questions to a published snapshot about one scope: rows of its marts, with values bound.

Here: the period's bounds as instants, and the one way in which every part of the report asks. Not here: any question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from promisekept.errors import EvidenceError
from promisekept.evidence.rekeying import Names
from promisekept.evidence.scope import Scope
from promisekept.publishing.reader import SnapshotReader, rows

Answer = dict[str, Any]
_NAMES = re.compile(r"\$(\w+)")
_LETTER = ("US", "CA", "MX", "PH")
"""Countries whose paper is Letter."""
GRAVEST = "list_position(['high', 'medium', 'low'], severity)"
"""SQL: the order of severities."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A snapshot, the scope of the questions, and the names of single cases in the answers."""

    reader: SnapshotReader
    scope: Scope
    names: Names

    def rows(self, question: str, **given: object) -> list[Answer]:
        """The answer's rows. `$grain $start $last $end $begins $ends $regime` are the scope's; `given` adds to them.

        `$last` is the period's last day, `$end` the first day after it; `$begins` and `$ends` are their local midnights.
        """
        bound = self._bound() | given
        return rows(self.reader.cursor(), question, {name: bound[name] for name in set(_NAMES.findall(question))})

    def row(self, question: str, **given: object) -> Answer:
        """The only row of an answer."""
        (row,) = self.rows(question, **given)
        return row

    @property
    def zone(self) -> str:
        """The organisation's zone."""
        return str(self.reader.manifest["time_zone"])

    @property
    def paper(self) -> str:
        """The organisation's paper, as typst names it."""
        return "us-letter" if self.reader.manifest["configuration"].get("organisation.country") in _LETTER else "a4"

    @property
    def as_of(self) -> datetime:
        """Up to when events count."""
        return instant_of(self.reader.manifest["as_of"])

    @property
    def known_at(self) -> datetime:
        """Up to when landed rows count."""
        return instant_of(self.reader.manifest["known_at"])

    @property
    def today(self) -> date:
        """The local date of as_of."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    @property
    def last(self) -> date:
        """The period's last day."""
        return self.scope.period.end - timedelta(days=1)

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it: then no single case is named."""
        return self.scope.audience == "public"

    @property
    def is_running(self) -> bool:
        """Whether the period ends after as_of."""
        return self.as_of < self._midnight(self.scope.period.end) - timedelta(minutes=1)

    @property
    def counted_at(self) -> datetime:
        """When ages are counted: the end of the period, or as_of where that comes first."""
        return min(self.as_of, self._midnight(self.scope.period.end))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def _bound(self) -> dict[str, object]:
        period = self.scope.period
        return {
            "grain": period.grain,
            "start": period.start,
            "last": self.last,
            "end": period.end,
            "begins": self._midnight(period.start),
            "ends": self._midnight(period.end),
            "regime": self.scope.regime,
        }


def instant_of(text: str) -> datetime:
    """An instant as manifests write it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def check(inquiry: Inquiry) -> None:
    """Check that the snapshot covers the scope.

    Raises:
        EvidenceError: it has no verdicts for that period, or no request under that regime.
    """
    period = inquiry.scope.period
    there = inquiry.rows(
        "select distinct period_start from marts.fct_control_status where period_grain = $grain order by period_start"
    )
    starts = [row["period_start"] for row in there]
    if period.start not in starts:
        begins = f"{starts[0]} to {starts[-1]}" if starts else "none"
        raise EvidenceError(
            f"{inquiry.reader.id}: it has no verdicts for {period.code}.\n"
            f"  Its {period.grain}s begin on these days: {begins}. Choose another period, or another snapshot."
        )
    if inquiry.scope.regime and not inquiry.rows("select 1 from marts.fct_requests where regime_code = $regime limit 1"):
        codes = inquiry.rows("select distinct regime_code as code from marts.fct_requests where code is not null order by 1")
        raise EvidenceError(
            f"{inquiry.reader.id}: no request falls under {inquiry.scope.regime}.\n"
            f"  There are: {', '.join(row['code'] for row in codes)}"
        )
