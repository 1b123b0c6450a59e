"""The figures of every log but requests computed from rows of its marts in plain Python.

Here: the definition of each metric in 04, read once more without SQL, as data: what places a row, what is counted and in which
dimensions. Not here: rows that can't be assessed (the tests beside each log), durations, or how a fact comes to its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracle import periods_of

Row = Mapping[str, Any]
Key = tuple[str, str, str, str, date | None]  # metric, dimension, value, grain, start
ZONE = ZoneInfo("Europe/Dublin")
MICROSECOND = timedelta(microseconds=1)


def always(row: Row) -> bool:
    return True


def one(row: Row) -> int:
    return 1


def local_date(instant: datetime | None) -> date | None:
    return instant.astimezone(ZONE).date() if instant else None


@dataclass(frozen=True)
class Measure:
    """A rate or a count over the rows of a mart.

    Attributes:
        placed: the date that places a row; unused where it stands.
        below: which rows are in the denominator; None = a count.
        above: which of all rows are in the numerator.
        speaks_of: which rows there are at all.
        weight: how often a row counts above and below.
        stands: whether a row stood at an instant; None = it is placed by its date.
        cases: what a row is about, where that is several things, each as a row.
        doubtful: which rows can't be assessed: in the worst case each is a miss, or a case where cases are counted.
        dimensions: how a row falls into each dimension beside `all`.
    """

    mart: str
    dimensions: Sequence[str]
    above: Callable[[Row], bool]
    placed: Callable[[Row], date | None] = lambda row: row["occurred_date"]
    below: Callable[[Row], bool] | None = None
    speaks_of: Callable[[Row], bool] = always
    weight: Callable[[Row], int] = one
    weight_below: Callable[[Row], int] | None = None
    stands: Callable[[Row, datetime], bool] | None = None
    doubtful: Callable[[Row], bool] = lambda row: False
    values: Mapping[str, Callable[[Row], Iterable[str | None]]] = field(default_factory=dict)
    cases: Callable[[Row], Iterable[Row]] = lambda row: [row]


@dataclass
class Figure:
    above: int = 0
    below: int = 0
    units: int = 0
    worst_above: int = 0
    worst_below: int = 0

    def value(self, is_rate: bool) -> Fraction | int | None:
        if not is_rate:
            return self.above
        return Fraction(self.above, self.below) if self.below else None

    def at_worst(self, is_rate: bool) -> Fraction | int | None:
        if not is_rate:
            return self.worst_above
        return Fraction(self.worst_above, self.worst_below) if self.worst_below else None


def values_of(measure: Measure, row: Row) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    for dimension in measure.dimensions:
        dimension_values = measure.values[dimension](row) if dimension in measure.values else [row[dimension]]
        for value in dimension_values:
            yield dimension, "unknown" if value is None else value


def ends_of_periods(first: date, as_of: datetime) -> Iterator[tuple[str, date | None, datetime]]:
    """Each period that has begun, with the instant at which it is looked at: its last microsecond, or as_of."""
    today = local_date(as_of)
    assert today
    months = {"month": 1, "quarter": 3, "year": 12}
    yield "to_date", None, as_of
    for grain, length in months.items():
        start = date(first.year, first.month - (first.month - 1) % length, 1)
        while start <= today:
            after = start.year * 12 + start.month - 1 + length
            end = datetime(after // 12, after % 12 + 1, 1, tzinfo=ZONE).astimezone(UTC) - MICROSECOND
            yield grain, start, min(end, as_of)
            start = date(after // 12, after % 12 + 1, 1)


def figures(code: str, measure: Measure, rows: Sequence[Row], as_of: datetime, first: date) -> dict[Key, Figure]:
    """Every figure of a metric: by dimension, value and period.

    Args:
        code: of the metric.
        measure: what it is.
        rows: of its mart.
        as_of: the instant of looking.
        first: the first month of any row.
    """
    today = local_date(as_of)
    assert today
    found: dict[Key, Figure] = {}
    looks = list(ends_of_periods(first, as_of)) if measure.stands else []
    for row in (case for one in rows for case in measure.cases(one)):
        if not measure.speaks_of(row):
            continue
        if measure.stands:
            periods = [(grain, start) for grain, start, end in looks if measure.stands(row, end)]
        else:
            periods = periods_of(measure.placed(row), today)
        for dimension, value in values_of(measure, row):
            for grain, start in periods:
                figure = found.setdefault((code, dimension, value, grain, start), Figure())
                figure.units += 1
                figure.above += measure.weight(row) if measure.above(row) else 0
                below = bool(measure.below and measure.below(row))
                if below:
                    figure.below += (measure.weight_below or measure.weight)(row)
                doubtful = measure.doubtful(row)
                figure.worst_below += (measure.weight_below or measure.weight)(row) if below or doubtful else 0
                figure.worst_above += measure.weight(row) if counts_at_worst(measure, row, doubtful) else 0
    return found


def counts_at_worst(measure: Measure, row: Row, doubtful: bool) -> bool:
    """Of a rate, what is a hit for sure; of a count, what may be a case."""
    return (measure.above(row) and not doubtful) if measure.below else (measure.above(row) or doubtful)


def _matters(row: Row) -> bool:
    """What nobody published is taken for a change that matters; of what was published without a word on that nobody knows."""
    return row["published_at"] is None if row["material"] is None else row["material"]


def _may_matter(row: Row) -> bool:
    return row["material"] is None and row["published_at"] is not None


def _weighable_change(row: Row) -> bool:
    return row["effective_date"] is not None and row["audience_size"] is not None and (_matters(row) or _may_matter(row))


def _is_active(row: Row, end: datetime) -> bool:
    return row["state"] == "active" and row["valid_from"] <= end and (row["valid_to"] is None or row["valid_to"] > end)


def _contract(row: Row) -> Iterable[str]:
    return ["with_terms" if row["has_contract_term"] else "unknown" if row["lacks_contract_terms"] else "without_terms"]


def removals(row: Row) -> Iterable[Row]:
    """Each deletion of a record set, whole or not, with what it removed."""
    if row["deleted_date"] is not None:
        yield {**row, "record_count": row["deleted_record_count"]}
    for part in row["partial_deletions"]:
        yield {**row, **part}


def _unscheduled(row: Row) -> bool:
    return row["status"] == "unscheduled"


def _unlisted(row: Row) -> bool:
    return row["ok_recipient"] is False


def _gone_anywhere(row: Row) -> bool:
    return row["destination_country"] is None and row["transfer_mechanism"] is None


def _nobody_to_ask(row: Row) -> bool:
    return row["needs_consent"] and row["ok_consent"] is None


def _perhaps_stopped(row: Row) -> bool:
    return bool(row["possible_stop_right_types"])


def _while_stopped(*rights: str) -> Callable[[Row], bool]:
    return lambda row: bool({*rights} & {*row["stops_in_force"]})


def _nobody_to_notify(row: Row) -> bool:
    return row["subject_key"] is None and not row["exempt_told"]


def _not_assessable(row: Row) -> bool:
    doubts = (_nobody_to_ask, _nobody_to_notify, _perhaps_stopped, _gone_anywhere)
    return row["ok_no_sale"] is None or any(doubt(row) for doubt in doubts)


def _dated_wrongly(row: Row) -> bool:
    answered = {"on_time": row["authority_notified_at"], "not_required": row["assessed_no_risk_at"]}.get(row["status"])
    return row["assessed_overdue"] or row["no_risk_for_many"] or (answered is not None and answered < row["detected_at"])


def _deleted(status: str, at_risk: str, doubtful: Callable[[Row], bool] = lambda row: False) -> Measure:
    """Of the record sets deleted, those at risk alone."""
    return Measure(
        "fct_records", RECORD, lambda row: row["status"] == status, lambda row: row["deleted_date"],
        speaks_of=lambda row: row["deleted_date"] is not None and (row[at_risk] or doubtful(row)),
        values={"contract": _contract}, doubtful=doubtful, cases=removals,
    )  # fmt: skip


def _gone_unseen(row: Row) -> bool:
    return row["status"] != "reappeared" and row["scanned_after_deletion"] is False


def _shared(
    column: str,
    *,
    rate: bool,
    doubtful: Callable[[Row], bool] = lambda row: False,
    weight: Callable[[Row], int] = one,
    at_risk: Callable[[Row], bool] = always,
) -> Measure:
    """True of those that are assessed, or how many of those at risk are false."""
    return Measure(
        "fct_disclosures", DISCLOSURE, lambda row: row[column] is rate,
        below=(lambda row: row[column] is not None) if rate else None,
        speaks_of=always if rate else lambda row: (row[column] is not None and at_risk(row)) or doubtful(row), doubtful=doubtful,
        weight=weight,
    )  # fmt: skip


def _processed(
    column: str,
    *,
    rate: bool = False,
    doubtful: Callable[[Row], bool] = lambda row: False,
    at_risk: Callable[[Row], bool] = always,
) -> Measure:
    return Measure(
        "fct_processing", PROCESSING, lambda row: row[column] is rate,
        below=(lambda row: row[column] is not None) if rate else None,
        speaks_of=always if rate else lambda row: (row[column] is not None and at_risk(row)) or doubtful(row), doubtful=doubtful,
    )  # fmt: skip


def _on_unknown_basis(row: Row) -> bool:
    return row["legal_basis"] == "unknown"


RECORD = ("data_category", "purpose_code", "system", "contract", "source")
DISCLOSURE = ("recipient_id", "purpose_code", "source")
PROCESSING = ("purpose_code", "system", "source")
COLLECTION = ("collection_type", "feature", "source")
INCIDENT = ("jurisdiction", "incident_type", "source")
CONSENT = ("purpose_code", "source")
USES = "uses"
"""The acts and disclosures of two marts, of which those that rest on a consent are its uses."""

MEASURES: dict[str, Measure] = {
    "notice_at_collection_rate": Measure(
        "fct_collections", COLLECTION, lambda row: row["ok_notice"] is True, below=lambda row: row["ok_notice"] is not None,
    ),
    "notice_exempt_rate": Measure(
        "fct_collections", COLLECTION, lambda row: row["notice_exemption"] is not None, below=always,
    ),
    "within_policy_rate": Measure(
        "fct_disclosures", DISCLOSURE, lambda row: row["within_policy"], below=always, doubtful=_not_assessable,
    ),
    "within_policy_rate_by_records": Measure(
        "fct_disclosures", DISCLOSURE, lambda row: row["within_policy"], below=always, weight=lambda row: row["record_count"],
        doubtful=_not_assessable,
    ),
    "told_exempt_rate": Measure("fct_disclosures", DISCLOSURE, lambda row: row["exempt_told"], below=always),
    "disclosure_reason_rate": _shared("ok_reason", rate=True, doubtful=_unlisted),
    "disclosure_told_rate": _shared("ok_told", rate=True, doubtful=_nobody_to_notify),
    "disclosure_told_rate_by_records": _shared(
        "ok_told", rate=True, doubtful=_nobody_to_notify, weight=lambda row: row["record_count"]
    ),
    "authority_coverage": _shared("ok_authority", rate=True, doubtful=_unlisted),
    "disclosure_purpose_coverage": _shared("ok_purpose", rate=True, doubtful=_unlisted),
    "disclosure_category_coverage": _shared("ok_categories", rate=True, doubtful=_unlisted),
    "agreement_coverage": _shared("ok_agreement", rate=True, doubtful=_unlisted),
    "transfer_coverage": _shared("ok_transfer", rate=True, doubtful=_gone_anywhere),
    "disclosure_reason_other_count": Measure("fct_disclosures", DISCLOSURE, lambda row: row["reason_code"] == "other"),
    "sale_count": _shared("ok_no_sale", rate=False, doubtful=lambda row: row["ok_no_sale"] is None),
    "disclosure_without_consent": _shared("ok_consent", rate=False, doubtful=_nobody_to_ask),
    "unlisted_recipient_count": _shared("ok_recipient", rate=False),
    "disclosure_after_stop": _shared(
        "ok_not_stopped", rate=False, doubtful=_perhaps_stopped,
        at_risk=_while_stopped("erasure", "objection", "restriction", "opt_out_sale_share"),
    ),
    "consent_required_on_other_basis": _processed(
        "ok_basis", doubtful=lambda row: _on_unknown_basis(row) and row["consent_required"]
    ),
    "processing_without_consent": _processed("ok_consent", doubtful=_on_unknown_basis),
    "processing_after_stop": _processed(
        "ok_not_stopped", doubtful=lambda row: _perhaps_stopped(row) or bool(row["bases_before_objection"]),
        at_risk=_while_stopped("erasure", "objection", "restriction"),
    ),
    "automated_decisions_after_objection": _processed(
        "ok_no_automated_decision",
        doubtful=lambda row: bool(row["possible_decision_stop_right_types"]),
        at_risk=_while_stopped("automated_decision", "objection"),
    ),
    "acts_while_pending": Measure(
        "fct_processing", PROCESSING, lambda row: row["pending_right_types"] != [] and not _on_unknown_basis(row),
        speaks_of=lambda row: row["requests_pending"] != [],
        doubtful=lambda row: row["pending_right_types"] != [] and _on_unknown_basis(row),
    ),
    "deletion_timeliness": Measure(
        "fct_records", RECORD, lambda row: row["status"] == "deleted_on_time", lambda row: row["deleted_date"],
        below=lambda row: row["status"] in {"deleted_on_time", "deleted_late"}, weight=lambda row: row["record_count"],
        speaks_of=lambda row: row["deleted_date"] is not None, values={"contract": _contract}, doubtful=_unscheduled,
        cases=removals,
    ),
    "early_deletions": _deleted("deleted_early", "has_minimum", _unscheduled),
    "deletions_under_hold": _deleted("deleted_under_hold", "had_hold"),
    "reappeared_records": Measure(
        "fct_records", RECORD, lambda row: row["status"] == "reappeared",
        lambda row: local_date(row["reappeared_at"]) if row["reappeared_at"] else row["deleted_date"],
        speaks_of=lambda row: row["deleted_date"] is not None, values={"contract": _contract}, doubtful=_gone_unseen,
    ),
    "erasure_completeness": Measure(
        "fct_erasures", ("source",), lambda row: row["status"] == "complete", lambda row: row["closed_date"],
        below=lambda row: row["status"] in {"complete", "incomplete"},
        doubtful=lambda row: row["status"] == "no_records_found",
    ),
    "erasures_without_records": Measure(
        "fct_erasures", ("source",), lambda row: row["status"] == "no_records_found", lambda row: row["closed_date"],
        speaks_of=lambda row: row["status"] != "pending",
    ),
    "authority_notification_adherence": Measure(
        "fct_incidents", INCIDENT, lambda row: row["status"] == "on_time", lambda row: local_date(row["authority_due_at"]),
        below=lambda row: row["status"] in {"on_time", "late", "open_overdue"},
        speaks_of=lambda row: row["status"] != "nothing_due", doubtful=_dated_wrongly,
    ),
    "person_notification_adherence": Measure(
        "fct_incidents", INCIDENT, lambda row: row["persons_status"] == "on_time", lambda row: local_date(row["persons_due_at"]),
        below=lambda row: row["persons_status"] in {"on_time", "late", "open_overdue"},
        speaks_of=lambda row: row["persons_status"] != "nothing_due", doubtful=lambda row: row["persons_doubt"] is not None,
    ),
    "incident_count": Measure("fct_incidents", INCIDENT, always, lambda row: row["detected_date"]),
    "affected_subjects": Measure(
        "fct_incidents", INCIDENT, always, lambda row: row["detected_date"], weight=lambda row: row["affected_subjects"] or 0,
    ),
    "policy_change_notice_coverage": Measure(
        "fct_policy_versions", ("source",), _matters, lambda row: row["effective_date"], below=_matters,
        speaks_of=_weighable_change,
        weight=lambda row: row["notified_before_effective_count"], weight_below=lambda row: row["audience_size"],
        doubtful=_may_matter,
    ),
    "policy_date_mismatch_count": Measure(
        "fct_policy_versions", ("source",), lambda row: row["last_updated_matches"] is False, lambda row: row["published_date"],
        speaks_of=lambda row: row["published_date"] is not None, doubtful=lambda row: row["last_updated_matches"] is None,
    ),
    "consent_opt_in_rate": Measure(
        "fct_consents", CONSENT, lambda row: row["event_type"] == "given", lambda row: local_date(row["valid_from"]),
        below=lambda row: row["event_type"] in {"given", "refused"}, speaks_of=lambda row: row["is_first_decision"],
    ),
    "withdrawal_unconfirmed": Measure(
        "fct_withdrawal_systems", ("purpose_code", "source", "system"), lambda row: row["in_time"] is False,
        lambda row: local_date(row["withdrawn_at"]), speaks_of=lambda row: row["in_time"] is not None,
    ),
    "withdrawal_not_recorded_count": Measure(
        "fct_consents", CONSENT, lambda row: row["recorded_in_time"] is False, lambda row: local_date(row["valid_from"]),
        speaks_of=lambda row: bool(row["request_key"]) and row["is_withdrawal"] and row["recorded_in_time"] is not None,
    ),
    "consent_provable_at_use": Measure(
        USES, CONSENT, lambda row: row["consent_provable"] is True, below=always, speaks_of=lambda row: row["ok_consent"] is True,
    ),
    "consent_version_in_force_at_use": Measure(
        USES, CONSENT, lambda row: row["consent_version_in_force"] is True, below=always,
        speaks_of=lambda row: row["ok_consent"] is True,
    ),
    "active_consents": Measure("fct_consents", CONSENT, always, stands=_is_active),
    "consent_provable_rate": Measure(
        "fct_consents", CONSENT, lambda row: row["provable"] is True, below=always, stands=_is_active,
    ),
}  # fmt: skip
