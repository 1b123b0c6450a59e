"""An invented organisation's marts, published by the real store: what the pages are tried on.

Here: small marts whose facts are drawn from a fixed seed and whose metrics, verdicts and audit tables are counted
from them in plain SQL (the .sql files beside this one). Not here: the engine (dbt_project/); its own tests hold it.
Columns are the published contract.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import invented_practice
import pandas as pd
from small_snapshots import publish_candidate

from promisekept.publishing.candidate import Candidate, Provenance, write_candidate
from promisekept.publishing.store import SnapshotStore
from promisekept.publishing.verdict import Check, SuiteResult, Verdict
from promisekept.sources.zone.ledger import Ledger

AS_OF = datetime(2026, 10, 1, 3, 59, tzinfo=UTC)  # 30 September, 23:59 in New York
HERE = Path(__file__).parent
TODAY = date(2026, 9, 30)
PLACES = (
    ("US-CA", "CCPA", 45, "day", 8),
    ("DE", "EU_GDPR", 30, "month", 5),
    ("FR", "EU_GDPR", 30, "month", 3),
    ("IE", "EU_GDPR", 30, "month", 2),
    ("GB", "UK_GDPR", 30, "month", 3),
    ("BR", "LGPD", 15, "day", 1.5),
    ("US-VA", "VCDPA", 45, "day", 2),
    ("CH", "FADP", 30, "day", 0.1),
)
RIGHTS = ("access", "erasure", "rectification", "objection", "portability", "opt_out_sale_share")


def requests(how_many: int = 1500, seed: int = 7) -> list[tuple[object, ...]]:
    """Rows of fct_requests: eighteen months of requests, most answered in time, fewer so towards the end."""
    draw = random.Random(seed)
    rows: list[tuple[object, ...]] = []
    for number in range(how_many):
        jurisdiction, regime, days, _, _ = draw.choices(PLACES, [place[4] for place in PLACES])[0]
        received = TODAY - timedelta(days=int(540 * draw.random() ** 1.2))
        extended = draw.choice(["none"] * 12 + ["valid", "late"])
        pause = draw.choice([0] * 6 + [5, 12])
        unpermitted = draw.choice([0] * 25 + [4])
        base = received + timedelta(days=days)
        due = base + timedelta(days=pause + (60 if extended == "valid" else 0))
        lateness = max(0.0, (TODAY - received).days and 1 - (TODAY - received).days / 160)
        took = int(draw.gammavariate(6, 3.3)) + (draw.random() < 0.01 + 0.05 * lateness) * draw.randint(20, 70)
        closed: date | None = received + timedelta(days=took)
        fate = draw.random()
        outcome, reason = ("denied", "exempt") if fate > 0.93 else ("fulfilled", None)
        excluded = "duplicate" if 0.88 < fate < 0.91 else "withdrawn" if 0.91 < fate < 0.92 else None
        status = "closed_on_time" if closed <= due else "closed_late"
        if closed > TODAY or draw.random() < 0.006:
            closed, outcome, reason = None, None, None
            status = "open_overdue" if due < TODAY else "paused" if draw.random() < 0.08 else "open_in_time"
        if 0.82 < fate < 0.88 and regime == "LGPD":
            status, due = "no_deadline", None
        if fate < 0.002:
            status, due = "no_rule", None
        if excluded:
            status, closed, outcome = "excluded", None, None
        if status == "paused":
            due = None
        conservative = None if due is None else due - timedelta(days=pause)
        strict = status
        if status in ("closed_on_time", "closed_late") and conservative and closed:
            strict = "closed_on_time" if closed <= conservative else "closed_late"
        elif status in ("open_in_time", "open_overdue") and conservative:
            strict = "open_overdue" if conservative < TODAY else "open_in_time"
        overdue = max(0, ((closed or TODAY) - due).days) if due and status != "excluded" else None
        request = f"REQ-{10000 + number}"
        right = draw.choices(RIGHTS, [6, 5, 2, 2, 1, 2])[0]
        namespace = draw.choice(["helpdesk"] * 3 + ["legacy_tickets"])
        rows.append(
            (
                f"{namespace}/{request}/{right}",
                namespace,
                namespace,
                request,
                right,
                f"{draw.getrandbits(128):032x}",
                jurisdiction,
                regime,
                None if status == "no_rule" else f"{regime.lower()}.{right}.2018-05-25",
                draw.choice(["email", "web_form", "phone", "mail"]),
                received,
                base,
                due,
                conservative,
                pause,
                unpermitted,
                extended,
                status,
                strict,
                closed,
                outcome,
                reason,
                excluded,
                (closed - received).days if closed else None,
                None if closed or excluded else (TODAY - received).days,
                overdue,
                draw.choice(["on_time"] * 30 + ["late"]),
                f"b-{2000 + number // 20}",
                1 + number % 20,
            )
        )
    return rows


def has_conflict(row: tuple[object, ...]) -> bool:
    """Whether two answers of it contradict each other: of every fourth request that is overdue."""
    return row[17] == "open_overdue" and str(row[3])[-1] in "048"


def trace_of(row: tuple[object, ...]) -> tuple[str, str, str]:
    """A request's trace and landed rows as JSON, in the shape of fct_request_traces."""
    import json

    key, _, source, _, _, _, _, _, rule, _, received, base, due, conservative, pause, _, extended, status = row[:18]
    closed, overdue, batch, number = row[19], row[25], row[27], row[28]
    steps = [
        {"step": "rule", "date": None, "says": f"{rule} in force since 25 May 2018", "why": "GDPR Art. 12(3)", "rule_id": rule},
        {"step": "received", "date": str(received), "says": f"{received} starts the clock", "why": "receipt"},
        {"step": "start", "date": str(received), "says": "The clock starts on the day of receipt", "why": "start_rule: receipt"},
        {"step": "base_due", "date": str(base), "says": f"1 month after {received}: {base}", "why": "Art. 12(3)"},
    ]
    if pause:
        asked, answered = received + timedelta(days=4), received + timedelta(days=4 + pause)
        says = f"Asked {asked}, answered {answered}: pause days added: {pause}"
        steps.append(
            {
                "step": "pause",
                "date": str(asked),
                "says": says,
                "why": "Recital 63",
                "verdict": "permitted",
                "asked": str(asked),
                "answered": str(answered),
                "days": pause,
            }
        )
    if extended != "none":
        says = "Notice sent in time: two months more" if extended == "valid" else "Notice came late: no effect"
        steps.append({"step": "extension", "date": str(received), "says": says, "why": "Art. 12(3)", "verdict": extended})
    steps += [
        {"step": "roll", "date": str(due), "says": f"{due} is a working day: not moved", "why": "Reg. 1182/71 Art. 3(4)"},
        {"step": "due", "date": str(due), "says": f"{due}. Strict interpretation: {conservative}", "why": "conservative"},
        {
            "step": "state",
            "date": str(TODAY),
            "says": f"{str(status).replace('_', ' ')}, {overdue} days overdue",
            "why": f"as of {TODAY}",
        },
    ]
    events = [("received", received, number), ("acknowledged", received + timedelta(days=1), 88)]
    if closed:
        events.append(("fulfilled", closed, 97))
    conflicting = has_conflict(row)
    if conflicting:
        events += [("fulfilled", due, 97), ("fulfilled", due, 98)]
        says = f"Conflicting versions of one event: fulfilled on {due} at 09:14; fulfilled on {due} at 09:14."
        steps.insert(
            -1, {"step": "conflict", "date": None, "says": says, "why": "none counts until a higher revision settles it"}
        )
    rows = [
        {
            "event_type": kind,
            "event_id": f"{key}:{kind}",
            "occurred_at": f"{day}T09:14:00Z",
            "source": source,
            "batch_id": batch,
            "row_number": line,
            "verdict": "conflict" if conflicting and kind == "fulfilled" else "counts",
        }
        for kind, day, line in events
    ]
    return str(key), json.dumps(steps), json.dumps(rows)


OF_LOGS = ("invented_consents.sql", "invented_disclosures.sql")
"""What is added to the marts of requests, one file per log."""


def build(marts: Path, how_many: int = 1500, *, stale: bool = True, logs: Sequence[str] = OF_LOGS) -> None:
    """Write the marts of the invented organisation; without a file of OF_LOGS as if nothing of that log had ever landed."""
    facts = requests(how_many)
    with duckdb.connect(str(marts)) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema marts")
        connection.execute((HERE / "invented_facts.sql").read_text())
        for table, rows in (("facts", facts), ("marts.fct_request_traces", [trace_of(row) for row in facts])):
            frame = pd.DataFrame(rows)
            connection.execute(f"insert into {table} from frame")
            del frame
        connection.execute((HERE / "invented_marts.sql").read_text())
        connection.execute((HERE / "invented_lineage.sql").read_text())
        connection.execute("drop table facts")
        for file in logs:
            connection.execute((HERE / file).read_text())
        invented_practice.add(connection)
        if not stale:
            connection.execute("update marts.audit_sources set is_fresh = true where is_fresh = false")


def verdict_on(candidate: Candidate, failing: int = 0) -> Verdict:
    """A verdict of the publish gate: every mart judged, the first `failing` checks not met."""
    suites = []
    for name in sorted(candidate.tables):
        kinds = (
            "expect_table_row_count_to_be_between",
            "expect_column_values_to_not_be_null",
            "expect_column_values_to_be_in_set",
        )
        failed = 1 if len(suites) < failing else 0
        checks = tuple(
            Check(
                kind,
                "status" if index else None,
                "critical",
                "CTL-DEADLINE",
                passed=not (failed and index == 2),
                rows=10,
                unexpected=0,
            )
            for index, kind in enumerate(kinds)
        )
        suites.append(SuiteResult(name, name, 3, 3, 3, checks))
    return Verdict(candidate.content_hash, candidate.sha256, AS_OF.isoformat(), tuple(suites))


def publish(
    home: Path,
    at: datetime,
    how_many: int = 1500,
    *,
    failing: int = 0,
    stale: bool = True,
    logs: Sequence[str] = OF_LOGS,
    as_of: datetime = AS_OF,
) -> str:
    """Build, judge and publish the invented organisation into a home; with `failing` the gate refuses it."""
    home.mkdir(parents=True, exist_ok=True)
    marts = home / f"build-{at:%Y%m%d%H%M%S}.duckdb"
    build(marts, how_many, stale=stale, logs=logs)
    provenance = Provenance(
        as_of,
        AS_OF,
        41,
        "Larkfield Communications",
        "America/New_York",
        {"name": "larkfield", "version": "3.2.0", "sha256": "ab" * 32},
        f"0.1.0+invented.{how_many}.{stale}",  # other figures of closed periods need a cause
        "0.109",
        Ledger.open(home).merkle_root,
        models={"fct_requests": "1f" * 32, "fct_metrics": "2e" * 32},
    )
    candidate = write_candidate(marts, home / "snapshots", provenance)
    marts.unlink()
    verdict = verdict_on(candidate, failing)
    if failing:
        store = SnapshotStore(home)
        store.reject(verdict, at)
        store.discard(candidate)
        return ""
    return publish_candidate(home, candidate, verdict, at).id
