"""`python -m benchmarks`: what the product takes beside the least that the same work could take.

Here: the command line. Not here: what is measured (builds.py, bundles.py, dashboard.py, files.py, spark.py).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks import builds, bundles, dashboard, files, history, spark
from benchmarks.logs import AS_OF
from benchmarks.measure import print_cost, run_product


def main() -> None:
    """Measure one of the yardsticks."""
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Compare the product with the leanest script for the same facts (seconds, ratio, memory), or open its"
        " dashboard. Both must compute the same facts; `--check` compares ratios of processor seconds with recent ones.",
    )
    which = parser.add_subparsers(dest="which", required=True, metavar="all|dashboard|evidence|files|spark")
    every = which.add_parser("all", help="all logs, with every fact, and a further day")
    every.add_argument("--events", type=int, default=10_000_000, help="how many events, of all logs")
    every.add_argument(
        "--memory-limit", metavar="SIZE", help="limit DuckDB to this, in the product and in the lean script, such as 8GB"
    )
    every.add_argument("--growth", action="store_true", help="run a tenth of the size as well, and print how the times grow")
    shown = which.add_parser("dashboard", help="every page in a real browser, and many readers at once")
    shown.add_argument("--kept", type=Path, help="read what `all --keep` left in this folder, instead of building")
    shown.add_argument("--events", type=int, default=1_000_000, help="how many events to build, of all logs")
    shown.add_argument("--sessions", type=int, default=dashboard.SESSIONS, help="how many readers at once")
    evidence = which.add_parser("evidence", help="a bundle of a quarter: exported, checked and rebuilt")
    evidence.add_argument("--kept", type=Path, help="export what a run with --keep left in this folder, instead of building")
    evidence.add_argument("--events", type=int, default=1_000_000, help="how many events to build, of all logs")
    many = which.add_parser("files", help="rows in many files beside the same rows in one")
    many.add_argument("--files", type=int, default=5_000, help="how many files of one row")
    beyond = which.add_parser("spark", help="the same history on DuckDB and on Spark, with one and with two threads")
    beyond.add_argument("--events", type=int, default=1_000_000, help="how many events, of all logs")
    for each in (every, shown, evidence, many, beyond):
        each.add_argument("--keep", action="store_true", help="leave the inbox, the home and both snapshots where they are")
        each.add_argument("--home", type=Path, help="where to work; default: a temporary folder")
    every.add_argument("--nodes", action="store_true", help="build once more and list the slowest models and tests")
    every.add_argument("--record", action="store_true", help="append the ratios to benchmarks/history.csv")
    every.add_argument("--check", action="store_true", help="fail where a ratio is worse than all recent ones each time")
    every.add_argument(
        "--margin", type=float, default=history.MARGIN, help="the factor that is too much for --check (default: %(default)s)"
    )
    arguments = parser.parse_args()
    if arguments.home is not None:
        arguments.home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="promisekept-benchmark-", dir=arguments.home)).absolute()
    try:
        if arguments.which == "all":
            options = {name: getattr(arguments, name) for name in ("growth", "nodes", "record", "check", "margin")}
            builds.measure(folder, arguments.events, arguments.memory_limit, **options)
        elif arguments.which == "dashboard":
            config = _published(folder, arguments.kept, "project", arguments.events)
            dashboard.measure(folder, config, _published(folder, arguments.kept, "tiny", builds.TINY), arguments.sessions)
        elif arguments.which == "files":
            files.measure(folder, arguments.files)
        elif arguments.which == "spark":
            spark.measure(folder, arguments.events)
        else:
            bundles.measure(folder, _published(folder, arguments.kept, "project", arguments.events))
    finally:
        if arguments.keep:
            print(f"\nKept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _published(folder: Path, published_folder: Path | None, name: str, events: int) -> Path:
    """The promisekept.yml of a project that has published, in this run or in an earlier one."""
    if published_folder is not None:
        return builds.published_in(published_folder, name)
    config, rows = builds.build(folder, name, events)
    print(f"{rows:,} rows of nine logs, two years\n")
    print_cost("product", run_product(config, "run", "--as-of", AS_OF))
    return config


if __name__ == "__main__":
    main()
