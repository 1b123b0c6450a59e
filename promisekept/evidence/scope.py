"""Of what a bundle is: which snapshot, which period, for whom, under which law.

Here: the four and their codes. Not here: what an audience may have (audiences.py) or where a bundle lies (export.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from promisekept.config.exports import AUDIENCES, REGIME, Audience
from promisekept.errors import EvidenceError
from promisekept.presentation.periods import parse

_LONGEST = 200
WITH_IDS = "ids"
"""The end of the name of a bundle that keeps the ids of cases."""


@dataclass(frozen=True, slots=True, order=True)
class ScopePeriod:
    """A month, quarter or year of local dates; `start` is its first day, `end` the first day after it."""

    start: date
    end: date

    @property
    def months(self) -> int:
        """How many months it has: 1, 3 or 12."""
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month

    @property
    def grain(self) -> str:
        """As in `fct_metrics.period_grain`: `month`, `quarter` or `year`."""
        return {1: "month", 3: "quarter", 12: "year"}[self.months]

    @property
    def code(self) -> str:
        """`2026-09`, `2026-Q3` or `2026`."""
        return {
            "month": f"{self.start:%Y-%m}",
            "quarter": f"{self.start:%Y}-Q{(self.start.month + 2) // 3}",
            "year": f"{self.start:%Y}",
        }[self.grain]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle covers; everything in it is a function of this, of the snapshot's content and of the keys.

    Attributes:
        snapshot: a published snapshot's id.
        period: whose rows and figures it holds.
        audience: for whom it is.
        regime: a `regime_code` to which requests are narrowed; None = all of them.
        ids_kept_for: who may have the ids of cases as in the sources, and for what; None = each bundle has its own.
    """

    snapshot: str
    period: ScopePeriod
    audience: Audience
    regime: str | None = None
    ids_kept_for: str | None = None

    @property
    def keeps_ids(self) -> bool:
        """Whether events, requests, records and incidents are called as their sources call them."""
        return self.ids_kept_for is not None

    @property
    def filter(self) -> str:
        """The narrowing in words that a file and a log line may carry: `regime_code=US_CA_CCPA` or nothing."""
        return f"regime_code={self.regime}" if self.regime else ""

    @property
    def name(self) -> str:
        """The bundle's own name, also of its folder: `0007-3f9a1c.2026-Q3.auditor.US_CA_CCPA`, `.ids` where those were kept."""
        suffix = WITH_IDS if self.keeps_ids else None
        return ".".join(part for part in (self.snapshot, self.period.code, self.audience, self.regime, suffix) if part)


def read_period(code: str) -> ScopePeriod:
    """The period of a code.

    Raises:
        EvidenceError: it is none.
    """
    found = parse(code)
    if found is None or found.start is None or found.end is None:
        raise EvidenceError(
            f"--period: `{code}` is no period.\n  Use a quarter (2026-Q3), a month (2026-09) or a year (2026) of local dates."
        )
    return ScopePeriod(found.start, found.end)


def read_audience(text: str) -> Audience:
    """The audience of a word.

    Raises:
        EvidenceError: it is none.
    """
    for audience in AUDIENCES:
        if text == audience:
            return audience
    raise EvidenceError(f"--audience: `{text}` is none.\n  Bundles are made for: {', '.join(AUDIENCES)}.")


def read_reason(text: str, audience: Audience) -> str:
    """Who gets the ids of cases and for what.

    Raises:
        EvidenceError: it is empty, or the audience gets no cases.
    """
    if audience == "public":
        raise EvidenceError("--keep-ids: a public bundle holds no cases.\n  Leave it out, or name another audience.")
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise EvidenceError(
            f"--keep-ids: {text[:40]!r} does not name who gets the ids of cases, and for what.\n"
            f"State it in one line of up to {_LONGEST} characters: it stands in the bundle."
        )
    return text.strip()


def read_regime(text: str) -> str:
    """The code of a regime; whether the snapshot has it is checked by the export.

    Raises:
        EvidenceError: it has not the form of a code.
    """
    if not re.match(REGIME, text):
        raise EvidenceError(f"--regime: `{text}` is no code of a regime.\n  They are written like US_CA_CCPA or EU_GDPR.")
    return text
