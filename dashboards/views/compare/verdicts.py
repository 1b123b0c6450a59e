"""The promises whose verdict changed: before and after, with one reason and one sentence each.

Here: the table. Not here: which they are and why (promisekept/assessment), the page (page.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import markdown
from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from promisekept.assessment.changes import VerdictChange
from promisekept.presentation import formats, labels, statuses
from promisekept.publishing.reader import Row

_MOST = 60


@guarded
def draw(changes: Sequence[VerdictChange], base: str, now: str, address: Mapping[str, str], promises: int) -> None:
    """Worse first, then evidence lost, then better; within that by the distance to the target."""
    columns = _columns(base, now, address)
    with section(
        f"Changed verdicts · {len(changes)}",
        "Worse first, then evidence lost, then better. Figure with cases and population below it; a reference opens its promise",
        lambda: export.button("changed verdicts", changes, columns),
        anchor="changed-verdicts",
    ):
        if not changes:
            nothing("No verdict changed", f"{promises} of {promises} verdicts are the same in {base} and {now}.")
            return
        tables.small(columns, changes, most=_MOST)


def _columns(base: str, now: str, address: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column("Verdict", lambda one: _word(one.pair.before), shown=_verdicts),
        Column("Verdict now", lambda one: _word(one.pair.after), only="file"),
        Column("Promise", "", shown=lambda one: _promise(one, address), only="page"),
        Column("Clause", lambda one: one.clause_id, only="file"),
        Column("Words", lambda one: one.pair.after["promise"], only="file"),
        Column(base, lambda one: _value(one.pair.was), shown=lambda one: _figure(one.pair.was, one.pair.before)),
        Column(now, lambda one: _value(one.pair.becomes), shown=lambda one: _figure(one.pair.becomes, one.pair.after)),
        Column("Target", _target, shown=_target),
        Column("Reason", lambda one: statuses.CHANGE_REASONS[one.reason].text, only="file"),
        Column("Why it changed", lambda one: one.sentence, shown=_why),
    )


def _word(row: Row) -> str:
    return statuses.VERDICTS[row["status"]].text


def _verdicts(change: VerdictChange) -> str:
    return " → ".join(statuses.VERDICTS[row["status"]].badge() for row in (change.pair.before, change.pair.after))


def _promise(change: VerdictChange, address: Mapping[str, str]) -> str:
    text = markdown.plain(labels.clause(change.pair.after["promise"]))
    return f"{markdown.opens(change.clause_id, './', {**address, 'clause': change.clause_id})} {text}"


def _value(row: Row | None) -> float | None:
    return row["value"] if row else None


def _figure(row: Row | None, promise: Row) -> str:
    """Value, and below it its denominator; a dash where it was not measured or could not be assessed."""
    if row is None or row["value"] is None or promise["status"] == "insufficient_evidence":
        return formats.NULL
    of = formats.out_of(row["numerator"], row["denominator"]) if row["denominator"] else f"of {formats.count(row['units'])}"
    return f"{formats.measured(row['value'], row['unit'], row['target'])}  \n:small[:gray[{of}]]"


def _target(change: VerdictChange) -> str:
    row: dict[str, Any] = change.pair.becomes or change.pair.was or change.pair.after
    return formats.target(row["operator"], row["target"], row["unit"])


def _why(change: VerdictChange) -> str:
    return f"{change.badge.badge()}  \n{markdown.plain(change.sentence)}"
