"""`figures`, `query`, `describe` and `tables`: what is published, for a spreadsheet, a notebook, a program or a BI tool."""

from __future__ import annotations

import csv
import getpass
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from promisekept.assessment import figures as published
from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, as_json, clock, emit, table
from promisekept.cli.traces import load_settings
from promisekept.policy.catalogue import COUNTED_BY
from promisekept.presentation import formats, labels
from promisekept.presentation.periods import TO_DATE, containing
from promisekept.publishing import queries
from promisekept.publishing.export_log import Export, record
from promisekept.publishing.reader import SnapshotReader, open_current, open_snapshot
from promisekept.publishing.tables import CATALOGUE, VIEWS, write_tables
from promisekept.publishing.workbook import write_spreadsheet

PANEL = "Take figures elsewhere"
_SHOWN = 200
"""Rows that a terminal shows; a file takes all."""


class TableFormat(StrEnum):
    """For whom a table is."""

    text = "text"
    csv = "csv"
    json = "json"


TableFormatOption = Annotated[
    TableFormat, typer.Option("--format", help="text for people; csv and json for programs, which take every cell as it is.")
]
OutputOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A new .xlsx or .csv for a spreadsheet, instead of printing.")
]
SnapshotOption = Annotated[str | None, typer.Option(metavar="ID", help="Default: the current one.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (figures, query, describe, tables):
        app.command(rich_help_panel=PANEL)(command)


def figures(
    metrics: Annotated[list[str] | None, typer.Argument(metavar="[METRIC]...", help="Codes. Default: every metric.")] = None,
    by: Annotated[str, typer.Option(metavar="LIST", help="month, quarter or year, and at most one dimension.")] = "",
    period: Annotated[str | None, typer.Option(help="2026-Q1, 2026-03 or 2026. Default: everything to date.")] = None,
    snapshot: SnapshotOption = None,
    config: ConfigOption = HERE,
    form: TableFormatOption = TableFormat.text,
    output: OutputOption = None,
) -> None:
    """Print published figures by period and dimension, each with what it is a share of."""
    wanted = tuple(one.strip() for one in by.split(",") if one.strip())
    with _opened(config, snapshot) as opened:
        found = published.figures(opened, metrics or (), wanted, period)
    if output is not None:
        _write(found, output)
    elif form is TableFormat.text:
        print(_figures_text(found.to_pylist()))
    else:
        _print(found, form)


def query(
    sql: Annotated[str, typer.Argument(metavar="SELECT", help="In DuckDB's SQL; tables are marts.* and history.*.")],
    snapshot: SnapshotOption = None,
    config: ConfigOption = HERE,
    form: TableFormatOption = TableFormat.text,
    output: OutputOption = None,
) -> None:
    """Answer a SELECT from a snapshot, which is only read, and nothing beside it."""
    with _opened(config, snapshot) as opened:
        found = queries.answer(opened, sql)
    if output is None:
        _print(found, form)
    else:
        _write(found, output)


def describe(
    name: Annotated[str | None, typer.Argument(metavar="[TABLE|METRIC]", help="Default: all tables.")] = None,
    snapshot: SnapshotOption = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Where a snapshot lies, what its tables and columns mean, and what a metric counts."""
    with _opened(config, snapshot) as opened:
        place = {"snapshot": opened.id, "file": str(opened.folder / "snapshot.duckdb"), "as_of": opened.manifest["as_of"]}
        if name is None:
            described = queries.describe_tables(opened)
            rows = [(one.relation, one.rows, _first_sentence(one.description)) for one in described]
            listed = table(("Table", "Rows", "What a row is"), rows, frozenset({1}))
            text = f"Snapshot {place['snapshot']}, as of {place['as_of']}\n{place['file']}\n\n{listed}"
            data: dict[str, Any] = place | {"tables": [_fields(one) for one in described]}
        elif metric := published.definition(opened, name):
            text, data = _definition_text(metric), place | metric
        else:
            found, columns = queries.describe_columns(opened, name)
            listed = table(("Column", "Type", "Description"), [(one.name, one.kind, one.description or "") for one in columns])
            text = f"{found.relation}: {formats.count(found.rows)} rows. {found.description or ''}\n\n{listed}"
            data = place | _fields(found) | {"columns": [_fields(one) for one in columns]}
    emit(form, data, text)


def tables(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty one.")],
    snapshot: SnapshotOption = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Write every table of a snapshot as Parquet, with a catalogue of tables, columns and descriptions."""
    with _opened(config, snapshot) as opened:
        written = write_tables(opened, folder)
        _log(config, opened.id, folder, sum(one.rows for one in written))
        place = {"snapshot": opened.id, "folder": str(folder.resolve()), "catalogue": CATALOGUE, "views": VIEWS}
    listed = table(("Table", "Rows", "File"), [(one.table, one.rows, one.file) for one in written], frozenset({1}))
    data = place | {"tables": [{"table": one.table, "rows": one.rows, "file": one.file} for one in written]}
    emit(form, data, f"{listed}\n\nSnapshot {place['snapshot']} in {place['folder']}: {CATALOGUE} and {VIEWS} describe it.")


def _log(config: Path, snapshot: str, folder: Path, rows: int) -> None:
    """A line in the export log: by this command every row leaves."""
    digest = hashlib.sha256((folder / CATALOGUE).read_bytes()).hexdigest()
    export = Export("parquet", "Every table", snapshot, getpass.getuser(), "local", rows, rows, digest)
    record(load_settings(config).home, export, clock())


@contextmanager
def _opened(config: Path, snapshot: str | None) -> Iterator[SnapshotReader]:
    settings = load_settings(config)
    engine = settings.engine.config
    with open_current(settings.home) if snapshot is None else open_snapshot(settings.home, snapshot, engine) as opened:
        yield opened


def _definition_text(metric: dict[str, Any]) -> str:
    """What a metric counts, of what, by which dimensions; what does not apply is left out."""
    facts = {
        "Definition": metric["description"],
        "Numerator": metric.get("counted"),
        "Denominator": metric.get("out_of"),
        "Numerator in SQL": metric.get("numerator_sql"),
        "Denominator in SQL": metric.get("denominator_sql"),
        "Table": metric["mart"].replace(";", ", "),
        "Period by": metric["period_by"],
        "Dimensions": ", ".join(metric["dimensions"]),
    }
    lines = (f"{title:20}{text}" for title, text in facts.items() if text)
    return f"{metric['metric_code']}: {metric['name']}\n\n" + "\n".join(lines)


def _fields(described: queries.TableDescription | queries.ColumnDescription) -> dict[str, Any]:
    return {name: getattr(described, name) for name in described.__dataclass_fields__}


def _first_sentence(description: str | None) -> str:
    return (description or "").partition(". ")[0].rstrip(".")


def _figures_text(rows: list[dict[str, Any]]) -> str:
    """Beside each figure what it is out of; a column that would be the same in every row is left out."""
    if not rows:
        return "No such figure is published."
    several = len({row["metric_code"] for row in rows}) > 1
    columns = {
        **({"Code": [row["metric_code"] for row in rows]} if several else {}),
        "Metric": [row["metric"] for row in rows],
        "Period": [_period(row) for row in rows],
        rows[0]["dimension"]: [_value(row) for row in rows],
        "Figure": [formats.measured(row["value"], row["unit"]) for row in rows],
        "Out of": [formats.fraction(row["numerator"], row["denominator"], row["unit"]) for row in rows],
        labels.WORST: [formats.measured(row["value_worst"], row["unit"]) for row in rows],
        "Data quality": [row["quality_verdict"] for row in rows],
    }
    same = {"Period": columns["Period"][0] == TO_DATE.label, "all": True}
    kept = {title: cells for title, cells in columns.items() if not same.get(title)}
    return table(tuple(kept), zip(*kept.values(), strict=True))


def _value(row: dict[str, Any]) -> str:
    """A value of a dimension as it is, but that of rows without one of one's own."""
    is_own = row["dimension"] not in COUNTED_BY
    return labels.UNSPECIFIED if is_own and row["dimension_value"] == "unknown" else row["dimension_value"]


def _period(row: dict[str, Any]) -> str:
    return TO_DATE.label if row["period_start"] is None else containing(row["period_start"], row["period_grain"]).label


def _write(found: pa.Table, file: Path) -> None:
    write_spreadsheet(found, file)
    print(f"{formats.count(found.num_rows)} rows in {file}.")


def _print(found: pa.Table, form: TableFormat) -> None:
    if form is TableFormat.json:
        print(as_json(found.to_pylist()))
    elif form is TableFormat.csv:
        lines = csv.writer(sys.stdout, lineterminator="\n")
        lines.writerow(found.column_names)
        lines.writerows([_plain(cell) for cell in row.values()] for row in found.to_pylist())
    else:
        rows = [tuple(map(_plain, row.values())) for row in found.slice(0, _SHOWN).to_pylist()]
        print(table(found.column_names, rows))
        if found.num_rows > _SHOWN:
            print(f"{_SHOWN} of {formats.count(found.num_rows)} rows are shown; --format csv prints all.")


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return json.dumps(value, default=_plain, ensure_ascii=False) if isinstance(value, dict | list) else value
