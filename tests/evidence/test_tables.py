"""One table, three files: the same rows in the same order, whatever they hold."""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from promisekept.evidence.tables import described, write_table

QUERY = """
    select * from (values
        (2, 'plain', null::double, true, date '2026-09-30', timestamptz '2026-09-30 23:59:59.5-04', '["a","b"]'),
        (1, '=cmd|x', 0.1, false, null, null, null),
        (3, 'two\nlines, "quoted"', 1e-7, null, null, timestamptz '2026-01-01 00:00:00+00', '[]'),
        (4, '', 12.0, null, null, null, null),
        (5, null, null, null, null, null, null)
    ) as rows(n, text, share, is_so, day, moment, list)
"""
COLUMNS = {
    "n": "INTEGER", "text": "VARCHAR", "share": "DOUBLE", "is_so": "BOOLEAN", "day": "DATE", "moment": "TIMESTAMP WITH TIME ZONE",
    "list": "VARCHAR[]",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    return tmp_path / "tables"


def write(folder: Path, query: str = QUERY):
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return write_table(connection, query, folder, "t", key=("n",), columns=COLUMNS)


def test_the_record_copy_distinguishes_null_from_nothing_and_instants_in_utc(folder):
    assert write(folder).rows == 5
    assert (folder / "t.csv").read_bytes().decode() == (
        '"n","text","share","is_so","day","moment","list"\n'
        '1,"=cmd|x",0.1,false,,,\n'
        '2,"plain",,true,"2026-09-30","2026-10-01T03:59:59.500000Z","[""a"",""b""]"\n'
        '3,"two\nlines, ""quoted""",1e-7,,,"2026-01-01T00:00:00.000000Z","[]"\n'
        '4,"",12,,,,\n'
        "5,,,,,,\n"
    )


def test_a_spreadsheet_computes_none_of_the_cells_and_parquet_holds_the_same(folder):
    write(folder)
    assert (folder / "t.excel-safe.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (
        (folder / "t.excel-safe.csv").open(newline="", encoding="utf-8-sig") as safe,
        (folder / "t.csv").open(newline="") as record,
    ):
        pairs = list(zip(csv.DictReader(safe), csv.DictReader(record), strict=True))
    assert [one["text"] for one, _ in pairs] == ["'=cmd|x", "plain", 'two\nlines, "quoted"', "", ""]
    assert all(one | {"text": ""} == other | {"text": ""} for one, other in pairs)
    assert parquet.read_table(folder / "t.parquet").column("text").to_pylist() == [
        "=cmd|x",
        "plain",
        'two\nlines, "quoted"',
        "",
        None,
    ]


def test_rows_given_in_another_order_make_the_same_bytes(folder, tmp_path):
    write(folder)
    other = tmp_path / "other"
    other.mkdir()
    write(other, f"select * from ({QUERY}) order by n desc")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in other.iterdir()
    }


def test_an_instant_is_written_as_the_calendar_of_python_says_it(folder):
    """In whatever year: the column is written out whole and not instant by instant."""
    dice = Random(3)
    times = [datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    times += [
        datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=dice.randrange(200 * 365 * 86_400_000_000)) for _ in range(500)
    ]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("instants", pa.table({"moment": pa.array([*times, None], pa.timestamp("us", "UTC"))}))
        write_table(connection, "from instants", folder, "t", key=(), columns={"moment": "TIMESTAMP WITH TIME ZONE"})
    expected = [f"{one:%H:%M:%S.%f}Z" for one in sorted(times)]
    lines = (folder / "t.csv").read_text().splitlines()[1:]
    assert lines == [f'"{one.date().isoformat()}T{clock}"' for one, clock in zip(sorted(times), expected, strict=True)] + [""]


def test_more_rows_than_a_slice_holds_come_whole_and_in_order_into_all_three_files(folder):
    rows = 250_001
    with duckdb.connect() as connection:
        query = f"select (range * 7919) % {rows} as n, if(range % 90000 = 5, '=', 'a') || range as text from range({rows})"
        table = write_table(connection, query, folder, "t", key=("n",), columns={"n": "BIGINT", "text": "VARCHAR"})
        assert table.rows == rows
        for file in ("t.csv", "t.excel-safe.csv", "t.parquet"):
            found = connection.execute(
                f"select count(*), count_if(n = place - 1), count_if(text like '=%'), count_if(starts_with(text, chr(39)))"
                f" from (select *, row_number() over () as place from '{folder / file}')"
            ).fetchall()
            defused = file == "t.excel-safe.csv"
            assert found == [(rows, rows, 0 if defused else 3, 3 if defused else 0)], file


def test_what_breaks_a_query_in_the_middle_is_reported_and_leaves_no_file_open(folder):
    query = "select if(range < 240000, range, error('no such day')) as n from range(250000)"
    with duckdb.connect() as connection, pytest.raises(Exception, match="no such day"):
        write_table(connection, query, folder, "t", key=("n",), columns={"n": "BIGINT"})
    open_files = {os.path.realpath(one) for one in Path("/proc/self/fd").iterdir()}
    assert not open_files & {str(path.resolve()) for path in folder.iterdir()}


def test_a_table_without_rows_has_its_header(folder):
    assert write(folder, f"select * from ({QUERY}) where false").rows == 0
    assert (folder / "t.csv").read_text() == '"n","text","share","is_so","day","moment","list"\n'


def test_the_description_names_type_key_hash_and_rows(folder, tmp_path):
    (resource,) = described([write(folder)], tmp_path, "0001-ABCDEF", "A table")["resources"]
    assert [field["type"] for field in resource["schema"]["fields"]] == [
        "integer", "string", "number", "boolean", "date", "datetime", "array",
    ]  # fmt: skip
    assert (resource["path"], resource["rows"], resource["schema"]["primaryKey"]) == ("tables/t.csv", 5, ["n"])
    from frictionless import Package

    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [resource]}))
    assert Package(tmp_path / "datapackage.json").validate().valid
    (folder / "t.csv").write_bytes((folder / "t.csv").read_bytes().replace(b"plain", b"plane"))
    assert not Package(tmp_path / "datapackage.json").validate().valid
