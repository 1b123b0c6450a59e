"""The script in a bundle, run as a stranger runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from promisekept import evidence

SCRIPT = Path(evidence.__file__).with_name("verify.sh")


def verify_sh(bundle: Path, **given: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it from a place that the reader trusts."""
    arguments = [f"{name}={value}" for name, value in given.items()]
    return subprocess.run(
        ["sh", str(SCRIPT), str(bundle), *arguments], capture_output=True, text=True, errors="replace", check=False
    )
