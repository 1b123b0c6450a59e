"""Seconds, processor seconds and peak memory of a process of its own.

Here: a project folder for an inbox, the product and the lean script started as a person would start them, what they cost.
Not here: what the numbers mean (__main__). Processor seconds are told beside the wall's, since a machine that does
something else at the same time stretches the one and not the other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import yaml

from benchmarks.all_logs import LOGS
from benchmarks.lean import ZONE
from orchestration import pipeline
from promisekept.config.loading import load_settings
from promisekept.project.scaffold import scaffold
from promisekept.publishing.store import SnapshotStore

ROOT = Path(__file__).parents[1]
PACK = Path(__file__).with_name("pack")
_PROGRESS = re.compile(r"^\s*([0-9.]+) s  (\S.{12})", re.MULTILINE)  # stages stand in a column of 13


@dataclass(frozen=True)
class Cost:
    """What one process took.

    Attributes:
        seconds: by the clock on the wall.
        processor: user and system time, of all cores together.
        memory: bytes at its peak.
        parts: seconds of its parts by name, in its own words.
    """

    seconds: float
    processor: float
    memory: int
    parts: dict[str, float] = field(default_factory=dict)


def write_log(inbox: Path, count: int, *options: str) -> int:
    """Write a log in a process of its own, so that its memory is not counted to those that are started later.

    Args:
        inbox: the folder.
        count: how many requests.
        options: of `python -m benchmarks.generate`.

    Returns:
        The number of rows.
    """
    return _write("benchmarks.generate", inbox, count, options)


def write_logs(inbox: Path, count: int, *options: str) -> int:
    """Write all logs in the same way.

    Args:
        inbox: the folder that holds a folder per log.
        count: how many events.
        options: of `python -m benchmarks.all_logs`.

    Returns:
        The number of rows.
    """
    return _write("benchmarks.all_logs", inbox, count, options)


def _write(module: str, inbox: Path, count: int, options: Sequence[str]) -> int:
    return int(_run([sys.executable, "-m", module, str(inbox), str(count), *options], inbox.parent)[1])


def write_project(folder: Path, inbox: Path, *, all_logs: bool = False, memory_limit: str | None = None) -> Path:
    """A project whose sources deliver the inbox.

    Args:
        folder: new.
        inbox: the folder with the files of the requests log, or with a folder per log.
        all_logs: the latter; the pack then has every register.
        memory_limit: of DuckDB, such as 8GB.

    Returns:
        Its promisekept.yml.
    """
    scaffold(folder, organisation="Benchmark Ltd", country="IE", time_zone=ZONE)
    config = folder / "promisekept.yml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["sources"] = [_source("requests", inbox / "requests" if all_logs else inbox)]
    if all_logs:
        settings["sources"] += [_source(log, inbox / log) for log in LOGS]
        shutil.copytree(PACK, folder / "pack", dirs_exist_ok=True)
    if memory_limit:
        settings["engine"] = {"memory_limit": memory_limit}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


def _source(log: str, inbox: Path) -> dict[str, object]:
    name = "helpdesk" if log == "requests" else log
    return {"name": name, "log": log, "reader": {"kind": "files", "path": str(inbox / "*.parquet")}, "time_zone": ZONE}


def run_product(config: Path, as_of: str) -> Cost:
    """`promisekept run`, with the seconds of its stages as its progress tells them."""
    program = Path(sys.executable).with_name("promisekept")
    cost, _, told = _run([str(program), "run", "--config", str(config), "--as-of", as_of], config.parent)
    marks = [(float(at), stage.strip()) for at, stage in _PROGRESS.findall(told)] + [(cost.seconds, "")]
    stages: dict[str, float] = {"starting": marks[0][0]}
    for (begin, stage), (end, _) in pairwise(marks):
        stages[stage] = stages.get(stage, 0.0) + end - begin
    return Cost(cost.seconds, cost.processor, cost.memory, stages)


def run_lean(inbox: Path, work: Path, as_of: str, project: Path) -> Cost:
    """The lean script, with the key and the pack of a project."""
    key, pack = project / "keys" / "pseudonym.key", project / "pack"
    options = ["--as-of", as_of, "--key", str(key), "--pack", str(pack)]
    cost, said, _ = _run([sys.executable, "-m", "benchmarks.lean_logs", str(inbox), str(work), *options], work.parent)
    return Cost(cost.seconds, cost.processor, cost.memory, json.loads(said))


def run_export(config: Path, period: str, audience: str, out: Path) -> Cost:
    """A bundle of the current snapshot, with the processor seconds of its parts."""
    out.mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.exporting", str(config), period, audience, str(out)]
    cost, said, _ = _run(command, out.parent)
    return Cost(cost.seconds, cost.processor, cost.memory, json.loads(said))


def run_lean_bundle(config: Path, bundle: Path, out: Path) -> Cost:
    """As many rows as a bundle holds, written and hashed; they are removed again."""
    out.mkdir()
    command = [sys.executable, "-m", "benchmarks.lean_bundle", str(bundle), str(config.parent / ".promisekept/landing"), str(out)]
    cost, said, _ = _run(command, out.parent)
    shutil.rmtree(out)
    return Cost(cost.seconds, cost.processor, cost.memory, json.loads(said))


def run_product_on(bundle: Path, *arguments: str) -> Cost:
    """A command of the product that reads a bundle."""
    program = Path(sys.executable).with_name("promisekept")
    return _run([str(program), *arguments, str(bundle)], bundle.parent.parent)[0]


def run_script(script: Path, *arguments: Path, folder: Path) -> Cost:
    """A script of a bundle, as a stranger runs it; the duckdb command is that beside this Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return _run(["env", f"PATH={path}", "sh", str(script), *map(str, arguments)], folder)[0]


def published(config: Path) -> Path:
    """The snapshot that is current."""
    home = config.parent / ".promisekept"
    current = SnapshotStore(home).current() or {}
    return home / "snapshots" / current["snapshot"] / "snapshot.duckdb"


def slowest_nodes(config: Path, as_of: str, count: int, *, from_scratch: bool = True) -> dict[str, float]:
    """Build the warehouse once more, in this process, and say what took longest.

    Args:
        config: of a project that has been built.
        as_of: the instant of its last build.
        count: how many are named.
        from_scratch: or what a day costs on which nothing new is said.

    Returns:
        Seconds by model or test, longest first.
    """
    settings = load_settings(config)
    instants = pipeline.fix_instants(settings, datetime.fromisoformat(as_of), None)
    build = pipeline.prepare(settings, instants, pipeline.read_pack(settings))
    build = replace(build, full_refresh=from_scratch)
    results = pipeline.stage(build)
    pipeline.gate_sources(build)
    results += pipeline.transform(build)
    ordered = sorted(results, key=lambda result: -result.seconds)[:count]
    return {f"{result.resource_type} {result.name}": result.seconds for result in ordered}


def _run(command: list[str], folder: Path) -> tuple[Cost, str, str]:
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    with out.open("w") as stdout, err.open("w") as stderr:
        began = perf_counter()
        # The code that stands beside this file is measured, wherever another copy is installed.
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    told = err.read_text(encoding="utf-8")
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}:\n{told[-4000:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), out.read_text(encoding="utf-8"), told
