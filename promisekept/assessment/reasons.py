"""Why a verdict is another one: one reason of a closed list, and one sentence by template.

Here: the reason of a pair of verdicts, with the measure that explains it. Not here: which verdicts changed (changes.py), or what
a reason is called (presentation/statuses.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from promisekept.assessment.worst_first import improvement
from promisekept.presentation import formats, labels
from promisekept.presentation.statuses import NOT_ASSESSABLE
from promisekept.publishing.reader import Row

_BY_RULES = frozenset({"pack", "law", "code"})
_UNASSESSED = "no control was in force"


@dataclass(frozen=True, slots=True)
class Pair:
    """One promise in two assessments.

    Attributes:
        before: the promise as it was assessed.
        after: the promise as it is assessed.
        was: the measure that explains the change, as it was; None where it was not measured.
        becomes: the same measure as it is.
        base: what a sentence calls the first assessment.
        now: what it calls the second.
        causes: for which the period of the measure was restated between them.
    """

    before: Row
    after: Row
    was: Row | None
    becomes: Row | None
    base: str
    now: str
    causes: frozenset[str] = frozenset()


def reason_of(pair: Pair) -> str:
    """A code of `CHANGE_REASONS`: the first that fits, evidence before rules before figures."""
    before, after = pair.before["status"], pair.after["status"]
    is_evidence = after == "insufficient_evidence" or (after == "manual" and before != "insufficient_evidence")
    if is_evidence or _lacks_worst_case(pair, after):
        return "evidence_lost"
    if before in NOT_ASSESSABLE or _lacks_worst_case(pair, before):
        return "evidence_arrived"
    if "correction" in pair.causes:
        return "corrected"
    was, becomes = pair.was, pair.becomes
    if pair.causes & _BY_RULES or was is None or becomes is None or asked(was) != asked(becomes):
        return "other_rule"
    return _by_figures(was, becomes)


def _by_figures(was: Row, becomes: Row) -> str:
    more, moved = (becomes["breaches"] or 0) - (was["breaches"] or 0), improvement(was, becomes) or 0.0
    if more > 0 and moved <= 0:
        return "more_cases"
    return "fewer_cases" if more < 0 and moved >= 0 else "other_rate"


def _lacks_worst_case(pair: Pair, status: str) -> bool:
    """Whether a side is kept by the standard interpretation only, and nothing but the worst case differs from the other."""
    was, becomes = pair.was, pair.becomes
    if status != "met_on_main_reading" or was is None or becomes is None:
        return False
    return all(was[name] == becomes[name] for name in ("value", "value_strict")) and was["value_worst"] != becomes["value_worst"]


def asked(row: Row) -> tuple[str | None, float | None]:
    """Operator and target of a measure."""
    return row["operator"], row["target"]


def sentence_of(pair: Pair, reason: str) -> str:
    """Why, in one sentence or two; what can't be an improvement is named as such."""
    return _TEMPLATES[reason](pair)


def _evidence_lost(pair: Pair) -> str:
    if pair.after["status"] == "met_on_main_reading":
        return _by_worst_case("no longer")
    why = labels.clause(pair.after["reason"] or _UNASSESSED)
    return f"{why}." + (" This is not an improvement." if pair.before["status"] == "missed" else "")


def _evidence_arrived(pair: Pair) -> str:
    if pair.before["status"] == "met_on_main_reading":
        return _by_worst_case("again")
    return f"In {pair.base}: {_lowered(pair.before['reason'] or _UNASSESSED)}."


def _by_worst_case(when: str) -> str:
    return f"Kept by the standard interpretation as before, {when} in the worst case, where missing evidence counts as missed."


def _other_rule(pair: Pair) -> str:
    was, becomes = pair.was, pair.becomes
    if was is None or becomes is None:
        return f"Not measured in {pair.base if was is None else pair.now}: another control or metric was in force."
    if asked(was) != asked(becomes):
        return f"The target is {_target(becomes)}, in {pair.base} it was {_target(was)}."
    return f"The figure was computed by other rules: {_figure(was)} in {pair.base}, {_figure(becomes)} in {pair.now}."


def _corrected(pair: Pair) -> str:
    return f"{_figure(pair.was)} in {pair.base}, {_figure(pair.becomes)} with the later versions of its events."


def _other_rate(pair: Pair) -> str:
    return f"{_figure(pair.was)} in {pair.base}, {_figure(pair.becomes)} in {pair.now}."


def _fewer_cases(pair: Pair) -> str:
    return f"{_against(pair.becomes)} against it, in {pair.base} {_against(pair.was)}."


def _more_cases(pair: Pair) -> str:
    every, most = pair.after["findings"], pair.after["cause_findings"]
    if not most:
        return _fewer_cases(pair)
    part = formats.out_of(most, every) if most < every else formats.count(every)
    return f"{_fewer_cases(pair)} {part} finding{'' if every == 1 else 's'}: {_lowered(labels.clause(pair.after['cause']))}."


_TEMPLATES: Mapping[str, Callable[[Pair], str]] = {
    "more_cases": _more_cases,
    "fewer_cases": _fewer_cases,
    "other_rate": _other_rate,
    "evidence_lost": _evidence_lost,
    "evidence_arrived": _evidence_arrived,
    "other_rule": _other_rule,
    "corrected": _corrected,
}


def _against(row: Row | None) -> str:
    number = (row or {}).get("breaches") or 0
    return formats.plural(number, "case")


def _figure(row: Row | None) -> str:
    if row is None:
        return "not measured"
    base = formats.base(row)
    return formats.measured(row["value"], row["unit"], row["target"]) + (f" ({base})" if base else "")


def _target(row: Row) -> str:
    return formats.target(*asked(row), row["unit"])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
