"""Which figures a copy may print: all of them, or for the public those that no small group can be read from.

Here: the choice, made once per report, and the word that stands for what is withheld. Not here: which cells are small or
could be worked out (evidence/suppression.py and evidence/public.py say it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
