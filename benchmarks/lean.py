"""The leanest script that computes the facts of all logs: what one engineer would write without a framework.

Here: what each log has and what makes a row of it valid, the law and the holidays as tables, the order of the statements and
the seconds of each. Not here: the statements (lean_sql/). It computes facts and a handful of rates, for the pack in pack/; it
keeps no ledger, no history, no findings and no tests.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from promisekept.policy.calendars import build_calendar
from promisekept.policy.loading import SHIPPED, RegisterRow

SQL = Path(__file__).with_name("lean_sql")
ZONE = "Europe/Dublin"
_PERSON = "subject_key, subject_ref_type"
_PLACE = "(jurisdiction is null or regexp_full_match(jurisdiction, '[A-Z]{2}(-[A-Z0-9]{1,3})?'))"
_EVIDENCE = "(evidence_ref is null or regexp_full_match(evidence_ref, '[A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]+'))"
_JOIN = "left join people using (subject_ref, subject_ref_type)"


@dataclass(frozen=True)
class Task:
    """What one run reads and writes.

    Attributes:
        inbox: the folder that holds a folder with Parquet files per log.
        work: a folder for the landed files and the snapshot.
        as_of: the instant as of which facts are computed.
        key: the pseudonym key.
        pack: the registers.
        memory_limit: of DuckDB, such as 8GB; None for its own, which is most of the machine's.
    """

    inbox: Path
    work: Path
    as_of: datetime
    key: bytes
    pack: Path
    memory_limit: str | None = None


@dataclass(frozen=True)
class _Log:
    """The columns of a log beside the common ones, and what is true of a valid row."""

    columns: str
    valid: str
    joins: str = _JOIN


_LOGS = {
    "requests": _Log(
        f"{_PERSON}, request_id, right_type, event_type, jurisdiction, regime_code, channel, reason_code, duplicate_of,"
        " purpose_codes, coalesce(role, 'controller') as role, declared_due_at, system, evidence_ref",
        "request_id is not null and try_cast(event_type as event_type) is not null"
        " and (right_type is null or right_type in ('access', 'portability', 'rectification', 'erasure', 'restriction',"
        " 'objection', 'automated_decision', 'opt_out_sale_share', 'limit_sensitive', 'consent_withdrawal', 'appeal'))"
        " and (channel is null or channel in ('email', 'mail', 'web_form', 'phone', 'in_app', 'in_person', 'agent'))"
        " and (reason_code is null or try_cast(reason_code as reason) is not null)"
        f" and (role is null or role in ('controller', 'processor')) and {_PLACE} and {_EVIDENCE}"
        " and (reason_code is not null or event_type not in ('denied', 'partially_fulfilled', 'excluded'))"
        " and (event_type <> 'received' or (right_type is not null and jurisdiction is not null and channel is not null"
        " and subject_ref is not null))",
    ),
    "consents": _Log(
        f"{_PERSON}, purpose_code, event_type, mechanism, policy_version, notice_id, jurisdiction, system, evidence_ref",
        "subject_ref is not null and purpose_code is not null"
        " and event_type in ('shown', 'given', 'refused', 'withdrawn', 'renewed', 'expired', 'invalidated', 'withdrawal_applied')"
        " and mechanism in ('banner', 'form', 'contract', 'verbal', 'api', 'gpc')"
        f" and (event_type <> 'withdrawal_applied' or system is not null) and {_PLACE} and {_EVIDENCE}",
    ),
    "disclosures": _Log(
        f"{_PERSON}, recipient_id, reason_code, purpose_code, data_categories, collected_at, disclosed_to_subject_at,"
        " disclosure_exemption, authority_ref, destination_country, consideration, record_count",
        "recipient_id is not null and purpose_code is not null and data_categories is not null and record_count >= 1"
        " and reason_code in ('provide_service', 'service_functionality', 'consented_or_requested', 'required_by_law', 'other')"
        " and consideration in ('none', 'monetary', 'other_valuable')"
        " and (disclosure_exemption is null or disclosure_exemption in ('legal_prohibition', 'not_possible', 'already_informed'))"
        " and (destination_country is null or regexp_full_match(destination_country, '[A-Z]{2}'))",
    ),
    "retention": _Log(
        f"{_PERSON}, record_id, event_type, system, data_category, purpose_code, jurisdiction, contract_ref, hold_ref, method,"
        " record_count",
        "record_id is not null"
        " and event_type in"
        " ('created', 'last_activity', 'trigger', 'hold_placed', 'hold_released', 'deleted', 'anonymised', 'seen')"
        " and (event_type <> 'created' or system is not null and data_category is not null and purpose_code is not null"
        " and record_count >= 1) and (event_type not in ('hold_placed', 'hold_released') or hold_ref is not null)"
        f" and {_PLACE}",
    ),
    "collections": _Log(
        f"{_PERSON}, collection_type, feature, data_categories, purpose_code, notice_shown_at, notice_id, policy_version,"
        " notice_exemption, jurisdiction",
        "subject_ref is not null and collection_type in ('automatic', 'requested', 'feature') and data_categories is not null"
        " and (collection_type <> 'feature' or feature is not null) and purpose_code is not null"
        " and (notice_exemption is null or notice_exemption in ('not_required', 'not_reasonable', 'already_informed'))"
        f" and {_PLACE}",
    ),
    "processing": _Log(
        f"{_PERSON}, purpose_code, system, data_categories, automated_decision, legal_basis",
        "subject_ref is not null and purpose_code is not null and system is not null and data_categories is not null"
        " and automated_decision is not null and legal_basis in ('consent', 'contract', 'legal_obligation', 'vital_interests',"
        " 'public_task', 'legitimate_interests', 'other')",
    ),
    "incidents": _Log(
        "incident_id, event_type, incident_type, jurisdiction, affected_subjects",
        "incident_id is not null and event_type is not null and coalesce(affected_subjects >= 0, true)"
        " and (event_type <> 'detected' or incident_type is not null and jurisdiction is not null)",
        "",
    ),
    "policies": _Log(
        "policy_version, event_type, material, last_updated_shown, audience_size, notified_count",
        "policy_version is not null and event_type in ('published', 'effective', 'change_notified', 'superseded')",
        "",
    ),
    "subject_links": _Log(
        "people.subject_key, subject_ref_type, others.subject_key as other_key, other_ref_type",
        "numbered.subject_ref is not null and other_ref is not null",
        f"{_JOIN}\nleft join people as others on other_ref = others.subject_ref"
        " and other_ref_type = others.subject_ref_type",
    ),
}  # fmt: skip


def compute(task: Task) -> dict[str, float]:
    """Read the inboxes and write `work/snapshot.duckdb`.

    Returns:
        Seconds by statement, longest first.
    """
    seconds: dict[str, float] = {}
    task.work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = '{task.work / 'spilled'}'")
        if task.memory_limit:
            connection.execute(f"set memory_limit = '{task.memory_limit}'")
        connection.execute(f"attach '{task.work / 'snapshot.duckdb'}' as snapshot")
        parameters = {
            "as_of": task.as_of,
            "landed_at": datetime.now(UTC),
            "zone": ZONE,
            "pack": str(task.pack),
            "law": str(SHIPPED),
        }
        for name, value in (parameters | _pads(task.key)).items():
            connection.execute(f"set variable {name} = $value", {"value": value})
        people = (SQL / "0_people.sql").read_text(encoding="utf-8")
        seconds |= _run(connection, "people", people.format(references=_references(task.inbox)))
        landing = (SQL / "landing.sql").read_text(encoding="utf-8")
        for name, log in _LOGS.items():
            files = {"inbox": task.inbox / name / "*.parquet", "landed": task.work / f"{name}.parquet"}
            sql = landing.format(log=name, **files, columns=log.columns, joins=log.joins, valid=log.valid)
            seconds |= _run(connection, f"landing of {name}", sql)
        began = time.perf_counter()
        _build_calendars(connection)
        seconds["calendars"] = time.perf_counter() - began
        for file in sorted(SQL.glob("[1-9]_*.sql")):
            seconds |= _run(connection, file.stem, file.read_text(encoding="utf-8"))
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _run(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> dict[str, float]:
    """Run statements one by one; seconds of each by its first line."""
    seconds: dict[str, float] = {}
    for statement in connection.extract_statements(sql):
        began = time.perf_counter()
        connection.execute(statement).fetchall()
        first = next(line for line in statement.query.strip().splitlines() if line and not line.startswith("--"))
        seconds[f"{name}: {first.removesuffix(' as')}"] = time.perf_counter() - began
    return seconds


def _pads(key: bytes) -> dict[str, bytes]:
    """The two blocks of HMAC-SHA-256."""
    block = key.ljust(64, b"\0")
    return {"ipad": bytes(byte ^ 0x36 for byte in block), "opad": bytes(byte ^ 0x5C for byte in block)}


def _references(inbox: Path) -> str:
    """Every identifier of a person in any log."""
    files = [inbox / name / "*.parquet" for name, log in _LOGS.items() if log.joins]
    selects = [f"select subject_ref, subject_ref_type from read_parquet('{file}')" for file in files]
    selects.append(f"select other_ref, other_ref_type from read_parquet('{inbox / 'subject_links' / '*.parquet'}')")
    return " union all ".join(selects)


def _build_calendars(connection: duckdb.DuckDBPyConnection) -> None:
    """The holidays of the places in the log, and of the calendars that their laws name."""
    used = connection.execute(
        "select distinct calendar from places where calendar is not null and jurisdiction in"
        " (select distinct jurisdiction from requests where event_type = 'received')"
        " union select distinct calendar from rules where calendar <> 'CONTROLLER'"
    ).fetchall()
    first, last = connection.execute(
        "select year(min(occurred_at)) - 1, year(max(occurred_at)) + 4 from requests where event_type = 'received'"
    ).fetchall()[0]
    wanted = {row[0] for row in used}
    with (SHIPPED / "calendars.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["calendar"] in wanted]
    days = [(row["calendar"], day) for row in rows for day, _ in build_calendar(_typed(row), first, last).days]
    tables = {
        "calendars": pa.table({"calendar": [row["calendar"] for row in rows]}),
        "holidays": pa.table({"calendar": [code for code, _ in days], "day": pa.array([day for _, day in days], pa.date32())}),
    }
    for name, table in tables.items():
        connection.register(f"{name}_given", table)
        connection.execute(f"create temp table {name} as from {name}_given")


def _typed(row: dict[str, str]) -> RegisterRow:
    lists = {name: tuple(filter(None, row[name].split(";"))) for name in ("categories", "extra_days", "removed_days")}
    texts = {name: cell or None for name, cell in row.items()}
    return RegisterRow("calendars.csv", 0, texts | lists | {"observed": row["observed"] == "yes"})


def main() -> None:
    """Run once, as a process of its own, so that its memory can be measured; prints seconds by statement as JSON."""
    parser = argparse.ArgumentParser(description="Compute the facts of all logs without a framework.")
    parser.add_argument("inbox", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--as-of", type=datetime.fromisoformat, required=True)
    parser.add_argument("--key", type=Path, required=True, help="the file that holds the pseudonym key")
    parser.add_argument("--pack", type=Path, required=True, help="the folder of the registers")
    parser.add_argument("--memory-limit", metavar="SIZE", help="of DuckDB, such as 8GB")
    arguments = parser.parse_args()
    key = arguments.key.read_bytes().strip()
    task = Task(arguments.inbox, arguments.work, arguments.as_of, key, arguments.pack, arguments.memory_limit)
    json.dump(compute(task), sys.stdout)


if __name__ == "__main__":
    main()
