"""What every test may lean on.

Here: fixtures that several rooms share, which tests run, and in which order. Pytest puts this folder on the import path, so
tests write `from oracles...` and `from world import ...`. Not here: what only one room needs.
"""

from __future__ import annotations

import csv
import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from source_project import Project

DURATIONS = Path(__file__).with_name("durations.csv")
_ALL_SLOW = re.compile(r"^pytestmark = [^)]*\bpytest\.mark\.slow\b", re.MULTILINE)
# How much is drawn at random: by the run of minutes, by --full, and by HYPOTHESIS_PROFILE=thorough before a release.
for profile, examples in {"quick": 25, "full": 60, "thorough": 2000}.items():
    settings.register_profile(profile, max_examples=examples)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run every test; without it the slow ones are left out of a whole run")
    parser.addoption("--months", type=int, default=0, metavar="N", help="run a month of days for each of N random organisations")
    parser.addoption("--spark", action="store_true", help="run what is marked on_spark, too, for an hour or more")
    parser.addoption("--record-durations", action="store_true", help=f"write the seconds of each file into {DURATIONS.name}")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """One more than by itself in a full run, whose tests often wait for a browser or for a process that they started."""
    return (yield) + bool(config.option.full)


def pytest_configure(config: pytest.Config) -> None:
    """Whoever names files, tests or markers means them, slow or not."""
    vars(sys.modules["__main__"]).setdefault("__file__", None)  # of a worker: PySpark would end it
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.markexpr:
        config.option.full = True
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("full" if config.option.full else "quick"))
    if config.option.record_durations and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run of the quick tests imports no file of which every test is slow: a quarter of them, and the costliest to import."""
    if config.option.full or collection_path.suffix != ".py":
        return None
    return bool(_ALL_SLOW.search(collection_path.read_text(encoding="utf-8"))) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files go first, then those with slow tests: a worker that begins one last keeps the others waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    left_out = ["slow"] * (not config.option.full) + ["on_spark"] * (not config.option.spark)
    deselected = {item: None for item in items if any(map(item.get_closest_marker, left_out))}
    config.hook.pytest_deselected(items=list(deselected))
    items[:] = [item for item in items if item not in deselected]
    seconds = recorded()
    items.sort(key=lambda item: (-seconds.get(item.nodeid.partition("::")[0], 0), item.path not in slow))


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: each search for garbage would go through all of it, half a second long."""
    gc.collect()
    gc.freeze()


def recorded() -> dict[str, int]:
    """Seconds by file of the last full run that was recorded."""
    with DURATIONS.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: int(row["seconds"]) for row in csv.DictReader(lines)}


class Durations:
    """Adds up what each file takes; files of less than a second are left out of the record."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self) -> None:
        found = [(file, round(seconds)) for file, seconds in self.seconds.items()]
        lines = [f"{file},{seconds}\n" for file, seconds in sorted(found, key=lambda one: (-one[1], one[0])) if seconds]
        DURATIONS.write_text("".join(["file,seconds\n", *lines]), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with one source of requests."""
    return Project(tmp_path)
