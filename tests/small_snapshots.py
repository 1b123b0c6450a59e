"""Small warehouses, candidates and verdicts for tests of publishing: two marts, two rows, one figure."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from promisekept.publishing.candidate import Provenance, write_candidate
from promisekept.publishing.store import SnapshotStore
from promisekept.publishing.verdict import Check, SuiteResult, Verdict
from promisekept.restatement.comparison import compare_candidate, compare_snapshot
from promisekept.sources.zone.ledger import Ledger

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)
REQUESTS = "select * from (values ('a', 'paused', 1), ('b', 'closed_late', 2)) as rows(request_key, status, row_number)"
METRICS = """
    select 'deadline_adherence' as metric_code, 'month' as period_grain, date '2026-01-01' as period_start,
        date '2026-02-01' as period_end, 'all' as dimension, null::varchar as dimension_value,
        {numerator}::double as numerator, 10::double as denominator, {numerator} / 10.0 as value,
        {numerator} / 10.0 as value_worst
    union all by name
    select 'rows_landed' as metric_code, 'month' as period_grain, 'source' as dimension, {landed}::double as value
"""


def built_marts(home, requests=REQUESTS, numerator=9, landed=100, **others):
    home.mkdir(parents=True, exist_ok=True)
    path = home / "outgoing.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.fct_requests as {requests}")
        metrics = METRICS.format(numerator=numerator, landed=landed)
        connection.execute(f"create or replace table marts.fct_metrics as {metrics}")
        for name, query in others.items():
            connection.execute(f"create or replace table marts.{name} as {query}")
    return path


def a_provenance(home, **changes):
    ledger = Ledger.open(home)
    facts = {
        "as_of": AT,
        "known_at": AT,
        "known_seq": ledger.seq,
        "organisation": "Example Ltd",
        "time_zone": "Europe/Dublin",
        "pack": {"name": "default", "version": "1", "sha256": "p" * 64},
        "code_version": "0.1.0+abc",
        "holidays_version": "0.109",
        "ledger_root": ledger.merkle_root,
    }
    return Provenance(**(facts | changes))


def a_candidate(home, provenance=None, **marts):
    made = built_marts(home, **marts)
    # Another figure of a closed period needs a cause: here it is other code that computes it.
    changes = {"code_version": f"0.1.0+{marts.get('numerator', 9)}"} | (provenance or {})
    return write_candidate(made, home / "snapshots", a_provenance(home, **changes))


def a_suite(mart, *, passed=True, **changes):
    checks = (
        Check("expect_table_row_count_to_equal", None, "critical", "CTL", True),
        Check("expect_column_values_to_not_be_null", "request_key", "critical", "CTL", passed, 2, 0 if passed else 1),
    )
    facts = {"suite": mart, "subject": mart, "declared": 2, "loaded": 2, "evaluated": 2, "checks": checks}
    return SuiteResult(**(facts | changes))


def a_verdict(candidate, *, passed=True, **changes):
    suites = tuple(a_suite(mart, passed=passed) for mart in candidate.tables)
    facts = {
        "content_hash": candidate.content_hash,
        "file_sha256": candidate.sha256,
        "as_of": candidate.provenance.as_of.isoformat(),
        "suites": suites,
    }
    return Verdict(**(facts | changes))


def publish(home, at=AT, provenance=None, **marts):
    candidate = a_candidate(home, provenance, **marts)
    return publish_candidate(home, candidate, a_verdict(candidate), at)


def publish_candidate(home, candidate, verdict, at=AT):
    ledger = Ledger.open(home)
    return SnapshotStore(home).publish(candidate, verdict, compare_candidate(home, ledger, candidate), ledger, at)


def roll_back(home, snapshot, at=AT):
    store, ledger = SnapshotStore(home), Ledger.open(home)
    comparison = compare_snapshot(home, ledger, store.intact_folder(snapshot, ledger))
    return store.rollback(snapshot, comparison, ledger, at)
