"""Each command is found by its name, and a process imports what its own command needs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from promisekept import cli
from promisekept.cli.app import COMMANDS, commands_of

NOT_FOR_A_RUN = ("dagster", "promisekept.evidence.report", "promisekept.project", "xlsxwriter", "typst")


def test_every_module_with_commands_is_in_the_tree():
    files = Path(cli.__path__[0]).glob("*.py")
    modules = {file.stem for file in files if file.stem not in {"__init__", "app"}}
    assert {name for name in modules if hasattr(import_module(f"promisekept.cli.{name}"), "register")} == set(COMMANDS)


@pytest.mark.parametrize("module", COMMANDS)
def test_a_module_has_the_commands_that_the_tree_names(module):
    assert set(commands_of(module)) == set(COMMANDS[module])


def test_a_run_imports_nothing_of_other_commands():
    """All commands were imported, with the report and the wizard behind them, whichever was asked for."""
    script = (
        "import sys; from promisekept.cli.app import app; app(['run', '--help'], standalone_mode=False);"
        f" print([name for name in {NOT_FOR_A_RUN} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
