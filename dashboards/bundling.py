"""Building a bundle: `promisekept export`, in a process of its own, for the person who ordered it.

Here: starting it, its progress, its result. Not here: the form (views/evidence/bundle_form.py), the bundle itself
(promisekept.evidence).

In a process of its own because it needs what the dashboard never opens: the pseudonym key, the landing zone and the compiled
models. And because a page that is left takes its work along: a build that nobody waits for is ended, and leaves nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards import arguments
from promisekept.config.settings import Settings
from promisekept.errors import EvidenceError

_STEP = re.compile(r"^\s*[0-9.]+ s  (?P<stage>.{13})(?P<what>.*)$")
_ONE = threading.Lock()


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """Which bundle is ordered, and by whom."""

    snapshot: str
    period: str
    audience: str
    regime: str | None
    who: str
    role: str

    @property
    def arguments(self) -> list[str]:
        """As the command line takes them; each with its name, so that none is ever taken for an option."""
        named = {
            "snapshot": self.snapshot,
            "period": self.period,
            "audience": self.audience,
            "regime": self.regime,
            "who": self.who,
            "role": self.role,
        }
        return [f"--{name}={value}" for name, value in named.items() if value]


def project() -> Settings | None:
    """The project that the dashboard was started for; None where it was started for a home alone, without configuration."""
    return _read(tuple(sys.argv[1:]))


@cache
def _read(given: tuple[str, ...]) -> Settings | None:
    # Once per start, as who may read is: a changed configuration takes effect when the dashboard is started again.
    read: Settings | None = arguments.settings(given)
    return read


def build(config: Path, order: BundleOrder, report: Callable[[str], None]) -> str:
    """Build a draft bundle below home and wait for it.

    Args:
        config: the project's promisekept.yml.
        order: which bundle, and for whom.
        report: called with each step.

    Returns:
        The bundle's name.

    Raises:
        EvidenceError: another one is being built, or the export failed; the message names the cause and the remedy.
    """
    if not _ONE.acquire(blocking=False):
        raise EvidenceError("Another bundle is being built just now.\n  Wait until it is there, then build this one.")
    try:
        return _run([sys.executable, "-c", _MAIN, "export", f"--config={config}", "--format=json", *order.arguments], report)
    finally:
        _ONE.release()


_MAIN = "from promisekept.cli import main; main()"


def _run(command: list[str], report: Callable[[str], None]) -> str:
    messages: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as result:
        process = subprocess.Popen(command, stdout=result, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        try:
            for line in process.stderr or ():
                step = _STEP.match(line)
                if step:
                    report(step["what"])
                else:
                    messages.append(line.rstrip())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code == 2:
            raise EvidenceError("\n".join(messages))
        if code:
            raise RuntimeError(f"promisekept export ended with {code}")
        result.seek(0)
        return Path(json.load(result)["bundle"]).name
