"""Landing in a process of its own, to be killed between or within chunks, or to see how much memory it takes."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from promisekept.config.loading import load_settings
from promisekept.sources.landing.land import land
from promisekept.sources.zone.ledger import Ledger


def main(folder: str, now: str, chunks: str) -> None:
    """Print `now` after so many chunks and go on; print at the end by how many bytes the process grew at most."""
    settings = load_settings(Path(folder))
    left = int(chunks)

    def progress(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.write(1, b"now\n")

    before = most_memory()
    land(settings, Ledger.open(settings.home), datetime.fromisoformat(now), progress)
    os.write(1, b"%d\n" % (most_memory() - before))


def most_memory() -> int:
    """The most bytes that this process had in memory so far; `getrusage` would count those of its parent."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
