"""How the counts of promises became others, and which measures moved while their verdict stayed.

Here: one bridge each for kept, missed and not assessable; the largest movements. Not here: which verdicts changed, and why
(changes.py, reasons.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promisekept.assessment.changes import Assessment, key_of
from promisekept.assessment.reasons import asked
from promisekept.assessment.worst_first import improvement
from promisekept.presentation.statuses import KEPT, NOT_ASSESSABLE
from promisekept.publishing.reader import Row

_FEW = 10
"""Fewer units than this are not ranked by how far they moved."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a bridge: how many promises came (positive) or went, why, and in which colour."""

    words: str
    number: int
    colour: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """How one count of promises became another."""

    name: str
    before: int
    after: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """A measure that moved while the verdict stayed. `improvement` is in shares: 0.01 is one point nearer to the target."""

    clause_id: str
    before: Row
    after: Row
    improvement: float


def bridges(base: Assessment, now: Assessment) -> tuple[Bridge, ...]:
    """How the promises kept, missed and not assessable became others, each count by what came and went."""
    moved: dict[tuple[str, str], int] = {}
    for clause, after in now.by_clause.items():
        before = base.by_clause.get(clause)
        pair = (_class(before["status"]) if before else "new", _class(after["status"]))
        moved[pair] = moved.get(pair, 0) + 1
    for clause, before in base.by_clause.items():
        if clause not in now.by_clause:
            pair = (_class(before["status"]), "gone")
            moved[pair] = moved.get(pair, 0) + 1
    return tuple(_bridge(name, title, moved) for name, title in _BRIDGES.items())


_BRIDGES = {"kept": "Kept", "missed": "Missed", "unknown": "Not assessable"}
_WENT = {
    "kept": (("missed", "now missed", "red"), ("unknown", "evidence lost", "yellow")),
    "missed": (("kept", "now kept", "green"), ("unknown", "evidence lost", "yellow")),
    "unknown": (("kept", "now kept", "blue"), ("missed", "now missed", "red")),
}
_CAME = {
    "kept": (("missed", "were missed", "green"), ("unknown", "evidence arrived", "blue")),
    "missed": (("kept", "were kept", "red"), ("unknown", "evidence arrived", "red")),
    "unknown": (("kept", "evidence lost, were kept", "yellow"), ("missed", "evidence lost, were missed", "yellow")),
}
_ASIDE = (("no_case", "without a case"), ("new", "new or gone"), ("gone", "new or gone"))


def _bridge(name: str, title: str, moved: Mapping[tuple[str, str], int]) -> Bridge:
    steps = [Step(words, -moved.get((name, other), 0), colour) for other, words, colour in _WENT[name]]
    steps += [Step(words, moved.get((other, name), 0), colour) for other, words, colour in _CAME[name]]
    steps += [Step(words, moved.get((other, name), 0) - moved.get((name, other), 0), "gray") for other, words in _ASIDE]
    before = sum(number for (was, _), number in moved.items() if was == name)
    after = sum(number for (_, becomes), number in moved.items() if becomes == name)
    return Bridge(title, before, after, tuple(step for step in steps if step.number))


def _class(status: str) -> str:
    if status in KEPT:
        return "kept"
    return "missed" if status == "missed" else "unknown" if status in NOT_ASSESSABLE else "no_case"


def movements(base: Assessment, now: Assessment, most: int = 5) -> tuple[Movement, ...]:
    """The measures that moved farthest, of promises whose verdict stayed kept or missed; the largest movement first.

    A measure of fewer than ten units in either assessment is left out: one case more or less moves it by tens of points.
    """
    found = []
    for clause, after in now.by_clause.items():
        before = base.by_clause.get(clause)
        if before is None or before["status"] != after["status"] or after["status"] not in (*KEPT, "missed"):
            continue
        was, becomes = (side.measures.get(key_of(after, "deciding_control_id")) for side in (base, now))
        moved = improvement(was, becomes) if was and becomes else None
        if was and becomes and moved and asked(was) == asked(becomes) and min(was["units"], becomes["units"]) >= _FEW:
            found.append(Movement(clause, was, becomes, moved))
    return tuple(sorted(found, key=lambda one: (-abs(one.improvement), one.clause_id))[:most])
