"""Lint, formatting, types and the models' SQL, by the tools that pyproject.toml configures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        pytest.param(
            ("sqlfluff", "lint", "dbt_project/models", "dbt_project/tests", "promisekept/project/presets"), marks=pytest.mark.slow
        ),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tree_satisfies(command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
