"""What it costs that rows come in many files: the same rows as CSV files of one row, and in one file; and with rejected rows.

Here: the runs of `python -m benchmarks files` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.logs import AS_OF
from benchmarks.measure import Cost, print_cost, run_product, write_logs, write_project

EVENTS_PER_REQUEST = 25
"""Of so many events of all logs at least one is of the log requests."""


def measure(folder: Path, count: int) -> None:
    """Land, build and publish rows of requests, then one more, and print what both took beside one file.

    Args:
        folder: where to work.
        count: how many files.
    """
    header, *rows = _lines(folder, count)
    beside = [row + _rejected(header, row) for row in rows]
    for place, name, made in (("good", "rows", rows), ("rejected", "rows, each beside a rejected one", beside)):
        one = _costs(folder / place / "one", header, ["".join(made[1:])], made[0])
        many = _costs(folder / place / "many", header, made[1:], made[0])
        _print_costs(f"{count:,} {name}, in one file", one)
        _print_costs(f"{count:,} {name}, in {count:,} files", many)
        print(f"\nlanding, seconds per file{many[0].parts['land'] / count:28.4f}")
        for run, single, several in zip(("first run", "nothing new", "further day"), one, many, strict=True):
            print(f"{run}, many files / one{several.processor / single.processor:24.2f}   by processor seconds")


def _print_costs(name: str, costs: tuple[Cost, Cost, Cost]) -> None:
    print(f"\n{name}")
    for run, cost in zip(("first run", "nothing new", "a further day of one row"), costs, strict=True):
        print_cost(run, cost)


def _rejected(header: str, row: str) -> str:
    """A further row, of another event, of which the right is none of the contract's."""
    columns = header.strip().split(",")
    cells = dict(zip(columns, row.split(","), strict=True))
    return ",".join((cells | {"event_id": f"{cells['event_id']}:rejected", "right_type": "unheard of"}).values())


def _lines(folder: Path, count: int) -> list[str]:
    """The header of a CSV file of requests, and a row more than asked for."""
    write_logs(folder / "inbox", count * EVENTS_PER_REQUEST)
    whole = folder / "requests.csv"
    logs = f"read_parquet('{folder / 'inbox' / 'requests'}/*.parquet')"
    duckdb.execute(f"copy (select * from {logs} order by occurred_at, event_id limit {count + 1}) to '{whole}' (header)")
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    if len(lines) != count + 2:
        raise SystemExit(f"{count + 1} rows were wanted, and {len(lines) - 1} written")
    return lines


def _costs(folder: Path, header: str, files: list[str], last: str) -> tuple[Cost, Cost, Cost]:
    """What a first run of some files takes, one with nothing new, and one of one more row."""
    inbox = folder / "inbox" / "requests"
    inbox.mkdir(parents=True)
    config = write_project(folder / "project", folder / "inbox", pattern="*.csv")
    for number, rows in enumerate(files):
        (inbox / f"{number:06d}.csv").write_text(header + rows, encoding="utf-8")
    first = run_product(config, "run", "--as-of", AS_OF)
    again = run_product(config, "run", "--as-of", AS_OF)
    (inbox / "later.csv").write_text(header + last, encoding="utf-8")
    return first, again, run_product(config, "run", "--as-of", AS_OF)
