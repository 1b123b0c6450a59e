"""Imported once, in the process from which commands are forked (forked.py): what a run imports, and parsed models."""

import gc
import tempfile
from pathlib import Path

import promisekept.cli
from expectations import engine
from orchestration import run
from orchestration.compiled_project import compiled_project
from orchestration.dbt_runner import DbtRunner
from promisekept.evidence import export, release

engine.load()
with tempfile.TemporaryDirectory() as place:
    DbtRunner(Path(place), Path(place) / "warehouse.duckdb").manifest()
    compiled_project(Path(place))
gc.collect()
gc.freeze()  # else the first collection in each fork would copy every page

__all__ = ["export", "promisekept", "release", "run"]
