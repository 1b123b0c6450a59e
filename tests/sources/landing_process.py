"""Landing in a process of its own, to be killed between or within chunks, or to see how much memory it takes."""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime
from pathlib import Path

from promisekept.settings import load_settings
from promisekept.sources.landing import land
from promisekept.sources.ledger import Ledger


def main(folder: str, now: str, chunks: str) -> None:
    """Say `now` after so many chunks and go on; say at the end by how many bytes the process grew at most."""
    settings = load_settings(Path(folder))
    left = int(chunks)

    def told(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.write(1, b"now\n")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    land(settings, Ledger.open(settings.home), datetime.fromisoformat(now), told)
    os.write(1, b"%d\n" % ((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024))


if __name__ == "__main__":
    main(*sys.argv[1:])
