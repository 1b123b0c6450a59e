"""Which verdicts differ between two assessments: two periods of one snapshot, or one period of two snapshots.

Here: asking a snapshot for an assessment, and the promises whose verdict is another one, worse first. Not here: why one changed
(reasons.py), the bridge between the counts (bridges.py), or which figures of a closed period were restated
(promisekept/restatement).

Lost evidence is never an improvement: only fewer cases and a better rate are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from duckdb import DuckDBPyConnection

from promisekept.assessment.promises import WITHIN, promises
from promisekept.assessment.reasons import Pair, reason_of, sentence_of
from promisekept.assessment.worst_first import DISTANCE, Place, place_of
from promisekept.presentation.periods import Period
from promisekept.presentation.statuses import (
    CHANGE_REASONS,
    CHANGES,
    KEPT,
    NOT_ASSESSABLE,
    VERDICTS,
    Status,
)
from promisekept.publishing.reader import LACKING, Row, rows

MeasureKey = tuple[str, str, str, str]
_ORDER = tuple(CHANGES)
_RANKS = {status: place for place, status in enumerate(VERDICTS)}


@dataclass(frozen=True)
class Assessment:
    """Every promise of one snapshot as assessed for one period.

    Attributes:
        label: what a sentence calls it: `Q2 2026`, or `snapshot 0041-7b02aa`.
        promises: as `promisekept.assessment.promises` gives them, worst first.
        measures: every row of `fct_control_results` of the period that measures something.
        restated: of each metric, for which causes this snapshot and those before it restated the period, each with the
            sequence of the snapshot that did.
    """

    label: str
    promises: tuple[Row, ...]
    measures: Mapping[MeasureKey, Row]
    restated: Mapping[str, frozenset[tuple[int, str]]]

    @cached_property
    def by_clause(self) -> Mapping[str, Row]:
        """Each promise by its own reference."""
        return {row["clause_id"]: row for row in self.promises}


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A promise whose verdict is another one.

    Attributes:
        clause_id: of the promise.
        kind: a code of `CHANGES`.
        reason: a code of `CHANGE_REASONS`.
        sentence: why, in one sentence or two.
        pair: the promise and the measure that explains the change, as they were and as they are.
    """

    clause_id: str
    kind: str
    reason: str
    sentence: str
    pair: Pair

    @property
    def badge(self) -> Status:
        """The reason with its colour: green only where fewer cases or a better rate made it better."""
        status = CHANGE_REASONS[self.reason]
        if self.reason not in ("more_cases", "fewer_cases", "other_rate"):
            return status
        colour = {"newly_missed": "red", "less_certain": "red", "now_kept": "green", "more_certain": "green"}.get(self.kind)
        return replace(status, colour=colour or "gray")


def assess(cursor: DuckDBPyConnection, zone: str, period: Period, label: str) -> Assessment:
    """Ask a snapshot for everything that a comparison needs of it."""
    measures = rows(
        cursor,
        f"select *, {DISTANCE} as distance from marts.fct_control_results where {WITHIN} and metric_code is not null",
        {"grain": period.grain, "start": period.start},
    )
    return Assessment(
        label,
        tuple(promises(cursor, zone, period)),
        {key_of(row): row for row in measures},
        _restated(cursor, period),
    )


def _restated(cursor: DuckDBPyConnection, period: Period) -> dict[str, frozenset[tuple[int, str]]]:
    """Empty where the snapshot brings no history."""
    try:
        found = rows(
            cursor,
            f"""
            select distinct metric_code, sequence, unnest(causes) as cause
            from history.fct_restatements where {WITHIN} and change <> 'first'
            """,
            {"grain": period.grain, "start": period.start},
        )
    except LACKING:
        return {}
    restated: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for row in found:
        restated[row["metric_code"]].add((row["sequence"], row["cause"]))
    return {metric: frozenset(causes) for metric, causes in restated.items()}


def changed_verdicts(base: Assessment, now: Assessment, *, same_period: bool = False) -> tuple[VerdictChange, ...]:
    """Promises whose verdict is another one: worse first, then evidence lost, better, evidence arrived, the rest.

    Args:
        base: the assessment to compare with.
        now: the later one.
        same_period: whether both are of one period, in two snapshots; then a figure may have been corrected.

    Returns:
        One change per promise that both assess and whose verdict differs; within a kind by `worst_first`.
    """
    found = [
        _change(before, after, base, now, same_period)
        for clause, after in now.by_clause.items()
        if (before := base.by_clause.get(clause)) is not None and before["status"] != after["status"]
    ]
    return tuple(sorted(found, key=_place))


def _place(change: VerdictChange) -> tuple[int, Place]:
    row = change.pair.after if _ORDER.index(change.kind) < _ORDER.index("now_kept") else change.pair.before
    return _ORDER.index(change.kind), place_of(row["status"], row["distance"], row["severity"], row["breaches"], row["clause_id"])


def _change(before: Row, after: Row, base: Assessment, now: Assessment, same_period: bool) -> VerdictChange:
    kind = _kind(before["status"], after["status"])
    key = key_of(before if kind in ("now_kept", "more_certain") else after, "deciding_control_id")
    since = now.restated.get(key[1], frozenset()) - base.restated.get(key[1], frozenset()) if same_period else frozenset()
    causes = frozenset(cause for _, cause in since)
    pair = Pair(before, after, base.measures.get(key), now.measures.get(key), base.label, now.label, causes)
    reason = reason_of(pair)
    return VerdictChange(after["clause_id"], kind, reason, sentence_of(pair, reason), pair)


def _kind(before: str, after: str) -> str:
    if after == "missed":
        return "newly_missed"
    if after == "insufficient_evidence" or (after == "manual" and before != "insufficient_evidence"):
        return "no_longer_assessable"
    if before in NOT_ASSESSABLE:
        return "assessable_again"
    if after in KEPT and before in KEPT:
        return "less_certain" if _RANKS[after] < _RANKS[before] else "more_certain"
    return "now_kept" if after in KEPT and before == "missed" else "without_case"


def key_of(row: Row, control: str = "control_id") -> MeasureKey:
    """By which a measure is found in another assessment."""
    return row[control], row["metric_code"], row["dimension"], row["dimension_value"]


def counted(changes: Iterable[VerdictChange]) -> dict[str, list[VerdictChange]]:
    """Changes by their kind, what is worst first; only kinds that occur."""
    found: dict[str, list[VerdictChange]] = {}
    for change in changes:
        found.setdefault(change.kind, []).append(change)
    return {kind: found[kind] for kind in CHANGES if kind in found}
