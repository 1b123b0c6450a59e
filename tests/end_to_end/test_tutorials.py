"""Each page of docs/tutorials, from its file to its figure: its commands are run as they stand, its outputs are looked for."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from command import ROOT, promisekept

pytestmark = pytest.mark.slow

PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
MOST_COMMANDS = 10
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:[^\n]*<<'END'\n.*?\nEND|[^\n]+)(?:\n|\Z)", re.DOTALL)


def printed_by(command: str, folder: Path) -> str:
    """What a command of a page prints."""
    if command.startswith("promisekept "):
        done = promisekept(*shlex.split(command)[1:], cwd=folder, timeout=600)
        assert done.code in (0, 1), f"{command}\n{done.err}"
        return done.out
    return subprocess.run(["bash", "-ec", command], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_leads_from_a_file_to_a_figure(page: Path, tmp_path: Path):
    number, printed = 0, ""
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "sh":
            for command in _COMMAND.findall(text):
                number += 1
                printed = printed_by(command.rstrip("\n"), tmp_path)
            continue
        at = 0
        for line in text.splitlines():  # in this order
            found = printed.find(line.strip(), at)
            assert found >= 0, f"{line}\nis not in\n{printed}"
            at = found + len(line.strip())
    assert 0 < number <= MOST_COMMANDS
