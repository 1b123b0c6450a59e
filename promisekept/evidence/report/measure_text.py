"""How a measure is printed: its name, its figure, its denominator, its target, each in one way.

Here: text from a measure, with what may not be printed withheld. Not here: where the text goes.
"""

from __future__ import annotations

from promisekept.evidence.report.promises import Measure, Promise
from promisekept.evidence.report.suppression import WITHHELD, Suppression
from promisekept.presentation import formats, labels, paper


def figure_of(suppression: Suppression, measure: Measure) -> str:
    """The figure of a measure as it is printed: beside its target, or withheld."""
    row = measure.row
    if row["value"] is not None and not may(suppression, measure):
        return WITHHELD
    return paper.measured(row["value"], row["unit"], row["target"])


def fraction_of(suppression: Suppression, measure: Measure) -> str:
    """A figure's denominator: `1,204 / 1,229`, for a count `of 1,099 acts at risk`."""
    row = measure.row
    if row["value"] is None or not may(suppression, measure):
        return formats.NULL
    if row["denominator"] is not None:
        return f"{formats.count(row['numerator'])} / {formats.count(row['denominator'])}"
    return formats.at_risk(row["units"], row["unit"], row["operator"]) if not suppression.is_public else formats.NULL


def target_of(measure: Measure) -> str:
    """The target of a measure."""
    return paper.target(measure.row["operator"], measure.row["target"], measure.row["unit"])


def may(suppression: Suppression, measure: Measure) -> bool:
    """Whether a measure's figure may be printed."""
    row = measure.row
    return suppression.may(row["metric_code"], row["period_grain"], row["period_start"], row["dimension"], row["dimension_value"])


def name_of(measure: Measure) -> str:
    """What a measure is called, with what it is narrowed to."""
    row = measure.row
    name = row["name"] or labels.sentence(row["metric_code"])
    return name if row["dimension"] == "all" else f"{name}: {labels.dimension_value(row['dimension'], row['dimension_value'])}"


def reason_of(promise: Promise, suppression: Suppression) -> str:
    """Why a verdict is what it is, where the word alone does not show it; not for the public, as it counts cases."""
    return promise.reason or "" if not suppression.is_public else ""
