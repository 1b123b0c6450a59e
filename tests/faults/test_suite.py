"""The suite itself: every row of it states its fault and what holds, and no number twice."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECIFIED = ROOT.parent / "shared" / "spec" / "09-faults.md"


def stated():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.stated_faults()


def plain(fault: str) -> str:
    return re.sub(r"\s*\([^)]*\)|`", "", fault).strip()


def test_every_module_of_the_suite_states_its_fault_and_every_number_comes_once():
    files = {file.name for file in (ROOT / "tests" / "faults").glob("test_*.py")} - {Path(__file__).name}
    assert {fault.test for fault in stated()} == files
    assert [fault.number for fault in stated()] == list(range(1, 39))


@pytest.mark.skipif(not SPECIFIED.exists(), reason="the specification is not beside the repository")
def test_the_faults_bear_the_names_of_the_specification():
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", SPECIFIED.read_text(encoding="utf-8"), re.MULTILINE)
    named = {int(number): plain(fault) for number, fault in rows}
    assert {fault.number: plain(fault.fault) for fault in stated()} == named
