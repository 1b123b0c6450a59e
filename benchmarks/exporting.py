"""One export in a process of its own, with the processor seconds of its parts as its progress tells them.

Here: the process. Not here: what is measured of it (of_bundles.py).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from orchestration.compiled_models import compiled_models
from promisekept.config.loading import load_settings
from promisekept.evidence.export import Taker, export
from promisekept.evidence.scope import Scope, read_audience, read_period
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.keys import load_key


def main(config: Path, period: str, audience: str, out: Path) -> None:
    """Export the current snapshot and print the seconds of each part as JSON."""
    marks: list[tuple[float, str]] = [(0.0, "starting")]
    settings = load_settings(config)
    with open_current(settings.home) as current:
        scope = Scope(current.id, read_period(period), read_audience(audience))
    marks.append((process_time(), "models"))
    models = compiled_models(settings.home)
    taker = Taker("benchmark", "local", datetime(2027, 1, 1, tzinfo=UTC))
    key = load_key(settings.keys.pseudonym)
    export(
        settings.home, scope, key, models, taker, out=out, progress=lambda what: marks.append((process_time(), what))
    )  # fmt: skip
    ends = [at for at, _ in marks[1:]] + [process_time()]
    print(json.dumps({what: end - begin for (begin, what), end in zip(marks, ends, strict=True)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
