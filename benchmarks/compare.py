"""Whether two snapshots say the same: the product's and the lean script's.

Here: the columns that must agree, and for each disagreement how many and one example. Not here: which of the
two is right. A lean script that computed something else would prove nothing about speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

_OF_REQUESTS = (
    *("subject_key", "regime_code", "rule_id", "channel", "received_at", "received_date", "start_date", "base_due_date"),
    *("due_date", "conservative_due_date", "paused_days", "unpermitted_pause_days", "extension_status", "acknowledged_date"),
    *("ack_due_date", "ack_status", "closed_at", "closed_date", "closed_while_paused", "outcome", "denial_reason", "status"),
    *("exclusion_reason", "withdrawn_overdue", "due_soon", "days_to_close", "days_open", "days_overdue", "declared_due_date"),
    *("declared_differs", "strict_status", "rule_confidence", "paused_since", "due_date_if_resumed", "extension_reason"),
    *("answer_recorded_late", "forwarding_due_date", "forwarding_status"),
)
_FRACTIONS = ("hours", "propagation_hours", "authority_hours")


@dataclass(frozen=True)
class Difference:
    """Rows of a mart on which the two disagree: in which column, how many, and one of them."""

    mart: str
    column: str
    rows: int
    example: str

    def __str__(self) -> str:
        return f"{self.mart}.{self.column}: {self.rows:,} rows differ, e.g. {self.example}"


@dataclass(frozen=True)
class _Mart:
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


_EVENT = ("namespace", "event_id")
FACTS = (
    _Mart("fct_requests", ("request_key",), _OF_REQUESTS),
    _Mart(
        "fct_consents",
        (*_EVENT, "lapsed", "subject_key", "purpose_code"),
        (
            *("state", "valid_from", "valid_to", "provable", "mechanism", "jurisdiction"),
            *("policy_version", "notice_id", "event_type", "source", "request_key", "is_withdrawal"),
        ),
    ),
    _Mart(
        "fct_withdrawal_systems",
        (*_EVENT, "purpose_code", "system"),
        (
            *("subject_key", "withdrawn_at", "applied_at", "hours", "status", "complete", "propagation_hours"),
            *("source", "request_key"),
        ),
    ),
    _Mart(
        "fct_disclosures",
        _EVENT,
        (
            *("subject_key", "occurred_at", "occurred_date", "recipient_id", "recipient_kind", "reason_code", "purpose_code"),
            *("ok_recipient", "ok_reason", "ok_agreement", "ok_consent", "ok_authority", "ok_categories", "ok_purpose"),
            *("ok_transfer", "ok_no_sale", "ok_told", "ok_not_stopped", "within_policy", "failed_checks", "agreement_ref"),
            *("transfer_mechanism", "forbidden_categories", "unlisted_categories", "stopped_by", "stopped_right_type"),
            *("stopped_right_types", "stopped_at", "exempt_told", "record_count", "data_categories"),
        ),
    ),
    _Mart(
        "fct_processing",
        _EVENT,
        (
            *("subject_key", "occurred_at", "occurred_date", "purpose_code", "system", "legal_basis", "ok_purpose", "ok_basis"),
            *("ok_consent", "ok_not_stopped", "ok_no_automated_decision", "unlisted_categories", "ok_categories", "stopped_by"),
            *("stopped_right_type", "stopped_right_types", "stopped_at", "decision_stopped_by"),
        ),
    ),
    _Mart(
        "fct_collections",
        _EVENT,
        (
            *("subject_key", "occurred_at", "occurred_date", "collection_type", "feature", "purpose_code", "notice_shown_at"),
            *("ok_notice", "unlisted_categories", "ok_categories", "ok_policy_version", "jurisdiction", "data_categories"),
        ),
    ),
    _Mart(
        "fct_records",
        ("record_key",),
        (
            *("subject_key", "system", "data_category", "purpose_code", "jurisdiction", "record_count", "created_at"),
            *("created_date", "schedule_id", "trigger", "trigger_at", "trigger_date", "keep_until", "delete_by"),
            *("has_contract_term", "held_days", "on_hold", "deleted_at", "deleted_date", "deletion_event_type", "reappeared_at"),
            *("status", "over_days", "is_alive", "event_id", "trigger_due_by", "trigger_overdue", "hold_unreviewed_since"),
            *("held_when_overdue", "activity_looks_automatic"),
        ),
    ),
    _Mart(
        "fct_erasures",
        ("request_key",),
        (
            *("subject_key", "closed_at", "judged_at", "grace_ends_date", "status", "record_sets", "erased_sets", "excused_sets"),
            *("missed_records", "missed_record_count", "missed", "reappeared_sets", "expected_systems", "confirmed_systems"),
            *("unconfirmed_systems", "recreated", "event_id"),
        ),
    ),
    _Mart(
        "fct_incidents",
        ("incident_key",),
        (
            *("incident_type", "jurisdiction", "occurred_at", "detected_at", "detected_date", "contained_at", "closed_at"),
            *("assessed_no_risk_at", "authority_notified_at", "subjects_notified_at", "affected_subjects", "authority_hours"),
            *("authority_due_hours", "authority_due_at", "status", "on_time", "not_required", "event_id"),
        ),
    ),
    _Mart(
        "fct_policy_versions",
        ("policy_version_key",),
        (
            *("published_at", "published_date", "effective_at", "effective_date", "superseded_at", "change_notified_at"),
            *("material", "audience_size", "notified_count", "notified_before_effective_count", "notified_before_effective"),
            *("last_updated_shown", "last_updated_matches", "in_force", "event_id"),
        ),
    ),
)
"""What both the product and the lean script have to say."""


def differences(lean: Path, product: Path) -> list[Difference]:
    """Compare the facts of all logs.

    Args:
        lean: snapshot.duckdb of the lean script.
        product: snapshot.duckdb that the product published, judged at the same instant with the same key.

    Returns:
        Nothing where both agree.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{lean}' as lean (read_only); attach '{product}' as product (read_only)")
        return [difference for mart in FACTS for difference in _compare(connection, mart)]


def _compare(connection: duckdb.DuckDBPyConnection, mart: _Mart) -> list[Difference]:
    same_key = " and ".join(f"l.{name} is not distinct from p.{name}" for name in mart.key)
    name = "concat_ws(' ', " + ", ".join(f"coalesce(l.{column}, p.{column})" for column in mart.key) + ")"
    checks = {
        "row": ("l.is_there is null or p.is_there is null", "if(l.is_there, 'only lean', 'only product')"),
        **{
            column: (
                f"l.is_there and p.is_there and not ({_same(column)})",
                f"concat('lean ', coalesce(l.{column}::varchar, 'null'), ', product ', coalesce(p.{column}::varchar, 'null'))",
            )
            for column in mart.columns
        },
    }
    counts = ", ".join(
        f"count_if(({condition}) is true), any_value({name} || ': ' || {words}) filter (({condition}) is true)"
        for condition, words in checks.values()
    )
    row = connection.execute(
        f"select {counts} from (select *, true as is_there from lean.{mart.name}) as l"
        f" full join (select *, true as is_there from product.marts.{mart.name}) as p on {same_key}"
    ).fetchall()[0]
    told = zip(checks, row[::2], row[1::2], strict=True)
    return [Difference(mart.name, column, rows, example) for column, rows, example in told if rows]


def _same(column: str) -> str:
    same = f"l.{column} is not distinct from p.{column}"
    return f"{same} or abs(l.{column} - p.{column}) < 1e-9" if column in _FRACTIONS else same
