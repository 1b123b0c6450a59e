"""The same history on DuckDB and on Spark, with one and with two threads: what it costs, what is shuffled, and how evenly.

Here: the runs of `python -m benchmarks spark`, and reading the event logs that Spark writes. Not here: how a run is started
(measure.py). A run's processor seconds are those of all processes that it started, the virtual machine of Java among them.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import yaml

from benchmarks.logs import AS_OF
from benchmarks.measure import run_product, write_logs, write_project
from promisekept.publishing.reader import read_current, read_manifest

_SUBREAPER = 36  # of prctl: whose parent has ended becomes a child of this process, which then learns what it took
_TASKS = 4
_SHOWN = 5


@dataclass
class Stage:
    """What the tasks of one stage took.

    Attributes:
        name: the model that it belongs to.
        seconds: of each task.
        shuffled: bytes that its tasks wrote for others.
    """

    name: str = ""
    seconds: list[float] = field(default_factory=list)
    shuffled: int = 0

    @property
    def skew(self) -> float:
        """How many times as long as the median the longest task took; one of few or short tasks counts as even."""
        if len(self.seconds) < _TASKS or max(self.seconds) < 1:
            return 1.0
        return max(self.seconds) / max(median(self.seconds), 0.01)


def measure(folder: Path, events: int, threads: Iterable[int] = (1, 2)) -> None:
    """Build one history on DuckDB and on Spark, and print what each took.

    Args:
        folder: empty; everything is written below it.
        events: how many, of all logs.
        threads: how many of Spark's, one run each.

    Raises:
        SystemExit: a mart differs.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    rows = write_logs(folder / "inbox", events)
    print(f"{rows:,} rows of nine logs, two years\n", flush=True)
    config = write_project(folder / "project", folder / "inbox")  # one for all, as its key makes the persons' ids
    expected = _run(config, "DuckDB", {})
    for count in threads:
        events_at = folder / f"events-{count}"
        events_at.mkdir()
        conf = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "6g",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": events_at.as_uri(),
            "spark.eventLog.enabled": "true",
            "spark.log.level": "OFF",
            "spark.sql.shuffle.partitions": "8",
            "spark.ui.enabled": "false",
        }
        engine = {"kind": "spark", "master": f"local[{count}]", "conf": conf}
        found = _run(config, f"Spark, {count} of its threads", {"engine": engine})
        _print_stages(read_stages(events_at))
        differing = sorted(name for name in expected if found.get(name) != expected[name])
        if differing:
            raise SystemExit(f"these differ from DuckDB's: {', '.join(differing)}")
    print("\nEvery table has the content hash that DuckDB gives it.")


def _run(config: Path, name: str, engine: dict[str, object]) -> dict[str, str]:
    """Build in a new home with an engine; the content hash of each table."""
    home = config.parent / ".promisekept"
    shutil.rmtree(home, ignore_errors=True)
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings.pop("engine", None)
    config.write_text(yaml.safe_dump(settings | engine), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = run_product(config, "run", "--as-of", AS_OF)
    _wait_for_adopted()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    models = cost.parts.get("transform", 0.0)
    print(f"{name:<28}{cost.seconds:9.1f} s, {models:8.1f} s of them models {processor:9.1f} s of processors", flush=True)
    current = read_current(home) or {}
    tables = (read_manifest(home, str(current.get("snapshot"))) or {"tables": {}})["tables"]
    return {table: str(sums["hash"]) for table, sums in tables.items() if not table.startswith("audit_")}


def _wait_for_adopted() -> None:
    """Until every process that a run left behind has ended."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def read_stages(folder: Path) -> list[Stage]:
    """The stages of all event logs in a folder."""
    stages: defaultdict[int, Stage] = defaultdict(Stage)
    for file in folder.rglob("*"):
        if not file.is_file() or file.name.endswith(".crc"):
            continue
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                _note(json.loads(line), stages)
    return list(stages.values())


def _note(event: dict[str, object], stages: defaultdict[int, Stage]) -> None:
    found: dict[str, dict[str, object]] = event  # type: ignore[assignment]
    if event.get("Event") == "SparkListenerStageSubmitted":
        stage = stages[int(str(found["Stage Info"]["Stage ID"]))]
        stage.name = str((found.get("Properties") or {}).get("spark.jobGroup.id", ""))
    elif event.get("Event") == "SparkListenerTaskEnd" and event.get("Task Metrics"):
        stage = stages[int(str(event["Stage ID"]))]
        metrics = found["Task Metrics"]
        written: dict[str, int] = metrics["Shuffle Write Metrics"]  # type: ignore[assignment]
        stage.seconds.append(int(str(metrics["Executor Run Time"])) / 1000)
        stage.shuffled += written["Shuffle Bytes Written"]


def _print_stages(stages: list[Stage]) -> None:
    tasks = sum(len(stage.seconds) for stage in stages)
    shuffled = sum(stage.shuffled for stage in stages) / 2**20
    busy = sum(sum(stage.seconds) for stage in stages)
    print(f"  {len(stages):,} stages, {tasks:,} tasks of {busy:,.0f} s together; {shuffled:,.0f} MiB shuffled")
    for stage in sorted(stages, key=lambda one: -one.shuffled)[:_SHOWN]:
        print(f"  {stage.shuffled / 2**20:10,.1f} MiB shuffled by {stage.name}")
    for stage in sorted(stages, key=lambda one: -one.skew)[:_SHOWN]:
        if stage.skew > 1:
            print(f"  {stage.skew:10.1f} times the median took the longest task of {stage.name}: {max(stage.seconds):.1f} s")
