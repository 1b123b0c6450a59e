"""Hundreds of sources that deliver when they like, and a log whose events name a system or none.

Here: the random deliveries and events, and a warehouse in which they are counted. Not here: what ought to come of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import model_builds
from warehouse import Warehouse

ZONE = "Europe/Dublin"
AS_OF = datetime(2026, 4, 20, 10, tzinfo=UTC)  # the clocks went forward on 29 March
FIRST = datetime(2026, 3, 20, tzinfo=UTC)
CLASSES = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
COUNTED = ("source_rows", "read", *CLASSES)
SYSTEMS = ("crm", "erp", None)
COUNT = 300
MODELS = (
    *("int_evidence__counts_by_build", "int_evidence__days", "int_evidence__uncounted_days"),
    *("int_controls__sources", "int_controls__staleness"),
    *("int_controls__log_verdicts", "int_deliveries__missed", "fct_source_completeness", "rpt_scope"),
)
REGISTERED = {"crm": (None, None), "vault": (None, date(2026, 4, 1)), "safe": (date(2026, 4, 1), None)}
PERIODS = [
    ("month", date(2026, 2, 1), date(2026, 3, 1)),
    ("month", date(2026, 3, 1), date(2026, 4, 1)),
    ("month", date(2026, 4, 1), date(2026, 5, 1)),
    ("quarter", date(2026, 1, 1), date(2026, 4, 1)),
    ("to_date", None, None),
]


def deliveries(dice: Random) -> list[dict[str, Any]]:
    """Batches of sources, each with an interval of its own; some come at the very instant at which they fall due."""
    delivered = []
    for number in range(COUNT):
        every = timedelta(hours=dice.choice((6, 24, 24, 36, 168)))
        moment = FIRST + timedelta(hours=dice.randint(0, 400))
        grace = timedelta(hours=dice.choice((0, 0, 1, 12)))
        for _ in range(dice.randint(0, 8)):
            counts = {name: dice.randint(0, 5) for name in CLASSES}
            delivered.append(
                {"source": f"s{number}", "landed_at": moment, "superseded": dice.random() < 0.2, "every": every, "grace": grace}
                | counts
                | {"read": sum(counts.values()), "source_rows": sum(counts.values()) + dice.randint(0, 3)}
            )
            moment += dice.choice((every + grace, every + grace + timedelta(microseconds=1), every * 3, every / 2, timedelta()))
    return delivered


def happenings(dice: Random) -> list[dict[str, Any]]:
    """Rows of the retention log, of which some name a system, some lie ahead, and some happen as a local day begins."""
    return [
        {"event_id": f"e{number}", "record_id": f"r{number}", "event_type": "created", "source": f"s{dice.randint(0, 40)}"}
        | {"system": dice.choice(SYSTEMS), "data_category": "mail", "purpose_code": "news", "record_count": 1}
        | {"landed_at": AS_OF + timedelta(days=3)}
        | {
            "occurred_at": FIRST
            + timedelta(days=dice.randint(0, 33), hours=dice.choice((0, 22, 23)), minutes=dice.choice((0, 59)))
        }
        for number in range(2000)
    ]


def totals(dice: Random) -> list[tuple[str, date, int]]:
    """What somebody counted for some of the days of some sources, before and after as_of."""
    return [
        (f"s{number}", FIRST.date() + timedelta(days=day), dice.randint(0, 4))
        for number in range(0, 40, 2)
        for day in range(34)
        if dice.random() < 0.6
    ]


def gaps(dice: Random) -> list[tuple[str, int, int, datetime]]:
    """Stretches of numbers that never came, seen by deliveries that land as a local day begins."""
    return [
        (source, 10 * number, dice.randint(1, 9), FIRST + timedelta(days=dice.randint(0, 30), hours=dice.choice((22, 23))))
        for source in sorted(NUMBERED)
        for number in range(dice.randint(0, 6))
    ]


BATCHES = deliveries(Random(5))
NUMBERED = {row["source"] for row in BATCHES[::9]}
EVENTS = happenings(Random(6))
TOTALS = totals(Random(7))
GAPS = gaps(Random(8))


def delivered(folder: Path) -> Warehouse:
    """What came of it, counted by day and by period."""
    warehouse = Warehouse(folder, zone=ZONE).prepare(_pack(folder))
    warehouse.land([row | {"occurred_at": row["occurred_at"].isoformat()} for row in EVENTS], log="retention")
    with warehouse.connect() as db:
        db.execute("drop table landing.batches; drop table landing.sources")
        db.execute(
            "create table landing.batches (seq bigint, batch_id varchar, source varchar, log varchar, namespace varchar,"
            " landed_at timestamptz, superseded boolean, landed_again boolean, first_event_at timestamptz,"
            " last_event_at timestamptz, mapped bigint, skipped bigint, unmapped bigint, held_back bigint,"
            f" {', '.join(f'{name} bigint' for name in COUNTED)})"
        )
        db.execute(
            "create table landing.sources (source varchar, log varchar, namespace varchar, expect_every_seconds bigint,"
            " expect_grace_seconds bigint, has_control_total boolean, sequence_column varchar, declared_due varchar);"
            "create table landing.held_back (source varchar, landed_at timestamptz, is_replaced boolean, reason varchar);"
            "create table landing.control_totals (source varchar, day date, stated bigint, landed_at timestamptz);"
            "create table landing.sequence_gaps (source varchar, column_name varchar, first_missing bigint, last_missing bigint,"
            " missing bigint, batch_id varchar, landed_at timestamptz)"
        )
        db.executemany(
            "insert into landing.batches by name select ? as source, 'retention' as log, 'n' as namespace, ? as landed_at,"
            f" ? as superseded, {', '.join(f'? as {name}' for name in COUNTED)}",
            [[row["source"], row["landed_at"], row["superseded"], *(row[name] for name in COUNTED)] for row in BATCHES],
        )
        expected = {row["source"]: (row["every"], row["grace"]) for row in BATCHES}
        db.executemany(
            "insert into landing.sources values (?, 'retention', 'n', ?, ?, false, ?, 'date')",
            [
                [source, int(every.total_seconds()), int(grace.total_seconds()), "number" if source in NUMBERED else None]
                for source, (every, grace) in expected.items()
            ],
        )
        db.execute("insert into landing.sources values ('unstated', 'retention', 'n', null, null, false, null, 'date')")
        db.executemany("insert into landing.control_totals values (?, ?, ?, null)", TOTALS)
        db.executemany(
            "insert into landing.sequence_gaps values (?, 'number', ?, ?, ?, 'b', ?)",
            [[source, first, first + missing - 1, missing, landed_at] for source, first, missing, landed_at in GAPS],
        )
        db.execute("insert into landing.held_back values ('unstated', '2026-04-02 23:30:00+00', false, 'not_utf8')")
        db.execute(
            "create table run.source_verdicts (log varchar, source varchar, suite varchar, verdict varchar, declared bigint,"
            " passed bigint, failed_checks varchar[]);"
            "create schema if not exists intermediate;"
            "create table intermediate.int_metrics__periods (period_grain varchar, period_start date, period_end date)"
        )
        db.executemany("insert into intermediate.int_metrics__periods values (?, ?, ?)", PERIODS)
    warehouse.build(AS_OF.isoformat(), select=["path:models/staging"])
    model_builds.by_dbt(warehouse.folder, warehouse.file, "--select", *MODELS, "--full-refresh")
    return warehouse


def _pack(folder: Path) -> Path:
    pack = folder / "pack"
    pack.mkdir()
    (pack / "pack.yml").write_text("name: systems\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
    rows = [f"{system},,{start or ''},{end or ''}" for system, (start, end) in REGISTERED.items()]
    (pack / "systems.csv").write_text("\n".join(["system,name,valid_from,valid_to", *rows, ""]), encoding="utf-8")
    return pack
