"""Imported once, in the process from which commands are forked (forked.py): what a run imports, and compiled models."""

import gc
import os
from pathlib import Path

import promisekept.cli
from expectations import engine
from orchestration import run
from orchestration.compiled_project import compiled_project
from promisekept.evidence import export, release

engine.load()
compiled_project(Path(os.environ["COMPILED_PROJECT"]))
gc.collect()
gc.freeze()  # else the first collection in each fork would copy every page

__all__ = ["export", "promisekept", "release", "run"]
