"""The official text of each law that a rule cites, as a link: laws.csv, one row per law and the words by which citations name it.

Here: which part of a citation leads to which text. Not here: the rules of a law (regimes.csv of the default pack). A law without
a row has no link; the addresses were compared with public sources on the day that the row gives.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_CONTINUES = re.compile(r"^(?:Art\.|ss?\.|\d|para)")
"""How a part of a citation begins that is about the law of the part before it."""


@dataclass(frozen=True, slots=True)
class Law:
    """One text of law.

    Attributes:
        cited_as: the words by which citations name it.
        title: its name.
        url: of its official text.
        read_on: the day of the reading that regimes.csv rests on.
        address_checked_on: the day on which the address was last checked.
    """

    cited_as: str
    title: str
    url: str
    read_on: date
    address_checked_on: date


def cited(regime_code: str | None, citation: str) -> list[tuple[str, Law | None]]:
    """The parts of a citation, each with the law that it is of; None where laws.csv has none."""
    found: list[tuple[str, Law | None]] = []
    for part in filter(None, (part.strip() for part in citation.split(";"))):
        named = [law for law in laws().get(regime_code or "", ()) if law.cited_as in part]
        law = max(named, key=lambda law: len(law.cited_as), default=None)
        if law is None and found and _CONTINUES.match(part):
            law = found[-1][1]
        found.append((part, law))
    return found


@cache
def laws() -> Mapping[str, tuple[Law, ...]]:
    """Regime -> its texts."""
    found: dict[str, tuple[Law, ...]] = {}
    with (Path(__file__).parent / "laws.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days = (date.fromisoformat(row[name]) for name in ("read_on", "address_checked_on"))
            law = Law(row["cited_as"], row["title"], row["url"], *days)
            found[row["regime_code"]] = (*found.get(row["regime_code"], ()), law)
    return found
