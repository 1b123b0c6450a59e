"""The leanest script that computes the facts of all logs: what one engineer would write by hand, without a framework.

Here: what each log has and what makes a row of it valid, the order of the files, the seconds of each statement. Not here: the
statements (lean_logs_sql/; those of the requests log in lean_sql/). It computes facts and a handful of rates, for the pack in
pack/; it keeps no ledger, no history, no findings and no tests.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.lean import Task, compute_requests, opened, pads, run

SQL = Path(__file__).with_name("lean_logs_sql")
_PERSON = "subject_key, subject_ref_type"
_PLACE = "(jurisdiction is null or regexp_full_match(jurisdiction, '[A-Z]{2}(-[A-Z0-9]{1,3})?'))"
_PEOPLE = "left join people_of_logs using (subject_ref, subject_ref_type)"
_KEYED = """
create temp table people_of_logs as
select
    subject_ref, subject_ref_type,
    left(sha256($opad::blob || unhex(sha256($ipad::blob || encode(
        subject_ref_type || ':' || nfc_normalize(lower(nfc_normalize(trim(subject_ref))))
    )))), 32) as subject_key
from ({refs});
"""


@dataclass(frozen=True)
class _Log:
    """The columns of a log beside the common ones, and what is true of a valid row."""

    columns: str
    valid: str
    joins: str = _PEOPLE


_LOGS = {
    "consents": _Log(
        f"{_PERSON}, purpose_code, event_type, mechanism, policy_version, notice_id, jurisdiction, system, evidence_ref",
        "subject_ref is not null and purpose_code is not null"
        " and event_type in ('shown', 'given', 'refused', 'withdrawn', 'renewed', 'expired', 'invalidated', 'withdrawal_applied')"
        " and mechanism in ('banner', 'form', 'contract', 'verbal', 'api', 'gpc')"
        f" and (event_type <> 'withdrawal_applied' or system is not null) and {_PLACE}"
        " and (evidence_ref is null or regexp_full_match(evidence_ref, '[A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]+'))",
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
        "people_of_logs.subject_key, subject_ref_type, others.subject_key as other_key, other_ref_type",
        "numbered.subject_ref is not null and other_ref is not null",
        f"{_PEOPLE}\nleft join people_of_logs as others on other_ref = others.subject_ref"
        " and other_ref_type = others.subject_ref_type",
    ),
}  # fmt: skip


def compute(task: Task, pack: Path) -> dict[str, float]:
    """Read the inboxes and write `work/snapshot.duckdb`.

    Args:
        task: `inbox` is the folder that holds a folder per log.
        pack: the registers.

    Returns:
        Seconds by statement, longest first.
    """
    requests = Task(task.inbox / "requests", task.work, task.as_of, task.key)
    with opened(task) as connection:
        seconds = compute_requests(connection, requests)
        connection.execute("set variable pack = $pack", {"pack": str(pack)})
        seconds |= run(connection, "persons", _KEYED.format(refs=_references(task.inbox)), pads(task.key))
        landing = (SQL / "0_landing.sql").read_text(encoding="utf-8")
        for name, log in _LOGS.items():
            sql = landing.format(
                log=name,
                inbox=task.inbox / name / "*.parquet",
                landed=task.work / f"{name}.parquet",
                columns=log.columns,
                joins=log.joins,
                valid=log.valid,
            )
            seconds |= run(connection, f"landing of {name}", sql, {})
        for file in sorted(SQL.glob("[1-9]_*.sql")):
            seconds |= run(connection, file.stem, file.read_text(encoding="utf-8"), {})
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _references(inbox: Path) -> str:
    named = [name for name, log in _LOGS.items() if log.joins]
    selects = [f"select subject_ref, subject_ref_type from read_parquet('{inbox / name / '*.parquet'}')" for name in named]
    selects.append(f"select other_ref, other_ref_type from read_parquet('{inbox / 'subject_links' / '*.parquet'}')")
    return "select distinct * from (" + " union all ".join(selects) + ") where subject_ref is not null"


def main() -> None:
    """Run once, as a process of its own, so that its memory can be measured; prints seconds by statement as JSON."""
    parser = argparse.ArgumentParser(description="Compute the facts of all logs by hand.")
    parser.add_argument("inbox", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--as-of", type=datetime.fromisoformat, required=True)
    parser.add_argument("--key", type=Path, required=True, help="the file that holds the pseudonym key")
    parser.add_argument("--pack", type=Path, required=True, help="the folder of the registers")
    given = parser.parse_args()
    task = Task(given.inbox, given.work, given.as_of, given.key.read_bytes().strip())
    json.dump(compute(task, given.pack), sys.stdout)


if __name__ == "__main__":
    main()
