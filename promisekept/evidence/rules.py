"""The rules that a bundle was judged by: the pack as it was kept, and the policy's own versions.

Here: the files below `data/pack` and `data/policy`. Not here: what a pack may hold (policy/).
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.durable import json_bytes
from promisekept.policy.unpacking import register_csv

PACK_FILE = "pack.json"


PUBLIC_REGISTERS = frozenset({"regimes", "calendars", "jurisdictions", "clauses", "controls", "control_metrics"})
"""The law and the promises. Recipients, contracts, schedules and attestations are the organisation's own affair."""


def write_pack(document: bytes, folder: Path, *, is_public: bool) -> None:
    """Write a pack: `pack.json`, whose SHA-256 is the pack's own hash, and each of its registers as CSV.

    A public bundle holds the registers of the law and of the promises alone.
    """
    if not is_public:
        (folder / PACK_FILE).write_bytes(document)
    for name, rows in sorted(json.loads(document)["registers"].items()):
        if is_public and name not in PUBLIC_REGISTERS:
            continue
        (folder / f"{name}.csv").write_bytes(register_csv(name, rows))


def write_policy(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write each version of the policy that was in force in the period, and `versions.json` with their hashes."""
    answer = connection.execute(
        "select mart.namespace, mart.policy_version, mart.published_at, mart.effective_at, mart.superseded_at, mart.material,"
        " mart.last_updated_shown, mart.event_id from marts.fct_policy_versions as mart, scope"
        " where coalesce((mart.effective_at at time zone scope.zone)::date < scope.end_date, false)"
        " and coalesce((mart.superseded_at at time zone scope.zone)::date >= scope.start_date, true)"
        " order by mart.effective_at, mart.policy_version, mart.namespace"
    )
    names = [column[0] for column in answer.description]
    versions = []
    for number, row in enumerate(answer.fetchall(), start=1):
        told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in zip(names, row, strict=True)}
        content, file = json_bytes(told), f"version-{number}.json"
        (folder / file).write_bytes(content)
        versions.append({"policy_version": told["policy_version"], "file": file, "sha256": hashlib.sha256(content).hexdigest()})
    (folder / "versions.json").write_bytes(json_bytes({"in_force": versions}))
