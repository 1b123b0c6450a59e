"""The least that a bundle's rows could take: the same tables and as many landed events, sorted, written by DuckDB and hashed.

Here: a process of its own. Not here: choosing what belongs to a period, people under other keys, the report or the proofs, of
which a bundle consists besides.
"""

from __future__ import annotations

import hashlib
import json
import sys
from itertools import pairwise
from pathlib import Path
from time import process_time

import duckdb


def write(bundle: Path, landing: Path, out: Path) -> dict[str, float]:
    """Write as many rows as a bundle holds.

    Args:
        bundle: a folder that was exported: its tables, and how many events of each log it holds.
        landing: the landing zone that they came from.
        out: an empty folder.

    Returns:
        Processor seconds of tables, events and hashing.
    """
    marks = [process_time()]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in sorted((bundle / "data/tables").glob("*.parquet")):
            connection.execute(f"create or replace temp table ordered as select * from read_parquet('{table}') order by all")
            for form in ("record.csv", "sheet.csv", "parquet"):
                connection.execute(f"copy ordered to '{out / table.stem}.{form}'")
        marks.append(process_time())
        for log, rows in _events(bundle).items():
            files = f"{landing}/{log}/**/*.parquet"
            connection.execute(
                f"copy (select * from (from read_parquet('{files}') limit {rows}) order by all) to '{out / log}.events.csv'"
            )
        marks.append(process_time())
    for file in sorted(out.iterdir()):
        with file.open("rb") as opened:
            hashlib.file_digest(opened, "sha512")
    marks.append(process_time())
    return {name: end - begin for name, (begin, end) in zip(("tables", "events", "hashing"), pairwise(marks), strict=True)}


def _events(bundle: Path) -> dict[str, int]:
    package = json.loads((bundle / "data/datapackage.json").read_bytes())
    sizes = {Path(one["path"]): one["rows"] for one in package["resources"]}
    return {path.stem: rows for path, rows in sizes.items() if path.parent.name == "events" and rows}


if __name__ == "__main__":
    print(json.dumps(write(*(Path(given) for given in sys.argv[1:4]))))
