"""What stands beside the figures: how the population balances, the verdicts on it, where figures come from, what is left out.

Here: the JSON files below `metadata/`, as plain values. Not here: changes since the bundle before (changes.py) or the proof that
the ledger holds the snapshot (proof.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

import duckdb

from promisekept.evidence.audiences import MARTS, Mart, left_out
from promisekept.evidence.scope import Scope
from promisekept.publishing.reader import SnapshotReader, rows
from promisekept.sources.zone.batches import CLEARED, RETIRED, Zone
from promisekept.sources.zone.ledger import Ledger

_NOT_PUBLIC = "A public bundle holds no counts of rows: they would give away small groups by subtraction."
_SOURCE_COUNTS = (
    "source_rows", "skipped", "unmapped", "held_back", "read", "landed", "duplicate", "superseding", "conflicting",
    "quarantined", "held_back_files", "unaccounted_rows",
)  # fmt: skip
_STEPS = (
    "received", "excluded", "no_rule", "no_deadline", "closed_on_time", "closed_late", "paused", "open_in_time", "open_overdue",
    "balance",
)  # fmt: skip


def reconciliation(connection: duckdb.DuckDBPyConnection, scope: Scope) -> dict[str, Any]:
    """Per source what became of each row that was read, and the waterfall of requests in the period."""
    if scope.audience == "public":
        return {"left_out": _NOT_PUBLIC}
    sources = rows(
        connection,
        f"select source, log, {', '.join(_SOURCE_COUNTS)} from marts.audit_sources order by source, log",
    )
    dimension = "all" if scope.regime is None else "regime_code"
    waterfall = rows(
        connection,
        f"select period_grain, period_start::varchar as period_start, period_end::varchar as period_end, {', '.join(_STEPS)}"
        " from marts.rpt_waterfall, scope where dimension = $dimension and dimension_value = coalesce(regime, 'all')"
        " and period_start >= start_date and period_end <= end_date and period_grain <> 'to_date'"
        " order by period_start, period_end",
        {"dimension": dimension},
    )
    return {
        "rule": "read = landed + duplicate + superseding + conflicting + quarantined; received = the sum of the steps after it",
        "sources": sources,
        "waterfall": waterfall,
    }


def quality(connection: duckdb.DuckDBPyConnection, reader: SnapshotReader) -> dict[str, Any]:
    """The verdicts of both gates and of the models' own tests: counts of checks and of what failed them, never a value."""
    verdicts = rows(
        connection,
        "select log, source, suite, verdict, declared, passed, to_json(failed_checks)::varchar as failed_checks"
        " from marts.audit_source_verdicts order by log, source nulls first, suite",
    )
    gate = dict(reader.quality)
    tests = gate.pop("model_tests", [])
    return {
        "publish_gate": gate,
        "source_gate": verdicts,
        "model_tests": {"ran": len(tests), "passed": sum(test["status"] == "pass" for test in tests), "tests": tests},
    }


def lineage(
    connection: duckdb.DuckDBPyConnection, reader: SnapshotReader, zone: Zone, models: Mapping[str, str], scope: Scope
) -> dict[str, Any]:
    """Per metric: its marts and their compiled SQL, the versions of its rules, the batches that feed it."""
    manifest = reader.manifest
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in models.items()}
    rules = connection.execute(
        "select list(distinct rule_id order by rule_id) from marts.fct_requests inner join kept_requests using (request_key)"
        " where rule_id is not null"
    ).fetchall()[0][0]
    metrics = {}
    for code, marts, logs, registers in connection.execute(
        "select metric_code, string_split(mart, ';'), logs, registers from marts.dim_metrics order by metric_code"
    ).fetchall():
        metrics[code] = {
            "logs": sorted(logs),
            "marts": {name: hashes[name] for name in (*marts, "fct_metrics") if name in hashes},
            "registers": sorted(registers),
            "rules": rules if "requests" in logs else [],
        }
    batches = [
        {
            "batch_id": batch.batch_id,
            "source": batch.source,
            "log": batch.log,
            "ledger_line": batch.seq,
            "origin_sha256": batch.origin["sha256"],
            "rows": batch.rows,
        }
        for batch in sorted(zone.active(), key=lambda batch: batch.seq)
    ]
    return {
        "snapshot": {name: manifest[name] for name in ("id", "content_hash", "as_of", "known_at", "known_seq", "ledger_root")},
        "pack": dict(manifest["pack"]),
        "code": {
            "version": manifest["code_version"],
            "duckdb": manifest["duckdb_version"],
            "typst": version("typst"),
            "holidays": manifest["holidays_version"],
            "lock_file_sha256": manifest.get("lock_sha256"),  # as installed where the snapshot was made, not where it is exported
        },
        "configuration": {
            name: value
            for name, value in manifest["configuration"].items()
            if scope.audience != "public" or not name.startswith("sources.")  # they name columns of a source
        }
        | {"time_zone": manifest["time_zone"]},
        "metrics": metrics,
        "models": dict(sorted(hashes.items())),
        "batches": {"left_out": _NOT_PUBLIC} if scope.audience == "public" else batches,
    }


def omissions(
    scope: Scope, in_snapshot: Mapping[str, int], in_bundle: Mapping[str, int], more: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """What is not in the bundle and why; there is always such a file, also where nothing was left out.

    Args:
        scope: of the bundle.
        in_snapshot: rows by mart of the whole snapshot.
        in_bundle: rows by mart of the bundle.
        more: what was left out besides rows of marts.
    """
    tables = []
    for name in sorted(in_snapshot):
        mart = next((mart for mart in MARTS if mart.name == name), None)
        why = "no table of this version of the bundle" if mart is None else left_out(mart, scope)
        exported = in_bundle.get(name, 0)
        if why is not None:
            tables.append({"table": name, "reason": why})
        elif exported < in_snapshot[name]:
            tables.append(_narrowed(name, exported, in_snapshot[name], scope))
    return {"tables": tables, "besides": list(more)}


def _narrowed(name: str, exported: int, of: int, scope: Scope) -> dict[str, Any]:
    reason = f"period: rows that do not belong to {scope.period.code}"
    if scope.regime is not None:
        reason += f", or not to regime {scope.regime}"
    counts = {} if scope.audience == "public" else {"rows": exported, "of": of}
    return {"table": name, "reason": reason} | counts


def purged_rows(ledger: Ledger, *, counted: bool) -> Iterator[Mapping[str, Any]]:
    """What our own retention purged before the bundle was made, by the lines of the ledger that record it.

    Args:
        ledger: of the home that the bundle is made in.
        counted: whether rows may be counted.
    """
    for kind, what in ((RETIRED, "landed rows"), (CLEARED, "values of rejected rows")):
        for line in ledger.lines(kind):
            body = line.body
            entry: dict[str, Any] = {
                "what": what,
                "reason": f"{body['rule']} {body['period']}: landed before {body['before']}",
                "ledger_line": line.seq,
            }
            if kind == RETIRED:
                entry["figures_left_out"] = f"of periods that began before {body['kept_from']}" if body["kept_from"] else None
            if counted:
                entry["rows"] = body["rows"] if kind == RETIRED else sum(entry["rows"] for entry in body["files"])
            yield entry


def public_omissions(small_cell: int) -> list[Mapping[str, Any]]:
    """What a public bundle hides, and from which way of working it out it does not protect."""
    return [
        {
            "what": "small cells",
            "reason": f"counts from 1 to {small_cell - 1}, and as many other figures as keep them from being worked out",
            "marked": "fct_metrics.is_suppressed",
            "protects_against": "subtraction along any dimension and along months, quarters and years, in all bundles of"
            " a snapshot",
            "does_not_protect_against": "differences between two metrics that count the same units in two ways, and between"
            " two snapshots",
        },
        {
            "what": "registers of the pack",
            "reason": "recipients, agreements, contracts, schedules and attestations are no public matter",
        },
        {
            "what": "exempt from hiding",
            "reason": "rpt_ccpa_7102 is exact because 11 CCR 7102 asks for exact numbers",
        },
    ]


def columns_of(connection: duckdb.DuckDBPyConnection, mart: Mart) -> dict[str, str]:
    """Name and SQL type of the columns of a mart."""
    found = connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = 'marts' and table_name = ?"
        " order by ordinal_position",
        [mart.name],
    )
    return dict(found.fetchall())
