"""Which figures a copy may print: all of them, or for the public those that no small group can be read from.

Here: the choice, made once per report, and the word that stands for what is withheld. Not here: which cells are small or
could be derived (evidence/suppression.py and evidence/public.py decide it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from promisekept.evidence.public import HiddenFigures, hidden_figures
from promisekept.evidence.report.queries import Inquiry

WITHHELD = "withheld"
FigureKey = tuple[str, str, date | None, str, str]
"""Metric, grain and start of the period, dimension and its value."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """`hidden` are the figures that may not be printed; a public copy contains no single cases either."""

    is_public: bool = False
    hidden: frozenset[FigureKey] = frozenset()

    def may(self, metric: str, grain: str, start: date | None, dimension: str, value: str) -> bool:
        """Whether a figure may be printed."""
        return (metric, grain, start, dimension, value) not in self.hidden


def suppression_of(ask: Inquiry, hidden: HiddenFigures | None = None) -> Suppression:
    """What the scope's audience may see; for the public the same figures as in the tables of its bundle.

    Args:
        ask: of which snapshot and for whom.
        hidden: the answer of `hidden_figures` for the snapshot; None = computed here.
    """
    if not ask.is_public:
        return Suppression()
    if hidden is None:
        hidden = hidden_figures(ask.reader.cursor(), int(ask.reader.manifest["configuration"]["thresholds.small_cell"]))
    return Suppression(
        is_public=True, hidden=frozenset((code, cell.grain, cell.start, cell.dimension, cell.value) for code, cell in hidden)
    )
