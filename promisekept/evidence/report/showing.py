"""Which figures a copy may print: all of them, or for the public those that no small group can be read from.

Here: the choice, made once per report, and the word that stands for what is withheld. Not here: which cells are small or
could be worked out (evidence/suppression.py and evidence/public.py say it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from promisekept.evidence.public import make_hidden_figures
from promisekept.evidence.report.asking import Inquiry

WITHHELD = "withheld"
Figure = tuple[str, str, date | None, str, str]
"""Metric, grain and start of the period, dimension and its value."""


@dataclass(frozen=True, slots=True)
class Showing:
    """`shown` is None where everything may be printed; else the figures that may be."""

    shown: frozenset[Figure] | None

    def may(self, metric: str, grain: str, start: date | None, dimension: str, value: str) -> bool:
        """Whether a figure may be printed."""
        return self.shown is None or (metric, grain, start, dimension, value) in self.shown


def showing_of(ask: Inquiry) -> Showing:
    """What the scope's audience may see; for the public the same figures as in the tables of its bundle."""
    if not ask.is_public:
        return Showing(None)
    cursor = ask.reader.cursor()
    make_hidden_figures(cursor, int(ask.reader.manifest["configuration"]["thresholds.small_cell"]))
    shown = cursor.execute(
        """
        select metric_code, period_grain, period_start, dimension, dimension_value
        from marts.fct_metrics m
        where not exists (
            select 1 from hidden_figures h
            where h.metric_code = m.metric_code and h.period_grain = m.period_grain
                and h.period_start is not distinct from m.period_start
                and h.dimension = m.dimension and h.dimension_value = m.dimension_value
        )
        """
    ).fetchall()
    return Showing(frozenset(shown))
