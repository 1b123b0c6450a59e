"""Record sets for tests: the pack that governs them, their rows in a warehouse, and what must be published.

Here: rows of the log out of the oracle's events, and the comparison of mart and oracle. Not here: lives (random_records.py and
the tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from oracles.records import EVENT_TYPES, Event, Policy, Verdict, evaluate, last_scans
from warehouse import Warehouse

ZONE = ZoneInfo("Europe/Dublin")
MODELS = ("+fct_records",)
ARRIVAL = {"batch_id", "row_number", "source"}
# Every kind of specificity, ties of every kind, a minimum that is longer than the maximum, and rows without one of the two.
SCHEDULE = """\
schedule_id,data_category,purpose_code,jurisdiction,min_period,max_period,trigger,legal_basis,citation,valid_from,valid_to,max_wait
MAIL,mail,,,,P1M,created,,,,,
MAIL-NEWS,mail,news,,P10D,P1M10D,last_activity,,,,,
MAIL-US,mail,,US,,P20D,created,,,,,
MAIL-US-CA,mail,,US-CA,P0D,P25D,trigger,,,,,P1M
MAIL-NEWS-US,mail,news,US,P1M,P2M,trigger,,,,,P20D
MAIL-NEWS-US-CA,mail,news,US-CA,,P10D,created,,,2025-03-01,2026-02-15,
BILLS,bills,,,P2M,P2M,trigger,,,,,P15D
BILLS-IE,bills,,IE,P1M,,created,,,,,
BILLS-NEWS,bills,news,,P1M1D,P40D,last_activity,,,,,
CALLS-3,calls,,,,P1M,created,,,,,
CALLS-2,calls,,,,P30D,created,,,,,
CALLS-1,calls,,,,P30D,last_activity,,,,,
CALLS-0,calls,,,P5D,,created,,,,,
CALLS-5,calls,,,,P9D,created,,,2025-06-01,2025-12-01,
CALLS-6,calls,,,,P35D,last_activity,,,2025-07-01,2025-09-10,
CALLS-FR-2,calls,,FR,,P1M,created,,,,,
CALLS-FR-1,calls,,FR,,P31D,last_activity,,,,,
ODD,odd,,,P1M,P20D,created,,,,,
"""
TERMS = """\
contract_ref,data_category,max_period,valid_from,valid_to
CT-1,mail,P10D,,
CT-1,bills,P1M,,
CT-1,odd,P5D,,
CT-2,mail,P30D,,
CT-2,calls,P1M,,
CT-2,bills,P45D,,
CT-3,mail,P7D,2025-06-01,2026-01-01
CT-3,mail,P12D,2026-01-01,
CT-3,bills,P3M,,
"""


def write_pack(folder: Path) -> Path:
    """A pack with both registers and nothing else."""
    folder.mkdir()
    (folder / "pack.yml").write_text(
        "name: Records\nversion: '1'\neffective_from: 2018-01-01\nhold_review: P20D\nactivity_run_days: 2\n", encoding="utf-8"
    )
    (folder / "retention_schedule.csv").write_text(SCHEDULE, encoding="utf-8")
    (folder / "contract_terms.csv").write_text(TERMS, encoding="utf-8")
    return folder


def prepared(folder: Path) -> Warehouse:
    """A warehouse with that pack and no row."""
    folder.mkdir(exist_ok=True)
    return Warehouse(folder).prepare(write_pack(folder / "records-pack"))


def rows_of(lives: Mapping[str, Iterable[Event]]) -> list[dict[str, Any]]:
    """Rows of the log of those lives, by record_id."""
    return [
        {name: value for name, value in asdict(event).items() if value is not None}
        | {"record_id": record_id, "occurred_at": event.occurred_at.astimezone(UTC).isoformat()}
        for record_id, events in lives.items()
        for event in events
    ]


def published(warehouse: Warehouse, as_of: datetime) -> dict[str, dict[str, Any]]:
    """The product's rows at an instant, by record_id."""
    warehouse.build(as_of.isoformat(), select=MODELS)
    rows = warehouse.rows("select * from outgoing.marts.fct_records")
    return {row["record_id"]: {name: _plain(value) for name, value in row.items()} for row in rows}


def expected(lives: Mapping[str, Iterable[Event]], policy: Policy, as_of: datetime) -> dict[str, dict[str, Any]]:
    """The oracle's rows, as text where the product's rows are text."""
    scans = last_scans(lives.values(), as_of)
    verdicts = {record_id: evaluate(events, policy, ZONE, as_of, scans=scans) for record_id, events in lives.items()}
    return {record_id: as_published(verdict) for record_id, verdict in verdicts.items() if verdict is not None}


def as_published(verdict: Verdict) -> dict[str, Any]:
    """A verdict with dates and instants as ISO text."""
    return {name: _plain(value) for name, value in verdict.as_dict().items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Columns in which the product's row and the oracle's verdict do not agree."""
    return {name: (ours[name], value) for name, value in theirs.items() if ours[name] != value}


def as_text(events: Iterable[Event]) -> str:
    """A life that a person can read."""
    ordered = sorted(events, key=lambda event: (event.occurred_at, EVENT_TYPES.index(event.event_type)))
    return "\n".join(
        f"    {event.occurred_at.isoformat()} {event.event_type} "
        + " ".join(f"{name}={value}" for name, value in asdict(event).items() if value is not None and name not in _TOLD)
        for event in ordered
    )


_TOLD = {"event_type", "occurred_at", "event_id"}


def in_disorder(dice: Random, rows: list[dict[str, Any]], parts: int) -> list[list[dict[str, Any]]]:
    """The same rows in several deliveries, some of them twice."""
    again = rows + dice.sample(rows, len(rows) // 3)
    dice.shuffle(again)
    return [again[part::parts] for part in range(parts)]
