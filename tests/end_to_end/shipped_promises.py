"""An organisation that makes the shipped promises, and the verdicts on them month by month.

Here: the starter pack with registers of a few rows, a source for each log, and how a verdict is looked up. Not here: what
happens to the organisation (the tests that begin one).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from world import Report, World, help_desk

import promisekept.policy

STARTER = Path(promisekept.policy.__file__).parent / "starter_pack"
AS_OF = "2026-12-01"
VERDICTS = ("fct_control_results", "fct_control_status")
WITHOUT_PERSONS = ("incidents", "policies")
REGISTERS = {
    "purposes": "purpose_code,name,consent_required,withdrawal_hours,systems\n"
    "care,Care,no,,\nnews,News,yes,72,mailer\ntrips,Trips,yes,72,\n",
    "data_categories": "data_category,name\ncontact,Contact\n",
    "recipients": "recipient_id,recipient_kind,allowed_purposes,allowed_categories\n"
    "host,service_provider,care,contact\nsister,other_authorised,care,contact\n"
    "unsigned,other_authorised,care,contact\n",
    "agreements": "recipient_id,agreement_ref,valid_from,valid_to,transfer_mechanism\n"
    "host,A-1,,,clauses\nsister,A-2,,,clauses\nunsigned,A-3,,,\n",
}
SHARED = {"subject_ref": "ann", "recipient_id": "host", "reason_code": "provide_service", "purpose_code": "care"}
SHARED |= {"data_categories": ["contact"], "destination_country": "IE", "consideration": "none", "record_count": 1}
COLLECTED = {"subject_ref": "ann", "data_categories": ["contact"], "purpose_code": "care"}
KINDS: dict[str, dict[str, Any]] = {"AUTO": {"collection_type": "automatic"}, "REQUESTED": {"collection_type": "requested"}}
KINDS["FEATURE"] = {"collection_type": "feature", "feature": "call_recording"}
DECIDED = {"subject_ref": "ann", "mechanism": "form"}
RECORD = {"system": "crm", "data_category": "contact", "purpose_code": "care", "record_count": 1}


def begun(folder: Path, *logs: str, **settings: Any) -> World:
    """An organisation with the shipped promises, and a source for each log; other settings of the sources as keywords."""
    world = World(folder)
    for file in STARTER.iterdir():
        shutil.copy(file, folder / "pack" / file.name)
    for register, text in REGISTERS.items():
        (folder / "pack" / f"{register}.csv").write_text(text, encoding="utf-8")
    world.configure(*(source | settings for source in [help_desk("helpdesk", inbox="requests"), *map(source_of, logs)]))
    return world


def source_of(log: str) -> dict[str, Any]:
    """Where a log comes from; incidents and policies name no person, so that no identifiers are compared."""
    return help_desk(log, inbox=log) | {"log": log} | ({"defaults": {}} if log in WITHOUT_PERSONS else {})


def verdict(report: Report, control: str, metric: str, month: int, value: str = "all") -> str:
    (row,) = report.table(
        "fct_control_results",
        f"control_id = 'CTL-{control}' and metric_code = '{metric}' and dimension_value = '{value}'"
        f" and period_grain = 'month' and period_start = '2026-{month:02d}-01'",
    )
    return str(row["status"])


def control(report: Report, name: str, month: int) -> dict[str, Any]:
    (row,) = report.table(
        "fct_control_status",
        f"control_id = 'CTL-{name}' and period_grain = 'month' and period_start = '2026-{month:02d}-01'",
    )
    return row
