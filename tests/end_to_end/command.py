"""The front door as a test opens it: arguments in, exit code, output and JSON out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def promisekept(*arguments: str | Path, cwd: Path | None = None, timeout: float = 300) -> Said:
    """Run the command in a process of its own, as a user would."""
    command = [sys.executable, "-c", "from promisekept.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd or ROOT, timeout=timeout, check=False)
    return Said(done.returncode, done.stdout, done.stderr)
