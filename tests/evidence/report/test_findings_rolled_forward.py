"""Findings open, new, closed and open again: the table adds up, follows from the CSV beside it, and was so on its day."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from printed import Page

from orchestration.run import run_job
from promisekept.demo import LANDED_AT
from promisekept.evidence.report import build_report
from promisekept.evidence.report.model import Table
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import SnapshotReader, open_current

pytestmark = pytest.mark.slow

CAPTION = "Findings rolled forward"
ENDS_OF_OTHERS = (
    *("closed_late", "withdrawn_overdue", "excluded_overdue", "acknowledgement_late"),
    *("deleted_late", "authority_told_late", "assessed_overdue", "persons_notified_late"),
)
START, END = date(2026, 7, 1), date(2026, 10, 1)
END_OF_JUNE = datetime(2026, 7, 1, 3, 59, 59, 999999, tzinfo=UTC)


def numbers(row: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in row[1:]]


def counted(bundle: Path) -> dict[tuple[str, bool], list[int]]:
    """What a reader counts in the CSV, by its days alone: opening, new, closed, closing."""
    found: dict[tuple[str, bool], list[int]] = {}
    with (bundle / "data/tables/rpt_finding_ages.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["opened_date"]:
                continue
            opened = date.fromisoformat(row["opened_date"])
            closed = date.fromisoformat(row["closed_date"]) if row["closed_date"] else date.max
            printed_rows = (opened < START <= closed, START <= opened < END, START <= closed < END, opened < END <= closed)
            sums = found.setdefault((row["severity"], row["closes"] == "by_fact"), [0, 0, 0, 0])
            found[row["severity"], row["closes"] == "by_fact"] = [
                one + is_so for one, is_so in zip(sums, printed_rows, strict=True)
            ]
    return {key: sums for key, sums in found.items() if any(sums)}


def printed(bundle: Path) -> tuple[dict[tuple[str, bool], list[int]], list[int]]:
    """What the report says: by severity and kind, and in all."""
    table = Page((bundle / "data/report.html").read_text(encoding="utf-8")).table(CAPTION)
    found, shows_its_end = {}, True
    for row in table.rows[:-1]:
        if len(row) == 1:
            shows_its_end = row[0] == "The logs show its end"
        else:
            found[row[0].lower(), shows_its_end] = numbers(row)
    return found, numbers(table.rows[-1])


@pytest.mark.parametrize("name", ["auditors", "californian"])
def test_a_reader_counts_the_same_from_the_rows_beside_the_report(request: pytest.FixtureRequest, name: str):
    bundle: Path = request.getfixturevalue(name)
    printed_rows, total = printed(bundle)
    assert {key: row[:4] for key, row in printed_rows.items()} == counted(bundle)
    assert total == [sum(column) for column in zip(*printed_rows.values(), strict=True)]
    for opening, new, closed, closing, *ages in [*printed_rows.values(), total]:
        assert opening + new - closed == closing == sum(ages)
    assert total[2] > 0


def test_a_public_bundle_shows_no_finding(public: Path):
    assert not (public / "data/tables/rpt_finding_ages.csv").exists()
    assert CAPTION not in (public / "data/report.html").read_text(encoding="utf-8")


def test_a_quarter_opens_as_the_one_before_it_closed(reader: SnapshotReader):
    def total(period: str) -> list[int]:
        report = build_report(reader, Scope(reader.id, read_period(period), "regulator"))
        (table,) = (
            block for part in report.parts for block in part.blocks if isinstance(block, Table) and block.caption == CAPTION
        )
        return numbers([str(cell) for cell in table.rows[-1].cells])

    assert total("2026-Q2")[3] == total("2026-Q3")[0] > 0


def test_what_was_open_at_the_end_of_june_is_what_the_worklist_of_that_day_held(larkfield: Any, tmp_path: Path):
    """The worklist as it was published for that day knows no ages: an oracle of its own for the opening of the quarter."""
    then = larkfield.elsewhere(tmp_path / "then")
    run_job(then.folder / "promisekept.yml", as_of=END_OF_JUNE.isoformat(), now=LANDED_AT.isoformat())
    with open_current(then.settings.home) as earlier:
        assert earlier.manifest["as_of"].startswith("2026-07-01T03:59:59")
        worklist = earlier.cursor().execute(
            "select finding_key from marts.fct_findings where occurred_at <= $day and not list_contains($ends, finding_code)",
            {"day": END_OF_JUNE, "ends": list(ENDS_OF_OTHERS)},
        ).fetchall()  # fmt: skip
    with open_current(larkfield.settings.home) as later:
        was_open = later.cursor().execute(
            "select finding_key from marts.rpt_finding_ages where opened_at <= $day and coalesce(closed_at > $day, true)",
            {"day": END_OF_JUNE},
        ).fetchall()  # fmt: skip
        over = later.cursor().execute("select count(*) from marts.rpt_finding_ages where closed_at > $day", {"day": END_OF_JUNE})
        assert over.fetchall()[0][0] > 50
    assert len(worklist) == len(set(worklist))
    assert set(was_open) == set(worklist)
