"""How a measure is printed: its name, its figure, what it is out of, its target, each in one way.

Here: text from a measure, with what may not be printed withheld. Not here: where the text goes.
"""

from __future__ import annotations

from promisekept import numerals
from promisekept.evidence.report import notation, words
from promisekept.evidence.report.promises import Measure, Promise
from promisekept.evidence.report.showing import WITHHELD, Showing


def figure_of(showing: Showing, measure: Measure) -> str:
    """The figure of a measure as it is printed: beside its target, or withheld."""
    row = measure.row
    if row["value"] is not None and not may(showing, measure):
        return WITHHELD
    return notation.measured(row["value"], row["unit"], row["target"])


def fraction_of(showing: Showing, measure: Measure) -> str:
    """What a figure is out of: `1,204 / 1,229`, for a count `of 1,099 acts at risk`."""
    row = measure.row
    if row["value"] is None or not may(showing, measure):
        return notation.NULL
    if row["denominator"] is not None:
        return f"{notation.count(row['numerator'])} / {notation.count(row['denominator'])}"
    return numerals.at_risk(row["units"], row["unit"], row["operator"]) if not showing.is_public else notation.NULL


def target_of(measure: Measure) -> str:
    """The target of a measure."""
    return notation.target(measure.row["operator"], measure.row["target"], measure.row["unit"])


def may(showing: Showing, measure: Measure) -> bool:
    """Whether a measure's figure may be printed."""
    row = measure.row
    return showing.may(row["metric_code"], row["period_grain"], row["period_start"], row["dimension"], row["dimension_value"])


def name_of(measure: Measure) -> str:
    """What a measure is called, with what it is narrowed to."""
    row = measure.row
    name = row["name"] or words.sentence(row["metric_code"])
    return name if row["dimension"] == "all" else f"{name}: {words.value(row['dimension'], row['dimension_value']).lower()}"


def reason_of(promise: Promise, showing: Showing) -> str:
    """Why a verdict is what it is, where the word alone does not say it; not for the public, as it counts cases."""
    return promise.reason or "" if not showing.is_public else ""
