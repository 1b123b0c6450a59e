"""Lint, formatting, types and the models' SQL, by the tools that pyproject.toml configures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Its trees of syntax are many small objects, which Python would search for garbage again and again: a fifth of its time.
SQLFLUFF = "import gc; gc.disable(); from sqlfluff.cli.commands import cli; cli()"
MODELS = ("dbt_project/models", "dbt_project/tests", "promisekept/project/presets")


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        pytest.param(("-m", "mypy"), marks=pytest.mark.slow),
        pytest.param(("-c", SQLFLUFF, "lint", *MODELS), marks=pytest.mark.slow),
    ],
    ids=["ruff check", "ruff format", "mypy", "sqlfluff lint"],
)
def test_the_tree_satisfies(command):
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
