"""The tables of a promise: its measures, what was excluded or paused, what explains most, the rules applied, the findings.

Here: each table from its mart. Not here: what stands around them (promise_pages.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from promisekept.evidence.report import notation, words
from promisekept.evidence.report.asking import Answer, Inquiry
from promisekept.evidence.report.model import Block, Column, Row, Table, Text
from promisekept.evidence.report.printing import figure_of, fraction_of, name_of, target_of
from promisekept.evidence.report.promises import SHOWN, Measure, Promise, breakdown, figures, rules_applied
from promisekept.evidence.report.showing import WITHHELD, Showing

_EXPLAINS = ("regime_code", "recipient_id", "system", "data_category", "purpose_code", "incident_type", "right_type")
"""Dimensions by which a figure is taken apart, that which explains most first."""

_LONGEST = 12
_WAYS = {
    "exclusion_rate": ("Excluded", "received"),
    "ways_out_rate": ("Excluded, paused for long or without a deadline", "received"),
    "closed_while_paused_count": ("Closed while the clock stood still", "closed"),
    "denial_rate": ("Denied", "closed"),
    "denial_without_ground_count": ("Denied without a ground that the contract knows", "denied"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What every promise's pages need besides the promise itself."""

    ask: Inquiry
    showing: Showing
    gates: dict[str, Answer]
    matches: dict[str, Answer]


def measures_table(sources: Sources, promise: Promise) -> list[Block]:
    """Every measure of the promise with its three readings; for the public without the readings, which tell of few cases."""
    whole = not sources.showing.is_public
    rows = []
    for measure in promise.measures:
        row = measure.row
        readings = (
            notation.measured(row["value_strict"], row["unit"], row["target"]),
            notation.measured(row["value_worst"], row["unit"], row["target"]),
        )
        rows.append(
            Row(
                (
                    name_of(measure),
                    target_of(measure),
                    figure_of(sources.showing, measure),
                    *(readings if whole else ()),
                    fraction_of(sources.showing, measure),
                    words.VERDICTS[row["status"]],
                )
            )
        )
    extra = (Column("Strict", 9, "right"), Column("Worst", 9, "right")) if whole else ()
    columns = (
        Column("Measure", 27 if whole else 37),
        Column("Target", 9, "right"),
        Column("Figure", 10, "right"),
        *extra,
        Column("Numerator / denominator", 14 if whole else 20, "right"),
        Column("Verdict", 22 if whole else 24),
    )
    note = (
        "Strict: by the stricter reading of each rule. Worst: each case that can't be judged counted as missed." if whole else ""
    )
    return [Table("The measures of this promise", "fct_control_results", columns, tuple(rows), note)]


def ways_table(sources: Sources, measure: Measure) -> list[Block]:
    """What was excluded or paused beside an adherence: a figure that is good because requests left is not good."""
    row = measure.row
    if row["metric_code"] != "deadline_adherence":
        return []
    found = figures(sources.ask, list(_WAYS), row["dimension"], row["dimension_value"])
    rows = []
    for code in _WAYS:
        told = found.get(code)
        if told is None:
            continue
        if not sources.showing.may(code, row["period_grain"], row["period_start"], row["dimension"], row["dimension_value"]):
            rows.append(Row((_WAYS[code][0], WITHHELD, notation.NULL, notation.NULL)))
            continue
        of = told["denominator"] if told["denominator"] is not None or sources.showing.is_public else told["units"]
        share = notation.percent(told["numerator"] / of) if of else notation.NULL
        rows.append(
            Row(
                (
                    _WAYS[code][0],
                    notation.count(told["numerator"]),
                    f"{notation.count(of)} {_WAYS[code][1]}" if of is not None else notation.NULL,
                    share,
                )
            )
        )
    columns = (
        Column("Excluded, paused or without a deadline", 46),
        Column("Cases", 14, "right"),
        Column("Of", 24, "right"),
        Column("Share, %", 16, "right"),
    )
    return [Table("Excluded or paused", "fct_metrics", columns, tuple(rows))] if rows else []


def breakdown_table(sources: Sources, measure: Measure) -> list[Block]:
    """A figure over everything, taken apart by the dimension that explains most."""
    row = measure.row
    dimension = next((one for one in _EXPLAINS if one in (row["dimensions"] or [])), None)
    if row["dimension"] != "all" or dimension is None or (sources.showing.is_public and not measure.is_rate):
        return []
    found = [
        one
        for one in breakdown(sources.ask, measure, dimension)
        if sources.showing.may(row["metric_code"], row["period_grain"], row["period_start"], dimension, one["dimension_value"])
    ]
    if len(found) < 2:
        return []
    rows = []
    for one in found[:_LONGEST]:
        name = words.value(dimension, one["dimension_value"])
        if measure.is_rate:
            rows.append(
                Row(
                    (
                        name,
                        notation.count(one["numerator"]),
                        notation.count(one["denominator"]),
                        notation.percent(one["value"], row["target"]),
                    )
                )
            )
        else:
            rows.append(Row((name, notation.measured(one["value"], row["unit"]), notation.count(one["units"]))))
    head = words.DIMENSIONS[dimension]
    columns = (
        (Column(head, 49), Column("Numerator", 17, "right"), Column("Denominator", 17, "right"), Column("Figure, %", 17, "right"))
        if measure.is_rate
        else (Column(head, 58), Column(words.sentence(row["unit"]), 21, "right"), Column("Looked at", 21, "right"))
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
    if not of_requests or sources.showing.is_public or of_requests[0].row["dimension"] == "channel":
        return []
    row = of_requests[0].row
    right = row["dimension_value"] if row["dimension"] == "right_type" else None
    found = rules_applied(sources.ask, right)
    rows = tuple(
        Row((one["rule_id"], one["citation"] or notation.NULL, one["confidence"] or notation.NULL, notation.count(one["n"])))
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
        Column("Rule", 38, mono=True),
        Column("Where it is written", 36),
        Column("Confidence", 12),
        Column("Requests", 14, "right"),
    )
    return [Table("Rules applied", "fct_requests, due or closed in the period", columns, rows, note)] if rows else []


def findings_table(sources: Sources, promise: Promise) -> list[Block]:
    """The findings of the period, gravest first; they name single cases, so never for the public."""
    if sources.showing.is_public:
        return []
    if not promise.findings:
        return [Text("Findings", "label"), Text("Nothing was found against this promise in the period.")]
    shown = promise.findings[:SHOWN]
    rows = tuple(
        Row(
            (
                words.sentence(one["severity"]),
                words.sentence(one["word"]),
                notation.detail(sources.ask.names.in_detail(one["detail"])),
                notation.short_day(one["occurred_at"].date() if one["occurred_at"] else None),
                sources.ask.names.of(one["finding_key"])[:10],
            )
        )
        for one in shown
    )
    number = len(promise.findings)
    all_shown = f"All {notation.count(number)} are shown" if number > 1 else "The only one is shown"
    note = (
        all_shown
        if number <= SHOWN
        else f"{SHOWN} of {notation.count(number)} are shown, gravest first; all are in data/tables/fct_findings.csv"
    ) + ". Findings of the period, by the day of their cause. A key is the beginning of a finding_key."
    columns = (
        Column("Severity", 9),
        Column("What is wrong", 30),
        Column("Details", 33),
        Column("Cause, UTC", 13, "right"),
        Column("Key", 15, mono=True),
    )
    return [Table("Findings", "fct_findings", columns, rows, note)]
