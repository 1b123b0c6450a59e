"""Part 5: promise by promise.

Here: what stands on a promise's pages, and in which order: reference, band, definition, formula, chart, measures, the ways
out of the clock, what explains most, method, limits, rules, findings. Not here: what the snapshot holds (promises.py), or
the tables (promise_tables.py).
"""

from __future__ import annotations

from promisekept.evidence.report import charts, exceptions, verdicts
from promisekept.evidence.report.measure_text import figure_of, fraction_of, may, name_of, reason_of, target_of
from promisekept.evidence.report.model import Band, Block, Bullets, Chart, Field, Formula, PromiseHead, Text
from promisekept.evidence.report.promise_tables import (
    Sources,
    breakdown_table,
    findings_table,
    measures_table,
    rules_table,
    ways_table,
)
from promisekept.evidence.report.promises import Measure, Promise, gates, matches
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.evidence.report.suppression import Suppression
from promisekept.presentation import formats, labels, paper, statuses
from promisekept.sources.contract import contract

_JOINED = (
    *("disclosure_after_stop", "processing_after_stop", "automated_decisions_after_objection", "erasure_completeness"),
    *("disclosure_without_consent", "processing_without_consent"),
)
"""Measures that join two logs by the person: as good as the match between them."""


def pages(ask: Inquiry, suppression: Suppression, promises: tuple[Promise, ...]) -> tuple[Block, ...]:
    """The blocks of part 5."""
    sources = Sources(ask, suppression, gates(ask), matches(ask))
    return tuple(block for promise in promises for block in _page(sources, promise))


def _page(sources: Sources, promise: Promise) -> list[Block]:
    deciding = promise.deciding
    controls = ", ".join(promise.clause["control_ids"] or [])
    origin = {"policy": "Promise of the policy", "law": "Duty of law", "good_practice": "Good practice"}[promise.clause["source"]]
    head = PromiseHead(
        promise.ref,
        promise.clause["section"],
        promise.clause["promise"],
        f"{origin}  ·  Control {controls}{_owner(sources, promise)}" + ("  ·  Measure" if deciding else ""),
        deciding.code if deciding else "",
    )
    if deciding is None:
        return [head, *_by_hand(sources, promise)]
    blocks: list[Block] = [head, _band(sources, promise, deciding), Text("Definition", "label"), Text(_definition(deciding))]
    blocks += _formula(sources, deciding)
    if not promise.is_short:
        blocks += _chart(sources, deciding)
    blocks += measures_table(sources, promise)
    if not promise.is_short:
        blocks += ways_table(sources, deciding) + breakdown_table(sources, deciding)
    blocks += _method(sources, promise, deciding)
    blocks += rules_table(sources, promise)
    return blocks + findings_table(sources, promise)


def _owner(sources: Sources, promise: Promise) -> str:
    return "" if sources.suppression.is_public else f"  ·  Owner: {promise.owner}"


def _by_hand(sources: Sources, promise: Promise) -> list[Block]:
    """What stands of a promise that people assess: the attestation, its role and its expiry, and the limits."""
    attestation = promise.attestations[0] if promise.attestations else {}
    mark = verdicts.VERDICTS[promise.status]
    fields = (
        Field("Assessed", labels.sentence(attestation.get("attestation_result")) or formats.NULL, _by(attestation)),
        Field("Assessed on", paper.short_day(attestation.get("attested_on")), ""),
        Field("Verdict", mark, promise.reason or ""),
        Field("Stands until", paper.short_day(attestation.get("attestation_valid_to")), "then not assessable"),
    )
    words_ = "People assess this promise; no log measures it. What they found stands in the attestation, not in this figure."
    return [
        Band(fields),
        Text("Definition", "label"),
        Text(words_),
        *_limits(sources, promise, None),
        *findings_table(sources, promise),
    ]


def _by(attestation: Answer) -> str:
    return f"by: {attestation['attested_by']}" if attestation.get("attested_by") else "no attestation"


def _band(sources: Sources, promise: Promise, measure: Measure) -> Band:
    row = measure.row
    gate = [sources.gates[log] for log in row["logs"] or [] if log in sources.gates]
    passed, declared = sum(one["passed"] for one in gate), sum(one["declared"] for one in gate)
    of = fraction_of(sources.suppression, measure).replace(" / ", " of ")
    unit = "" if row["unit"] in formats.SHARES else f" {row['unit']}"
    return Band(
        (
            Field(
                name_of(measure),
                figure_of(sources.suppression, measure),
                (of + unit) if of != formats.NULL else "nothing to count",
            ),
            Field("Target", target_of(measure), _distance(sources, measure)),
            Field("Verdict", verdicts.VERDICTS[promise.status], reason_of(promise, sources.suppression)),
            Field(
                "Data quality",
                statuses.CHECKS[row["quality_verdict"]].text,
                f"{formats.count(passed)} of {formats.count(declared)} expectations" if declared else "no log",
            ),
        )
    )


def _distance(sources: Sources, measure: Measure) -> str:
    """How many cases are missing to the target, where that can be computed."""
    row = measure.row
    if not measure.is_rate or row["operator"] != ">=" or not row["denominator"] or not may(sources.suppression, measure):
        return ""
    needed = -int(-row["target"] * row["denominator"] // 1)
    short = needed - row["numerator"]
    return f"{paper.plural(short, 'case')} short" if short > 0 else ""


def _definition(measure: Measure) -> str:
    """The catalogue's words for a reader; without any, or in a snapshot from before it had them, the metric's description."""
    return measure.row.get("definition") or f"{name_of(measure)}. {labels.spaced(measure.row['description'])}"


def _formula(sources: Sources, measure: Measure) -> list[Block]:
    row = measure.row
    if not measure.is_rate or not row["denominator"] or not may(sources.suppression, measure):
        return []
    return [
        Formula(
            row.get("counted") or "counted",
            row.get("out_of") or "of",
            formats.count(row["numerator"]),
            formats.count(row["denominator"]),
            figure_of(sources.suppression, measure),
            f"Of {formats.count(row['units'])} looked at; {formats.count(row['pending_units'])} not due yet; "
            f"{_unjudged(row['unjudged_units'])} could not be assessed."
            if not sources.suppression.is_public
            else "",
        )
    ]


def _unjudged(units: int) -> str:
    """A rejected row whose count can't be read stands for the greatest that there may be: no number for a reader."""
    return formats.count(units) if units < contract()["retention"].column("record_count").most else "an unknown number"


def _chart(sources: Sources, measure: Measure) -> list[Block]:
    row = measure.row
    points = [
        point
        for point in measure.months
        if sources.suppression.may(row["metric_code"], "month", point.month, row["dimension"], row["dimension_value"])
    ]
    if len(points) < 2 or all(point.value is None for point in points):
        return []
    by = labels.DATED_BY.get(row["period_by"], (row["period_by"] or "").replace("_", " "))
    caption = f"{name_of(measure)}, by month ({by})."
    by_month = "; ".join(
        f"{paper.month(point.month)} {paper.measured(point.value, row['unit'], row['target'])}" for point in points
    )
    alt = f"{by_month}; target {target_of(measure)}."
    if measure.is_rate:
        svg = charts.over_months(
            points, row["target"], lower_is_better=row["operator"] == "<=", words=("numerator", "denominator")
        )
        start = charts.axis_start(points, row["target"])
        note = "Below each month: numerator and denominator. Squares: target not reached."
        return [
            Chart(caption, note + (f" The axis starts at {paper.rate(start)}." if start else ""), alt, svg, charts.WIDTH, 208)
        ]
    return [Chart(caption, "Red: more than the target allows.", alt, charts.counts_by_month(points), charts.WIDTH, 120)]


def _method(sources: Sources, promise: Promise, measure: Measure) -> list[Block]:
    row = measure.row
    by = labels.DATED_BY.get(row["period_by"], (row["period_by"] or "").replace("_", " "))
    placed = (
        "The state at the end of the period is counted."
        if row["is_state"]
        else f"Each case belongs to the period by {by}, and is assessed by what was known of it at the instants on the cover."
    )
    logs, marts = " and ".join(row["logs"] or []), row["mart"].replace(";", " and ")
    text = (
        f"{placed} Counted from {marts}, which the log{'s' if len(row['logs'] or []) > 1 else ''} {logs} "
        f"feed{'' if len(row['logs'] or []) > 1 else 's'}. Whole populations are counted, no samples."
    )
    return [Text("Method", "label"), Text(text), *_limits(sources, promise, measure)]


def _limits(sources: Sources, promise: Promise, measure: Measure | None) -> list[Block]:
    items = [labels.ASSESSED[promise.clause["assessed_by"]]]
    if not sources.suppression.is_public:
        items += [exceptions.sentence(one) for one in promise.exceptions]
        items += [exceptions.acceptance(one) for one in promise.accepted]
    if promise.clause["limits"]:
        items.append(labels.clause(promise.clause["limits"]) + ".")
    if measure is not None:
        if measure.row["has_control_total"] is False:
            items.append("No independent record count: rows that the source never delivered can't be seen.")
        items += _matched(sources, promise)
    return [Text("Limits", "label"), Bullets(tuple(items))]


def _matched(sources: Sources, promise: Promise) -> list[str]:
    """The identity match rate between logs, for every figure that joins two."""
    logs: list[str] = []
    for measure in promise.measures:
        code = measure.row["metric_code"]
        joined = measure.row["logs"] or [] if code in _JOINED else []
        logs += [log for log in joined if log in sources.matches and log not in logs]
    rates = [
        f"{log} {paper.rate(found['value'])} ({formats.count(found['numerator'])} of {formats.count(found['denominator'])})"
        for log in sorted(logs)
        for found in [sources.matches[log]]
        if sources.suppression.may("subject_match_rate", "to_date", None, "log", log)
    ]
    return [f"Identity match rate between logs: {'; '.join(rates)}."] if rates else []
