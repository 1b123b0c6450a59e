"""Comparison of the published rows with the oracle's, and the smallest case on which the two disagree.

Here: which columns are compared, and shrinking a case by leaving out events for as long as the two still disagree. Not here:
making cases (random_cases.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from oracles.deadlines import Verdict, evaluate
from oracles.law import Law
from random_cases import Case, all_places, strange_world
from world import DEADLINES, Report, World, as_event, plain

COLUMNS = tuple(field.name for field in fields(Verdict))


@dataclass(frozen=True)
class Disagreement:
    """One right of one request on which the two do not agree: column -> (product, oracle)."""

    case: Case
    right_type: str
    as_of: datetime
    columns: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        lines = "\n".join(f"    {name}: product {ours!r}, oracle {theirs!r}" for name, (ours, theirs) in self.columns.items())
        return f"{self.right_type} as of {self.as_of.isoformat()}\n{self.case}\n  they differ in\n{lines}"


def expected_row(case: Case, right_type: str, law: Law, as_of: datetime) -> dict[str, Any] | None:
    """The oracle's answer by column, as plain text and numbers."""
    events = [as_event(row) for row in case.events]
    verdict = evaluate(events, right_type, all_places()[case.jurisdiction], law, as_of)
    return None if verdict is None else {name: plain(value) for name, value in verdict.as_dict().items()}


def disagreements(cases: dict[str, Case], report: Report, law: Law, as_of: datetime) -> list[Disagreement]:
    """Every right of every case on which product and oracle differ at that instant."""
    published = {(row["request_id"], row["right_type"]): row for row in report.table("fct_requests")}
    found = []
    for request_id, case in cases.items():
        for right_type in case.rights:
            ours = published.pop((request_id, right_type), None)
            theirs = expected_row(case, right_type, law, as_of)
            if ours is None or theirs is None:
                columns = {} if ours is None and theirs is None else {"(row)": (ours is not None, theirs is not None)}
            else:
                columns = {
                    name: (ours.get(name, "(no such column)"), theirs[name])
                    for name in COLUMNS
                    if ours.get(name, "(no such column)") != theirs[name]
                }
            if columns:
                found.append(Disagreement(case, right_type, as_of, columns))
    assert not published, f"rows that nobody asked for: {sorted(published)[:5]}"
    return found


def shrink(found: Disagreement, folder: Path, law: Law, rounds: int = 12) -> Disagreement:
    """The same disagreement (in one of its columns) with as few events as possible."""
    for number in range(rounds):
        smaller = _evaluate_all(_without_one_event(found.case), folder / f"round-{number}", law, found.as_of)
        still = [it for it in smaller if it.right_type == found.right_type and set(it.columns) & set(found.columns)]
        if not still:
            break
        found = min(still, key=lambda it: len(it.case.events))
    return found


def _without_one_event(case: Case) -> list[Case]:
    return [
        Case(case.jurisdiction, case.events[:place] + case.events[place + 1 :])
        for place in range(len(case.events))
        if len(case.events) > 1
    ]


def _evaluate_all(cases: Sequence[Case], folder: Path, law: Law, as_of: datetime) -> list[Disagreement]:
    if not cases:
        return []
    world = strange_world(folder)
    landed = land_cases(world, cases)
    return disagreements(landed, world.run(as_of, only=DEADLINES), law, as_of)


def land_cases(world: World, cases: Iterable[Case]) -> dict[str, Case]:
    """Let every case happen in one world, under an id of its own."""
    landed = {f"r{number:05d}": case for number, case in enumerate(cases)}
    for request_id, case in landed.items():
        case.land_in(world, request_id)
    return landed
