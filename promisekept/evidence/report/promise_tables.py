"""The tables of a promise: its measures, what was excluded or paused, what explains most, the rules applied, the findings.

Here: each table from its mart. Not here: what stands around them (promise_pages.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from promisekept.evidence.report import verdicts
from promisekept.evidence.report.measure_text import figure_of, fraction_of, name_of, target_of
from promisekept.evidence.report.model import Block, ReportColumn, Row, Table, Text
from promisekept.evidence.report.promises import SHOWN, Measure, Promise, breakdown, figures, rules_applied
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.evidence.report.suppression import WITHHELD, Suppression
from promisekept.presentation import formats, labels, paper

_EXPLAINS = ("regime_code", "recipient_id", "system", "data_category", "purpose_code", "incident_type", "right_type")
"""Dimensions by which a figure is taken apart, that which explains most first."""

_LONGEST = 12
_WAYS = {
    "exclusion_rate": ("Excluded", "received"),
    "ways_out_rate": ("Excluded, paused for long or without a deadline", "received"),
    "closed_while_paused_count": ("Closed while paused", "closed"),
    "denial_rate": ("Denied", "closed"),
    "denial_without_ground_count": ("Denied without a ground that the contract knows", "denied"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What every promise's pages need besides the promise itself."""

    ask: Inquiry
    suppression: Suppression
    gates: dict[str, Answer]
    matches: dict[str, Answer]


def measures_table(sources: Sources, promise: Promise) -> list[Block]:
    """Every measure of the promise with its three readings; for the public without the readings, which reveal few cases."""
    whole = not sources.suppression.is_public
    rows = []
    for measure in promise.measures:
        row = measure.row
        readings = (
            paper.measured(row["value_strict"], row["unit"], row["target"]),
            paper.measured(row["value_worst"], row["unit"], row["target"]),
        )
        rows.append(
            Row(
                (
                    name_of(measure),
                    target_of(measure),
                    figure_of(sources.suppression, measure),
                    *(readings if whole else ()),
                    fraction_of(sources.suppression, measure),
                    verdicts.VERDICTS[row["status"]],
                )
            )
        )
    extra = (ReportColumn(labels.STRICT, 11, "right"), ReportColumn(labels.WORST, 9, "right")) if whole else ()
    columns = (
        ReportColumn("Measure", 25 if whole else 37),
        ReportColumn("Target", 9, "right"),
        ReportColumn("Figure", 10, "right"),
        *extra,
        ReportColumn("Numerator / denominator", 14 if whole else 20, "right"),
        ReportColumn("Verdict", 22 if whole else 24),
    )
    note = f"{labels.WORST}: missing evidence counted as missed." if whole else ""
    return [Table("The measures of this promise", "fct_control_results", columns, tuple(rows), note)]


def ways_table(sources: Sources, measure: Measure) -> list[Block]:
    """What was excluded or paused beside an adherence: a figure that is good because requests left is not good."""
    row = measure.row
    if row["metric_code"] != "deadline_adherence":
        return []
    found = figures(sources.ask, list(_WAYS), row["dimension"], row["dimension_value"])
    rows = []
    for code in _WAYS:
        measure_row = found.get(code)
        if measure_row is None:
            continue
        if not sources.suppression.may(code, row["period_grain"], row["period_start"], row["dimension"], row["dimension_value"]):
            rows.append(Row((_WAYS[code][0], WITHHELD, formats.NULL, formats.NULL)))
            continue
        of = (
            measure_row["denominator"]
            if measure_row["denominator"] is not None or sources.suppression.is_public
            else measure_row["units"]
        )
        share = paper.percent(measure_row["numerator"] / of) if of else formats.NULL
        rows.append(
            Row(
                (
                    _WAYS[code][0],
                    formats.count(measure_row["numerator"]),
                    f"{formats.count(of)} {_WAYS[code][1]}" if of is not None else formats.NULL,
                    share,
                )
            )
        )
    columns = (
        ReportColumn("Excluded, paused or without a deadline", 46),
        ReportColumn("Cases", 14, "right"),
        ReportColumn("Of", 24, "right"),
        ReportColumn("Share, %", 16, "right"),
    )
    return [Table("Excluded or paused", "fct_metrics", columns, tuple(rows))] if rows else []


def breakdown_table(sources: Sources, measure: Measure) -> list[Block]:
    """A figure over everything, taken apart by the dimension that explains most."""
    row = measure.row
    dimension = next((one for one in _EXPLAINS if one in (row["dimensions"] or [])), None)
    if row["dimension"] != "all" or dimension is None or (sources.suppression.is_public and not measure.is_rate):
        return []
    found = [
        one
        for one in breakdown(sources.ask, measure, dimension)
        if sources.suppression.may(
            row["metric_code"], row["period_grain"], row["period_start"], dimension, one["dimension_value"]
        )
    ]
    if len(found) < 2:
        return []
    rows = []
    for one in found[:_LONGEST]:
        name = labels.dimension_value(dimension, one["dimension_value"])
        if measure.is_rate:
            rows.append(
                Row(
                    (
                        name,
                        formats.count(one["numerator"]),
                        formats.count(one["denominator"]),
                        paper.percent(one["value"], row["target"]),
                    )
                )
            )
        else:
            rows.append(Row((name, paper.measured(one["value"], row["unit"]), formats.count(one["units"]))))
    head = labels.DIMENSIONS[dimension]
    columns = (
        (
            ReportColumn(head, 49),
            ReportColumn("Numerator", 17, "right"),
            ReportColumn("Denominator", 17, "right"),
            ReportColumn("Figure, %", 17, "right"),
        )
        if measure.is_rate
        else (
            ReportColumn(head, 58),
            ReportColumn(labels.sentence(row["unit"]), 21, "right"),
            ReportColumn("Looked at", 21, "right"),
        )
    )
    shown = (
        ""
        if len(found) <= _LONGEST
        else (f"The {_LONGEST} with most cases of {len(found)} are shown; all are in data/tables/fct_metrics.csv.")
    )
    return [Table(f"By {head.lower()}", f"fct_metrics, {row['metric_code']}", columns, tuple(rows), shown)]


def rules_table(sources: Sources, promise: Promise) -> list[Block]:
    """The rules of law by which the promise's requests fell due; not for the public, as some were applied to few."""
    of_requests = [one for one in promise.measures if one.row["metric_code"] == "deadline_adherence"]
    if not of_requests or sources.suppression.is_public or of_requests[0].row["dimension"] == "channel":
        return []
    row = of_requests[0].row
    right = row["dimension_value"] if row["dimension"] == "right_type" else None
    found = rules_applied(sources.ask, right)
    rows = tuple(
        Row((one["rule_id"], one["citation"] or formats.NULL, one["confidence"] or formats.NULL, formats.count(one["n"])))
        for one in found[:_LONGEST]
    )
    note = (
        ""
        if len(found) <= _LONGEST
        else (
            f"The {_LONGEST} applied most often of {len(found)} are shown; every request names its rule in "
            "data/tables/fct_requests.csv."
        )
    )
    columns = (
        ReportColumn("Rule", 38, mono=True),
        ReportColumn("Where it is written", 36),
        ReportColumn("Confidence", 12),
        ReportColumn("Requests", 14, "right"),
    )
    return [Table("Rules applied", "fct_requests, due or closed in the period", columns, rows, note)] if rows else []


def findings_table(sources: Sources, promise: Promise) -> list[Block]:
    """The findings of the period, gravest first; they name single cases, so never for the public."""
    if sources.suppression.is_public:
        return []
    if not promise.findings:
        return [Text("Findings", "label"), Text("Nothing was found against this promise in the period.")]
    shown = promise.findings[:SHOWN]
    rows = tuple(
        Row(
            (
                labels.sentence(one["severity"]),
                labels.sentence(one["word"]),
                paper.detail(sources.ask.names.in_detail(one["detail"])),
                paper.short_day(one["occurred_at"].date() if one["occurred_at"] else None),
                sources.ask.names.of(one["finding_key"])[:10],
            )
        )
        for one in shown
    )
    number = len(promise.findings)
    all_shown = f"All {formats.count(number)} are shown" if number > 1 else "The only one is shown"
    note = (
        all_shown
        if number <= SHOWN
        else f"{SHOWN} of {formats.count(number)} are shown, gravest first; all are in data/tables/fct_findings.csv"
    ) + ". Findings of the period, by the day of their cause. A key is the beginning of a finding_key."
    columns = (
        ReportColumn("Severity", 9),
        ReportColumn("What is wrong", 30),
        ReportColumn("Details", 33),
        ReportColumn("Cause, UTC", 13, "right"),
        ReportColumn("Key", 15, mono=True),
    )
    return [Table("Findings", "fct_findings", columns, rows, note)]
