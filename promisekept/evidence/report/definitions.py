"""What a measure is, in the words of a reader: its definition, its numerator and its denominator.

Here: definitions.csv. A metric that has none there is defined by the words that the snapshot itself has for it. Not here:
the figures, or how they are computed (the marts' models, which the bundle holds).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Definition:
    """`counted` and `of` are the words over and under the line; empty for what is no rate."""

    counted: str
    of: str
    text: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Definitions by metric."""
    with (Path(__file__).parent / "definitions.csv").open(encoding="utf-8", newline="") as file:
        return {row["metric_code"]: Definition(row["counted"], row["of"], row["definition"]) for row in csv.DictReader(file)}
