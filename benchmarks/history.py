"""The ratios that were measured before, so that a commit that costs more is seen.

Here: benchmarks/history.csv, by processor seconds, which other work on the machine stretches least. Not here: measuring them
(builds.py).
"""

from __future__ import annotations

import csv
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HISTORY = Path(__file__).with_name("history.csv")
MARGIN = 1.10
"""A ratio may exceed the highest recent one by this factor: on one machine, a commit that costs a tenth more is to be seen."""
RECENT = 3
"""So many records are compared with: of a million events one version gave a day of 0.26 and of 0.41 of a full build."""
_HEADER = ("commit", "events", "ratio", "value")


def append(events: int, ratios: Mapping[str, float], history: Path = HISTORY) -> None:
    """Record what was measured at the commit that is checked out.

    Args:
        events: how many the logs had.
        ratios: by name.
        history: the file.
    """
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HISTORY.parent, check=True, capture_output=True, text=True
    ).stdout.strip()
    is_new = not history.is_file()
    with history.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerows([_HEADER] if is_new else [])
        writer.writerows((commit, events, name, f"{value:.4f}") for name, value in ratios.items())


def worsened(events: int, ratios: Mapping[str, float], history: Path = HISTORY, margin: float = MARGIN) -> list[str]:
    """Each ratio that is more than the margin above the highest of the recent ones that were recorded for as many events."""
    recorded = defaultdict(list)
    with history.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if int(row["events"]) == events:
                recorded[row["ratio"]].append(float(row["value"]))
    recent = {name: max(values[-RECENT:]) for name, values in recorded.items()}
    return [
        f"{name}: {value:.3f}, {recent[name]:.3f} before"
        for name, value in ratios.items()
        if name in recent and value > recent[name] * margin
    ]
