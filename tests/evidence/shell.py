"""The scripts in a bundle, run as a third party runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from promisekept import evidence
from promisekept.evidence.verifying import verify

SCRIPT = Path(evidence.__file__).with_name("verify.sh")


def verify_sh(bundle: Path, **given: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it from a place that the reader trusts."""
    arguments = [f"{name}={value}" for name, value in given.items()]
    return subprocess.run(
        ["sh", str(SCRIPT), str(bundle), *arguments], capture_output=True, text=True, errors="replace", check=False
    )


DUCKDB = Path(sys.executable).with_name("duckdb")


def reperform(bundle: Path, duckdb: str | Path = DUCKDB) -> subprocess.CompletedProcess[str]:
    """As a third party runs it: a shell, the duckdb command and nothing of ours."""
    environment = {"PATH": os.defpath, "HOME": "/nonexistent", "TZ": "Asia/Tokyo"}
    command = ["sh", str(bundle / "reperform.sh"), str(duckdb)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd="/")


def require_green(bundle: Path) -> None:
    result = reperform(bundle)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout[-3000:] + result.stderr
    assert "every row is as stated" in result.stdout
    assert int(result.stdout.splitlines()[1].split()[1]) > 60, result.stdout
    assert verify(bundle).is_sound, "the script wrote into the bundle"
