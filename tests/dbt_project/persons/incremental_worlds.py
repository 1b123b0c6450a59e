"""A warehouse of all logs whose facts are built incrementally.

Here: what is built, what is compared, and a pack in which consent soon lapses. Not here: what is delivered, or any rule.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from all_logs import DEMO
from warehouse import Warehouse

MARTS = (
    *("fct_requests", "fct_consents", "fct_withdrawal_systems", "fct_disclosures", "fct_collections", "fct_processing"),
    *("fct_records", "fct_erasures"),
)
MODELS = (
    *("int_consents__decisions", "int_consents__active", "int_metrics__consents_first_contacts", "int_records__timeline"),
    "int_records__partial_deletions",
    *("int_evidence__days", "int_findings__orphans", "int_findings__rows"),
)
FACTS = (*(f"outgoing.marts.{mart}" for mart in MARTS), *(f"intermediate.{model}" for model in MODELS))
SELECT = tuple(f"+{name}" for name in (*MARTS, *MODELS))
PURPOSES = """\
purpose_code,name,consent_required,consent_valid_days,withdrawal_hours,systems
product_news,News,yes,6,48,marketing_mail;crm
partner_sharing,Partners,yes,,72,crm;partner_gateway
service_delivery,The services,no,,,
"""
Row = dict[str, Any]


def prepared(folder: Path) -> Warehouse:
    """Empty logs, the registers of the demo, and purposes of which one is consented to for six days."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(DEMO, folder / "pack")
    (folder / "pack" / "purposes.csv").write_text(PURPOSES, encoding="utf-8")
    return Warehouse(folder).prepare(folder / "pack")


def land(warehouse: Warehouse, rows: Iterable[Row]) -> None:
    """Land rows as one batch per log; who is meant is called by the name under which a source would speak of the person."""
    by_log: dict[str, list[Row]] = {}
    for row in rows:
        keyed = {_key_of.get(name, name): value for name, value in row.items() if name not in ("log", "other_ref_type")}
        by_log.setdefault(row["log"], []).append(keyed)
    for log, log_rows in by_log.items():
        warehouse.land(log_rows, log=log)


_key_of = {"subject_ref": "subject_key", "other_ref": "other_key"}


def build(warehouse: Warehouse, as_of: datetime, *, full_refresh: bool) -> Warehouse:
    """Build the facts without their tests."""
    return warehouse.build(as_of.isoformat(), full_refresh=full_refresh, select=SELECT)


def facts(warehouse: Warehouse) -> dict[str, list[Row]]:
    """Every row of every fact, in an order that does not depend on how it was stored."""
    return {fact: warehouse.rows(f"select * from {fact} order by all") for fact in FACTS}


def changed_keys(warehouse: Warehouse, model: str, key: str = "subject_key") -> set[str]:
    """Of whom or of what the last build computed the facts, as a model of changed keys has it."""
    return {row[key] for row in warehouse.rows(f"select {key} from intermediate.{model}")}
