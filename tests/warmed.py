"""Imported once, in the process from which commands are forked (forked.py): what a run imports, reads and builds first."""

import gc
from pathlib import Path

import promisekept.cli
import promisekept.demo
from expectations import importing
from expectations.contracts import mart_contracts
from orchestration import run
from orchestration.compiling import compiled_project
from promisekept.evidence import export, release
from promisekept.policy import build_calendar, load_pack
from promisekept.policy.calendars import calendar_problem

importing.load()
mart_contracts()
compiled_project()
for row in load_pack(Path(promisekept.demo.__file__).parent / "pack").rows("calendars"):
    build_calendar(row)
    calendar_problem(row)
gc.collect()
gc.freeze()  # else the first collection in each fork would copy every page

__all__ = ["export", "promisekept", "release", "run"]
