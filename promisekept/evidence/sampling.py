"""A sample of requests that nobody can choose: drawn from the bundle's fingerprint and a value that the auditor names afterwards.

Here: the strata and the draw. Not here: what an auditor asks about a request that was drawn.

The organisation fixes the bundle before it has the value, the auditor names the value without seeing the sample.
Whoever has both can draw again with `sha256sum` and `sort` (docs/evidence.md): the seed is SHA-256(fingerprint ":" value), a
request's place in its stratum that of SHA-256(seed ":" request_key) in hex, the smallest first.
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import fingerprint
from promisekept.evidence.verifying import opened, wholeness

TABLE = "data/tables/fct_requests.csv"
REST = "other"
STRATA: Mapping[str, Callable[[Mapping[str, str]], bool]] = {
    "late": lambda row: row["status"] == "closed_late",
    "denied": lambda row: row["outcome"] == "denied",
    "excluded": lambda row: row["status"] == "excluded",
    "paused": lambda row: row["status"] == "paused",
    "overdue": lambda row: row["status"] == "open_overdue",
    "on_time": lambda row: row["status"] == "closed_on_time",
}
"""A request is in the first that fits; the rest is open in time, or of a law without a deadline or a rule."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was drawn of one kind of requests: `drawn` of `population`, in the order of the draw."""

    name: str
    population: int
    drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole draw, and of what it is a function."""

    fingerprint: str
    value: str
    seed: str
    strata: tuple[Stratum, ...]
    not_sampled: int


def draw(bundle: Path, value: str, size: int) -> Sample:
    """Draw from each stratum of a bundle's requests.

    Args:
        bundle: a folder or a ZIP.
        value: what the auditor named after receiving it.
        size: how many of each stratum; all of them where there are fewer.

    Raises:
        EvidenceError: the bundle is not whole, holds no requests, or the value is empty.
    """
    if not value.strip() or not value.isprintable():
        raise EvidenceError(
            f"--auditor-value: {value!r} is no value.\n"
            "  The auditor names one line of text after receiving the bundle; what dice show will do."
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = opened(bundle, Path(temporary) / "bundle")
        wrong = list(wholeness(folder))
        if wrong:
            raise EvidenceError(f"{bundle}: nothing is drawn from what is not whole: {wrong[0]}.\n  Ask for the bundle again.")
        if not (folder / TABLE).is_file():
            raise EvidenceError(
                f"{bundle}: it holds no requests ({TABLE}).\n  A public bundle holds counts only; use the auditor's."
            )
        found = fingerprint(folder)
        populations = _populations(folder / TABLE)
    seed = _sha256(f"{found}:{value}")
    strata = tuple(
        Stratum(name, len(populations[name]), tuple(sorted(populations[name], key=lambda key: _sha256(f"{seed}:{key}"))[:size]))
        for name in STRATA
    )
    return Sample(found, value, seed, strata, len(populations[REST]))


def _populations(table: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in (*STRATA, REST)}
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            stratum = next((name for name, fits in STRATA.items() if fits(row)), REST)
            found[stratum].append(row["request_key"])
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
