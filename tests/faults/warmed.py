"""Imported once, in the process from which the commands of crash_points.py are forked: what a run imports, and parsed models."""

import tempfile
from pathlib import Path

import promisekept.cli
from orchestration import run
from orchestration.dbt_runner import DbtRunner
from promisekept.evidence import export, release

with tempfile.TemporaryDirectory() as place:
    DbtRunner(Path(place), Path(place) / "warehouse.duckdb").manifest()

__all__ = ["export", "promisekept", "release", "run"]
