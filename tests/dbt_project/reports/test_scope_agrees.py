"""Which of hundreds of sources and their systems are in scope of each period: the report states what an auditor computes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then
from oracles.scope import reason
from random_deliveries import AS_OF, BATCHES, EVENTS, PERIODS, REGISTERED, ZONE
from warehouse import Warehouse

from promisekept.sources.contract import contract


def day(moment) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def scope(warehouse: Warehouse, where: str) -> dict[tuple[str | None, str | None, str, str | None], dict]:
    rows = warehouse.rows(f"from outgoing.marts.rpt_scope where {where}")
    found = {(row["source"], row["system"], row["period_grain"], row["period_start"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_each_source_and_each_system_that_it_names_has_its_reason_in_every_period(warehouse):
    days: dict[tuple[str, str | None], list[date]] = defaultdict(list)
    landed: dict[str, list[date]] = defaultdict(list)
    for event in by_then(EVENTS, AS_OF):
        for subject in {(event["source"], None), (event["source"], event["system"])}:
            days[subject].append(day(event["occurred_at"]))
    for batch in BATCHES:
        if not batch["superseded"]:
            landed[batch["source"]].append(day(batch["landed_at"]))
    late = {row["source"] for row in warehouse.rows("from intermediate.int_controls__sources where freshness = 'stale'")}
    last = {row["source"]: day(row["landed_at"]) for row in sorted(BATCHES, key=lambda row: row["landed_at"])}
    quiet = {
        (row["period_grain"], row["period_start"]): row["is_evidenced"]
        for row in warehouse.rows("from intermediate.int_controls__staleness where log = 'retention'")
    }
    found = scope(warehouse, "log = 'retention' and source is not null")
    sources = {row["source"] for row in warehouse.rows("from landing.sources")} | {row["source"] for row in BATCHES}
    subjects = {(source, None) for source in sources} | {(source, system) for source, system in days if system}
    expected = {}
    for source, system in subjects:
        for grain, start, end in PERIODS:
            key = (grain, start.isoformat() if start else None)
            expected[source, system, *key] = reason(
                days[source, system],
                (start, end),
                system=system,
                landed=[*landed[source][:1], last[source]] if landed[source] else [],
                stale=source in late,
                evidenced=quiet[key],
                today=day(AS_OF),
            )
    assert {key: row["reason"] for key, row in found.items()} == expected
    assert len(set(expected.values())) >= 5, Counter(expected.values())


def test_what_no_event_names_is_out_of_scope_by_name(warehouse):
    found = scope(warehouse, "log = 'retention' and source is null")
    assert {(key[1], row["reason"]) for key, row in found.items()} == {("vault", "never_named"), ("safe", "never_named")}
    listed = {key[1:]: row["is_registered"] for key, row in found.items()}
    for grain, start, end in PERIODS:
        for system in ("vault", "safe"):
            first, last = REGISTERED[system]
            held = (first is None or end is None or first < end) and (last is None or start is None or last > start)
            assert listed[system, grain, start.isoformat() if start else None] == held
    others = warehouse.rows("from outgoing.marts.rpt_scope where log <> 'retention'")
    assert {row["reason"] for row in others} == {"no_source"}
    assert {row["log"] for row in others} == contract().keys() - {"retention"}
