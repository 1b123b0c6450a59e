"""The rules of a bundle: the pack as it was kept, and the policy's own versions.

Here: the files below `data/pack` and `data/policy`. Not here: what a pack may hold (policy/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from promisekept.durable import json_bytes
from promisekept.errors import EvidenceError
from promisekept.evidence.tables import BundleTable, is_nested, write_table
from promisekept.policy.loading import read_document
from promisekept.policy.registers import REGISTERS
from promisekept.policy.relations import attach_pack
from promisekept.publishing.history import history_database
from promisekept.publishing.reader import rows

PACK_FILE = "pack.json"
_MADE_OF_IT = ("holidays", "notification_periods", "registers", "settings")
_NOT_OF_THE_DOCUMENT: Mapping[str, str] = {"registers": "shipped"} | dict.fromkeys(REGISTERS, "line")
"""Where a row stood in a file, and whose file it was, is not kept with a pack."""

PUBLIC_REGISTERS = frozenset(
    {"regimes", "calendars", "holidays", "jurisdictions", "clauses", "controls", "control_metrics", "notification_rules"}
)
"""The law and the promises. Recipients, contracts, schedules and attestations are the organisation's own affair."""


def write_pack(document: bytes, folder: Path, *, is_public: bool) -> list[BundleTable]:
    """Write a pack: `pack.json`, whose SHA-256 is the pack's own hash, and each of its registers as the models read it.

    That is with periods as months and days, and with the holidays of each calendar day by day. A public bundle holds the
    registers of the law and of the promises alone.

    Raises:
        EvidenceError: the installed library of holidays is not of the version that the pack was read with.
    """
    pack = read_document(document)
    if pack.library_version != version("holidays"):
        raise EvidenceError(
            f"The snapshot's calendars are those of holidays {pack.library_version}; installed is {version('holidays')},"
            " which may know other days.\n"
            f"  Install holidays=={pack.library_version} for this export, or run `promisekept run` and export the new snapshot."
        )
    if not is_public:
        (folder / PACK_FILE).write_bytes(document)
    names = [name for name in (*REGISTERS, *_MADE_OF_IT) if not is_public or name in PUBLIC_REGISTERS]
    with history_database() as connection:
        attach_pack(connection, pack)
        return [_write_register(connection, name, folder) for name in sorted(names)]


def _write_register(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> BundleTable:
    described = connection.execute(f"describe pack.{name}").fetchall()
    columns = {column: kind for column, kind, *_ in described if column != _NOT_OF_THE_DOCUMENT.get(name)}
    selected = [f"to_json({column})::varchar as {column}" if is_nested(kind) else column for column, kind in columns.items()]
    return write_table(
        connection, f"select {', '.join(selected)} from pack.{name}", folder, name, key=(), columns=columns, copies=False
    )


def contracts_of(document: bytes) -> list[str]:
    """The contracts whose terms a pack names."""
    return sorted({str(row["contract_ref"]) for row in read_document(document).rows("contract_terms")})


def write_policy(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write each version of the policy that was in force in the period, and `versions.json` with their hashes."""
    found = rows(
        connection,
        "select mart.namespace, mart.policy_version, mart.published_at, mart.effective_at, mart.superseded_at, mart.material,"
        " mart.last_updated_shown from marts.fct_policy_versions as mart, scope"
        " where coalesce((mart.effective_at at time zone scope.zone)::date < scope.end_date, false)"
        " and coalesce((mart.superseded_at at time zone scope.zone)::date >= scope.start_date, true)"
        " order by mart.effective_at, mart.policy_version, mart.namespace",
    )
    versions = []
    for number, row in enumerate(found, start=1):
        stated = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        content, file = json_bytes(stated), f"version-{number}.json"
        (folder / file).write_bytes(content)
        versions.append({"policy_version": stated["policy_version"], "file": file, "sha256": hashlib.sha256(content).hexdigest()})
    (folder / "versions.json").write_bytes(json_bytes({"in_force": versions}))
