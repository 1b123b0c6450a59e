"""Two exports of one snapshot have one fingerprint: in other processes, zones, locales and folders, and on two Pythons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT
from evidence.conftest import Project

from promisekept.evidence.bagit import fingerprint

pytestmark = pytest.mark.slow

EXPORT = "from promisekept.cli import main; main()"
OTHER = "3.13" if sys.version_info[:2] != (3, 13) else "3.11"


def exported(project: Project, out: Path, python: list[str], **environment: str) -> str:
    """The fingerprint of a quarter's bundle, made by a process of its own."""
    arguments = ["--config", str(project.folder), "--period", "2026-Q3", "--out", str(out)]
    command = [*python, "-c", EXPORT, "export", *arguments]
    settings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(command, env=settings, cwd=out.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (bundle,) = out.iterdir()
    return fingerprint(bundle)


def test_another_process_zone_locale_hash_seed_home_and_umask_change_nothing(larkfield: Project, auditors, tmp_path):
    elsewhere = larkfield.elsewhere(tmp_path / "other" / "place")
    strange = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "4711", "LC_ALL": "C", "LANG": "C", "HOME": str(tmp_path), "USER": "nobody"}
    before = os.umask(0o077)
    try:
        found = exported(elsewhere, tmp_path / "out", [sys.executable], **strange)
    finally:
        os.umask(before)
    assert found == fingerprint(auditors)


def test_another_version_of_python_changes_nothing(larkfield: Project, auditors, tmp_path):
    """With the very versions of the lock file, where that Python and the packages can be had."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("there is no uv to bring another Python")
    locked = ["--frozen", "--no-dev", "--project", str(ROOT)]
    python = [uv, "run", "--quiet", "--python", OTHER, *locked, "python"]
    environment = {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "environment")}
    tried = subprocess.run(
        [*python, "-c", "import duckdb, typst, dbt, sys; print(sys.version_info[:2])"],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if tried.returncode != 0:
        pytest.skip(f"Python {OTHER} with the packages can't be had here: {tried.stderr.strip()[-200:]}")
    assert str(tuple(map(int, OTHER.split(".")))) in tried.stdout
    assert exported(larkfield, tmp_path / "out", python, **environment) == fingerprint(auditors)
