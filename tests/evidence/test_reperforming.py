"""`reperform.sh` rebuilds requests and figures from a bundle's own events with the duckdb command, and notices what differs."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from all_logs import DAYS, FIRST_DAY, LOGS, history, source, world_of_all_logs
from arrivals import deliver, untidily
from evidence.conftest import Project
from evidence.opened import table
from evidence.shell import DUCKDB, reperform, require_green

from orchestration.pipeline import PROJECT
from orchestration.run import run_job
from promisekept.evidence.event_selection import BINDING

pytestmark = pytest.mark.slow
AS_OF = datetime(2026, 4, 2, 9, tzinfo=UTC)


def test_a_bundle_gives_the_requests_of_every_right_that_binds_unanswered():
    """What one more of them bound would be missing; those that withdraw consent are given beside them."""
    macro = (PROJECT / "macros" / "requests" / "rights_that_bind_unanswered.sql").read_text(encoding="utf-8")
    assert set(re.findall(r"'(\w+)'", macro)) == {*BINDING, "consent_withdrawal"}


def told_before() -> Iterator[dict[str, object]]:
    """What decides about March and lies before it, or comes after it."""

    def row(log: str, event_id: str, day: str, who: str = "", **columns: object) -> dict[str, object]:
        kind = "customer_id" if who.startswith("C-") else "email"
        person = {"subject_ref": who, "subject_ref_type": kind} if who else {}
        at = f"2026-{day}T10:00:00+00:00"
        return {"log": log, "event_id": event_id, "occurred_at": at, "revision": 1, **person, **columns}

    def stop(name: str, who: str, received: str, closed: str) -> Iterator[dict[str, object]]:
        asked = {"event_type": "received", "right_type": "erasure", "jurisdiction": "IE", "channel": "email"}
        yield row("requests", f"{name}-1", received, who, request_id=name, **asked)
        yield row("requests", f"{name}-2", closed, request_id=name, event_type="fulfilled")

    shared = {
        "recipient_id": "cloudhost",
        "reason_code": "provide_service",
        "purpose_code": "service_delivery",
        "record_count": 1,
    }
    shared |= {"data_categories": ["contact_details"], "consideration": "none"}
    # Erased in January under one identifier, shared in March under the third one.
    yield from stop("gone", "gone@example.org", "01-06", "01-12")
    for number, (one, other) in enumerate((("gone@example.org", "C-900"), ("also-gone@example.org", "C-900"))):
        ends = {"other_ref": other, "other_ref_type": "customer_id"}
        yield row("subject_links", f"link-{number}", "01-05", one, **ends)
    yield row("disclosures", "shared-with-whom-was-gone", "03-09", "also-gone@example.org", **shared)
    # Erased in January and collected again in February: what is shared in March is stopped by nothing.
    yield from stop("back", "back@example.org", "01-06", "01-12")
    again = {"collection_type": "requested", "data_categories": ["contact_details"], "purpose_code": "service_delivery"}
    yield row("collections", "back-again", "02-03", "back@example.org", notice_exemption="already_informed", **again)
    yield row("disclosures", "shared-with-whom-came-back", "03-09", "back@example.org", **shared)
    # Asked in January for an erasure that was reported in March; the record set was gone in February.
    yield from stop("erased", "erased@example.org", "01-20", "03-01")
    record = {"record_id": "rec-erased", "system": "crm", "data_category": "contact_details", "purpose_code": "relationship"}
    yield row("retention", "erased-3", "01-07", "erased@example.org", event_type="created", record_count=3, **record)
    yield row("retention", "erased-4", "02-07", record_id="rec-erased", event_type="deleted", method="hard_delete")
    # Asked in March and decided after it, and asked in March and never decided.
    for name, end in (("late", "given"), ("never", None)):
        asked = {"purpose_code": "product_news", "mechanism": "form"}
        yield row("consents", f"{name}-1", "03-20", f"{name}@example.org", event_type="shown", **asked)
        if end:
            yield row(
                "consents",
                f"{name}-2",
                "04-01",
                f"{name}@example.org",
                event_type=end,
                policy_version="v2",
                notice_id="n-1",
                **asked,
            )
    # Answered in January, with a row that was rejected: it may have fallen due in March.
    yield from stop("doubtful", "doubtful@example.org", "01-06", "01-08")
    yield row("requests", "doubtful-3", "01-07", request_id="doubtful", event_type="no such thing")
    # Answered an hour after the instant that its source declares, on the same day.
    asked = {
        "event_type": "received",
        "right_type": "access",
        "jurisdiction": "IE",
        "channel": "email",
        "regime_code": "DECLARED",
    }
    due = {"declared_due_at": "2026-03-12T09:00:00+00:00"}
    yield row("requests", "timed-1", "03-02", "timed@example.org", request_id="timed", **asked, **due)
    yield row("requests", "timed-2", "03-12", request_id="timed", event_type="fulfilled")
    # A request of March that was recorded at first as one of January, which had been answered long before.
    yield from stop("long-ago", "long-ago@example.org", "01-06", "01-08")
    yield from stop("moved", "moved@example.org", "03-02", "03-10")
    yield row("requests", "moved-3", "03-12", request_id="moved", event_type="reopened")
    yield row("requests", "moved-3", "03-12", request_id="long-ago", event_type="reopened") | {"revision": 0}


@pytest.fixture(scope="module")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Six weeks of people who stop, consent and are erased under several identifiers; their rows come late, wrong and twice."""
    world = world_of_all_logs(tmp_path_factory.mktemp("reperforming") / "world")
    counted = {"control_total": "./counts.csv"}
    declaring = {"requests": {"declared_due": "instant"} | counted, "retention": counted, "processing": {"sequence": "number"}}
    world.configure(*(source(log) | declaring.get(log, {}) for log in LOGS))
    # More than there are, before the period of a bundle, in it and after it.
    (world.folder / "counts.csv").write_text("day,count\n2026-01-20,90\n2026-02-10,90\n2026-03-05,90\n2026-03-31,90\n")
    dice = Random(7)
    days = [FIRST_DAY + timedelta(days=step) for step in range(2, DAYS + 30, 12)]
    rows = [
        row | ({"number": 7 * number} if row["log"] == "processing" else {}) for number, row in enumerate(history(11, people=60))
    ]
    conflicting = [dict(row, jurisdiction="DE") for row in rows if row.get("event_type") == "received"][:3]
    conflicting += [dict(row, record_count=77) for row in rows if row.get("event_type") == "created"][:3]
    conflicting += [dict(row, purpose_code="product_news") for row in rows if row["log"] == "processing"][:3]
    rejected = [dict(row, event_id=f"x-{n}", event_type="no such thing") for n, row in enumerate(rows[:400]) if n % 40 == 0]
    rejected += [  # also for their counts, and wrong in more than one column
        *(
            dict(row, event_id=f"y-{n}", record_count="12,000")
            for n, row in enumerate(rows)
            if "record_count" in row and n % 9 == 0
        ),
        *(
            dict(row, event_id=f"z-{n}", event_type="no such thing", jurisdiction="Ireland", incident_type="theft")
            for n, row in enumerate(rows)
            if row["log"] == "incidents" and "incident_type" in row
        ),
        *(
            dict(row, event_id=f"n-{n}", audience_size="everybody")
            for n, row in enumerate(rows)
            if row.get("event_type") == "change_notified"
        ),
    ]
    unknown = {"log": "retention", "event_id": "w-1", "record_id": "unknown", "event_type": "trigger", "jurisdiction": "Ireland"}
    rejected.append(unknown | {"occurred_at": days[1].isoformat()})
    assert {row["log"] for row in rejected} >= {"retention", "disclosures", "incidents", "policies"}
    orphans = [
        {"log": "requests", "event_id": "o-1", "request_id": "nobody", "event_type": "fulfilled"},
        {"log": "retention", "event_id": "o-2", "record_id": "nothing", "event_type": "deleted", "method": "hard_delete"},
        {"log": "incidents", "event_id": "o-3", "incident_id": "never", "event_type": "closed"},
    ]
    orphans = [row | {"occurred_at": days[1].isoformat(), "revision": 1} for row in orphans]
    for day, arriving in zip(days, untidily([*rows, *conflicting, *rejected, *orphans], days, dice), strict=True):
        deliver(world, arriving)
        world.land(day)
    deliver(world, told_before())
    assert run_job(world.folder / "promisekept.yml", as_of=AS_OF.isoformat(), now=AS_OF.isoformat()).published
    return Project(world.folder)


@pytest.mark.parametrize("name", ["auditors", "californian"])
def test_requests_and_figures_are_rebuilt_from_the_events_of_a_bundle(name, request):
    require_green(request.getfixturevalue(name))


@pytest.mark.parametrize("period", ["2026-02", "2026-03", "2026-Q1", "2025-11"])
def test_so_they_are_where_what_decides_lies_before_the_period_or_is_in_conflict_or_missing(untidy: Project, period):
    bundle = untidy.export(period=period).path
    require_green(bundle)
    missing = [row for row in table(bundle, "fct_source_completeness") if row["missing_events"] not in ("", "0")]
    assert {row["day"][:7] for row in missing} == {"2026-01", "2026-02", "2026-03"}
    assert any(row["missing_numbers"] not in ("", "0") for row in table(bundle, "fct_source_completeness"))


def test_a_public_bundle_says_that_nothing_can_be_rebuilt_from_it(public):
    result = reperform(public)
    assert result.returncode == 0
    assert "it holds counts and no events" in result.stdout


def edited(bundle: Path, folder: Path, file: str, change: dict[str, str], where: dict[str, str]) -> Path:
    """A copy of a bundle with other values in the first row of a table that has some."""
    shutil.copytree(bundle, folder)
    path = folder / "data" / file
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    row = next(row for row in rows if where.items() <= row.items())
    row |= change
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


EDITS = {
    "a figure": ("tables/fct_metrics.csv", {"numerator": "999"}, {"metric_code": "requests_received"}),
    "a request": ("tables/fct_requests.csv", {"status": "closed_on_time"}, {"status": "closed_late"}),
    "an event": ("events/requests.csv", {"event_type": "withdrawn"}, {"event_type": "fulfilled"}),
    "a rule": ("pack/regimes.csv", {"response_n": "1"}, {"rule_id": "us_ca_ccpa.erasure.2020-08-14"}),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_does_not_follow_from_the_events_is_shown(what, californian, tmp_path):
    file, change, where = EDITS[what]
    if what == "an event":
        fulfilled = next(row for row in table(californian, "fct_requests") if row["outcome"] == "fulfilled")
        where = where | {"request_id": fulfilled["request_id"]}
    result = reperform(edited(californian, tmp_path / "bundle", file, change, where))
    assert result.returncode == 1, result.stdout
    assert '"side":"stated, not rebuilt"' in result.stdout
    assert "NOT REBUILT" in result.stderr


def test_without_the_command_it_says_what_to_get(californian):
    result = reperform(californian, "no-such-duckdb")
    assert result.returncode == 2
    assert "pip install duckdb-cli" in result.stdout


def test_no_day_of_a_calendar_is_compared_with_every_other(auditors):
    """Told by a bundle of 12,117 requests: two models of days took an auditor's DuckDB 1.5 a minute, and ours a moment.

    There a condition of one side alone in an outer join makes it one that tries every pair of rows.
    """
    watched = ("int_requests__periods", "int_requests__paused")
    sql = [f"attach ':memory:' as {name};" for name in ("warehouse", "outgoing")]
    sql += ["set timezone = 'UTC';", (auditors / "metadata/reperform/inputs.sql").read_text()]
    for line in (auditors / "metadata/reperform/order.txt").read_text().splitlines():
        kind, relation, name = line.split()
        text = (auditors / f"metadata/sql/{name}.sql").read_text()
        if name in watched:
            sql += [f".print MODEL {name}", f"explain (format json) {text};", ".print END"]
        sql.append(f"create {kind} {relation} as {text};")
        if name == watched[-1]:
            break
    command = [str(DUCKDB), "-init", "/dev/null", "-batch", "-bail", "-list"]
    done = subprocess.run(command, input="\n".join(sql), capture_output=True, text=True, check=True, cwd=auditors)
    plans = [part.partition("END")[0] for part in done.stdout.split("MODEL ")[1:]]
    assert [plan.split()[0] for plan in plans] == list(watched)
    assert all("HASH_JOIN" in plan and "BLOCKWISE_NL_JOIN" not in plan for plan in plans)
