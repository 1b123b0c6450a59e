"""Every number that is printed is the snapshot's, and numbers that tell of the same thing agree."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from printed import Page, Printed

from promisekept.evidence.report import Report
from promisekept.evidence.report.model import Chart, Counts, Part
from promisekept.publishing.reader import SnapshotReader

PERIOD = "period_grain = 'quarter' and period_start = date '2026-07-01'"


def rows(reader: SnapshotReader, question: str) -> list[dict[str, Any]]:
    answer = reader.cursor().execute(question)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.−]", "", text).replace("−", "-"))  # noqa: RUF001


def agrees(printed: str, value: float | None, unit: str) -> bool:
    """Whether a printed figure is a value, to the decimals that are printed."""
    if value is None:
        return printed == "–"  # noqa: RUF001
    times = 100 if unit in ("share", "rate") else 1
    decimals = len(printed.rstrip("%").partition(".")[2])
    return abs(number(printed) - value * times) <= 0.5 * 10**-decimals + 1e-9 and printed.endswith("%") == (times == 100)


@pytest.fixture(scope="module")
def results(reader: SnapshotReader) -> dict[str, list[dict[str, Any]]]:
    """The measures of the quarter, by clause."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(reader, f"select * from marts.fct_control_results where {PERIOD} and metric_code is not null"):
        found.setdefault(row["clause_id"], []).append(row)
    return found


def out_of(row: dict[str, Any]) -> str:
    """What a figure is printed to be out of."""
    if row["value"] is None:
        return "–"  # noqa: RUF001
    if row["denominator"] is not None:
        return f"{row['numerator']:,} / {row['denominator']:,}"
    return f"of {row['units']:,}" + (f" {row['unit']} at risk" if row["operator"] == "=" else "")


def one_of(results: list[dict[str, Any]], figure: str, fraction: str, **readings: str) -> dict[str, Any]:
    for row in results:
        printed = {"value": figure} | readings
        if out_of(row) == fraction and all(agrees(text, row[column], row["unit"]) for column, text in printed.items()):
            return row
    raise AssertionError(f"{figure} ({fraction}, {readings}) is in no row of fct_control_results")


def test_each_measure_of_each_promise_is_printed_with_its_figure_its_readings_and_what_it_is_out_of(page: Page, results):
    printed = {table.promise: table for table in page.tables if "The measures of this promise" in table.caption}
    assert set(printed) == set(results)
    for clause, table in printed.items():
        assert len(table.rows) == len(results[clause])
        left = list(results[clause])
        for line in range(len(table.rows)):
            cell = {head: table.column(head)[line] for head in table.head}
            readings = {"value_strict": cell["Strict interpretation"], "value_worst": cell["Worst case"]}
            left.remove(one_of(left, cell["Figure"], cell["Numerator / denominator"], **readings))


def test_the_scorecard_prints_the_same_figures_and_the_verdicts_of_the_marts(page: Page, reader: SnapshotReader, results):
    table = page.table("promises, their measures and verdicts")
    lines = [row for row in table.rows if len(row) == len(table.head)]
    clauses = rows(reader, "select clause_id from marts.dim_clauses")
    assert sorted(row[0] for row in lines) == sorted(row["clause_id"] for row in clauses)
    for clause, _, _, figures, fractions, _ in lines:
        if clause in results:
            figures_with_fractions = list(zip(figures.split("\n"), fractions.split("\n"), strict=True))
            assert len(figures_with_fractions) == len(results[clause])
            for figure, fraction in figures_with_fractions:
                one_of(results[clause], figure, fraction)
    ranks = ["missed", "insufficient_evidence", "met_on_main_reading", "met_within_tolerance", "manual", "not_yet_due"]
    worst: dict[str, str] = {}
    for row in rows(reader, f"select clause_id, status from marts.fct_control_status where {PERIOD}"):
        there = worst.setdefault(row["clause_id"], row["status"])
        worst[row["clause_id"]] = min(there, row["status"], key=[*ranks, "not_applicable", "met"].index)
    words = {
        "missed": "Missed",
        "insufficient_evidence": "Not assessable",
        "met_on_main_reading": "Kept (standard interpretation only)",
        "met_within_tolerance": "Kept within tolerance",
        "manual": "Manual assessment",
        "met": "Kept",
    }
    assert {row[0]: row[-1].split(" ", 1)[1] for row in lines} == {clause: words[status] for clause, status in worst.items()}


def test_the_board_counts_what_the_scorecard_lists(page: Page, report: Report):
    verdicts = Counter(
        row[-1].split(" ", 1)[1] for row in page.table("promises, their measures and verdicts").rows if len(row) > 1
    )
    kept = sum(number for word, number in verdicts.items() if word.startswith("Kept"))
    counts = next(block for block in report.parts[0].blocks if isinstance(block, Counts))
    assert [item.value for item in counts.items[:4]] == [
        str(kept),
        str(verdicts["Missed"]),
        str(verdicts["Not assessable"]),
        str(verdicts["Manual assessment"]),
    ]
    assert sum(int(item.value) for item in counts.items) == sum(verdicts.values())
    assert f"Of {sum(verdicts.values())} promises, {kept} were kept in Q3 2026, {verdicts['Missed']} were missed" in page.text


def test_a_breakdown_and_the_ways_out_are_those_of_the_metrics(page: Page, reader: SnapshotReader):
    metrics = rows(reader, f"select * from marts.fct_metrics where {PERIOD}")
    checked = 0
    for table in page.tables:
        match = re.search(r"\(fct_metrics, (\w+)\)", table.caption)
        if match is None or "Numerator" not in table.head:
            continue
        for _, numerator, denominator, figure in table.rows:
            assert any(
                row["metric_code"] == match[1]
                and row["numerator"] == number(numerator)
                and row["denominator"] == number(denominator)
                and agrees(figure + "%" if figure != "–" else figure, row["value"], row["unit"])  # noqa: RUF001
                for row in metrics
            ), (table.caption, numerator, denominator, figure)
            checked += 1
    assert checked > 10
    ways = page.table("Excluded or paused", "RIG-1")
    excluded = next(
        row for row in metrics
        if (row["metric_code"], row["dimension"], row["dimension_value"]) == ("exclusion_rate", "right_type", "access")
    )  # fmt: skip
    assert ways.rows[0][:3] == ["Excluded", f"{excluded['numerator']:,}", f"{excluded['denominator']:,} received"]


def test_the_population_balances_and_is_the_waterfall(page: Page, reader: SnapshotReader):
    table = page.table("Requests received, by state")
    whole = [int(number(cell)) for cell in table.column("Quarter")]
    assert sum(whole[:-1]) == whole[-1]
    for months in zip(*(table.column(name) for name in ("July", "August", "September", "Quarter")), strict=True):
        assert sum(number(cell) for cell in months[:3]) == number(months[3])
    (mart,) = rows(reader, f"select * from marts.rpt_waterfall where {PERIOD} and dimension = 'all'")
    assert whole[-1] == mart["received"]
    assert whole[-2] == mart["excluded"]


def test_the_roll_forward_adds_up_and_ends_at_what_adherence_is_out_of(page: Page, reader: SnapshotReader):
    for caption in ("Roll-forward of open requests", "From what was answered to what fell due"):
        moves = [number(cell) for cell in page.table(caption).column("Requests")]
        assert sum(moves[:-1]) == moves[-1]
    (metric,) = rows(
        reader, f"select * from marts.fct_metrics where {PERIOD} and metric_code = 'deadline_adherence' and dimension = 'all'"
    )
    assert moves[-1] == metric["denominator"]


def test_rows_read_are_the_sum_of_their_classes(page: Page, reader: SnapshotReader):
    table = page.table("Rows read, by source and class")
    lines = [row for row in table.rows if len(row) == len(table.head)]
    for line in lines:
        read, *classes = (number(cell) for cell in line[1:7])
        assert read == sum(classes)
    (total,) = rows(reader, "select sum(read) as read from marts.audit_sources")
    assert number(lines[-1][1]) == total["read"]


def test_the_tables_of_the_law_balance(page: Page):
    for table in (one for one in page.tables if "Requests of California consumers" in one.caption):
        for line in table.rows:
            assert number(line[1]) == sum(number(cell) for cell in line[2:8])
    for table in (one for one in page.tables if "Grounds of denial" in one.caption):
        for line in table.rows:
            assert sum(number(cell) for cell in line[1:-1]) == number(line[-1])
    art12 = page.table("Requests of data subjects, by right")
    for line in (row for row in art12.rows if len(row) == len(art12.head)):
        assert number(line[1]) == sum(number(cell) for cell in line[2:9])


def test_findings_are_those_of_the_period_and_say_how_many_there_are(page: Page, reader: SnapshotReader):
    found = rows(
        reader,
        """
        select count(distinct finding_key) as n from marts.fct_findings
        where list_contains(control_ids, 'CTL-RIGHT-ACCESS')
            and (occurred_at is null
                or (occurred_at >= timestamptz '2026-07-01 04:00:00+00' and occurred_at < timestamptz '2026-10-01 04:00:00+00'))
        """,
    )[0]["n"]
    table: Printed = page.table("Findings", "RIG-1")
    assert len(table.rows) == min(found, 50)
    assert f"50 of {found} are shown, gravest first" in page.text
    ranks = ["High", "Medium", "Low"]
    assert [ranks.index(cell) for cell in table.column("Severity")] == sorted(
        ranks.index(cell) for cell in table.column("Severity")
    )


def test_a_chart_states_its_figures_in_words(report: Report, reader: SnapshotReader):
    charts = [block for part in report.parts for block in part.blocks if isinstance(block, Chart)]
    assert charts
    for chart in charts:
        assert len(chart.alt) > 20
    (september,) = rows(
        reader,
        "select value from marts.fct_metrics where metric_code = 'deadline_adherence' and dimension = 'all'"
        " and period_grain = 'month' and period_start = date '2026-09-01'",
    )
    pages: Part = report.parts[4]
    overall = next(
        block for block in pages.blocks if isinstance(block, Chart) and block.caption.startswith("Answered on time, by")
    )
    assert f"Sep {september['value']:.2%}" in overall.alt
    assert "target ≥\u00a098%" in overall.alt
