"""Seconds, processor seconds and peak memory of a process of its own, and how they are printed.

Here: a project folder for an inbox, the product and the lean scripts started as a person would start them, what they cost. Not
here: what the numbers mean (builds.py, bundles.py). Processor seconds stand beside the wall's, since a machine that does
something else at the same time stretches the one and not the other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import yaml

from benchmarks.lean import ZONE
from benchmarks.logs import LOGS
from orchestration import pipeline
from promisekept.config.loading import load_settings
from promisekept.project.scaffold import scaffold
from promisekept.publishing.reader import read_current

ROOT = Path(__file__).parents[1]
PACK = Path(__file__).with_name("pack")
PROGRAM = str(Path(sys.executable).with_name("promisekept"))
_PROGRESS = re.compile(r"^\s*([0-9.]+) s  (\S.{12})(.*)", re.MULTILINE)  # stages stand in a column of 13


@dataclass(frozen=True)
class Cost:
    """What one process took.

    Attributes:
        seconds: by the clock on the wall.
        processor: user and system time, of all cores together. The process of the gates ends by itself and is not counted: it
            takes some six seconds in a small run on slower processors, half of them imports.
        memory: bytes at its peak.
        parts: seconds of its parts by name, in its own words.
    """

    seconds: float
    processor: float
    memory: int
    parts: dict[str, float] = field(default_factory=dict)


def write_logs(inbox: Path, events: int, *options: str) -> int:
    """Write all logs in a process of its own, so that its memory is not counted to those that are started later.

    Args:
        inbox: the folder that holds a folder per log.
        events: how many.
        options: of `python -m benchmarks.logs`.

    Returns:
        The number of rows.
    """
    return int(_run(_module("logs", inbox, events, *options), inbox.parent)[1])


def write_project(folder: Path, inbox: Path, *, memory_limit: str | None = None, pattern: str = "*.parquet") -> Path:
    """A project whose sources deliver the logs of an inbox, with a pack that has every register.

    Args:
        folder: new.
        inbox: the folder that holds a folder per log.
        memory_limit: of DuckDB, such as 8GB.
        pattern: of the names of the files.

    Returns:
        Its promisekept.yml.
    """
    scaffold(folder, organisation="Benchmark Ltd", country="IE", time_zone=ZONE)
    shutil.copytree(PACK, folder / "pack", dirs_exist_ok=True)
    config = folder / "promisekept.yml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["sources"] = [
        {"name": log, "log": log, "reader": {"kind": "files", "path": str(inbox / log / pattern)}, "time_zone": ZONE}
        for log in LOGS
        if (inbox / log).is_dir()
    ]
    if memory_limit:
        settings["engine"] = {"memory_limit": memory_limit}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


def run_product(config: Path, *arguments: str) -> Cost:
    """A command of `promisekept` that shows its progress, with the seconds of its stages, or of the steps of an export."""
    cost, _, shown = _run([PROGRAM, *arguments, "--config", str(config)], config.parent)
    found = [(float(at), stage.strip(), step) for at, stage, step in _PROGRESS.findall(shown)]
    marks = [(at, step if stage == "export" else stage) for at, stage, step in found] + [(cost.seconds, "")]
    stages = {"starting": marks[0][0]}
    for (begin, stage), (end, _) in pairwise(marks):
        stages[stage] = stages.get(stage, 0.0) + end - begin
    return replace(cost, parts=stages)


def run_lean(inbox: Path, work: Path, as_of: str, project: Path, memory_limit: str | None = None) -> Cost:
    """The lean script, with the key and the pack of a project."""
    options = ["--as-of", as_of, "--key", project / "keys" / "pseudonym.key", "--pack", project / "pack"]
    if memory_limit:
        options += ["--memory-limit", memory_limit]
    cost, seconds, _ = _run(_module("lean", inbox, work, *options), work.parent)
    return replace(cost, parts=json.loads(seconds))


def run_lean_bundle(config: Path, bundle: Path, out: Path) -> Cost:
    """As many rows as a bundle holds, written and hashed; they are removed again."""
    out.mkdir()
    cost, seconds, _ = _run(_module("lean_bundle", bundle, config.parent / ".promisekept/landing", out), out.parent)
    shutil.rmtree(out)
    return replace(cost, parts=json.loads(seconds))


def run_verify(bundle: Path) -> Cost:
    """`promisekept verify`."""
    return _run([PROGRAM, "verify", str(bundle)], bundle.parent.parent)[0]


def run_script(script: Path, *arguments: Path, folder: Path) -> Cost:
    """A script of a bundle, as a third party runs it; the duckdb command is that beside this Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return _run(["env", f"PATH={path}", "sh", str(script), *map(str, arguments)], folder)[0]


def published(config: Path) -> Path:
    """The snapshot that is current."""
    home = config.parent / ".promisekept"
    current = read_current(home) or {}
    return home / "snapshots" / current["snapshot"] / "snapshot.duckdb"


def slowest_nodes(config: Path, as_of: str, count: int, *, from_scratch: bool = True) -> dict[str, float]:
    """Build the warehouse once more, in this process; what took longest.

    Args:
        config: of a project that has been built.
        as_of: the instant of its last build.
        count: how many are named.
        from_scratch: or what a day costs on which nothing new landed.

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


def print_cost(name: str, cost: Cost) -> None:
    """Print a line about one process."""
    print(
        f"{name:<44}{cost.seconds:8.1f} s {cost.processor:8.1f} s of processors {cost.memory / 2**30:6.2f} GiB at peak",
        flush=True,
    )


def print_parts(title: str, parts: Mapping[str, float]) -> None:
    """Print parts with their seconds."""
    print(f"\n{title}")
    for name, seconds in parts.items():
        print(f"  {seconds:8.2f}  {name}")


def _module(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]


def _run(command: list[str], folder: Path) -> tuple[Cost, str, str]:
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    with out.open("w") as stdout, err.open("w") as stderr:
        began = perf_counter()
        # The code that stands beside this file is measured, wherever another copy is installed.
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    shown = err.read_text(encoding="utf-8")
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}:\n{shown[-4000:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), out.read_text(encoding="utf-8"), shown
