"""Exceptions that the organisation granted itself: who approved what, until when, and that no verdict changed for it.

Here: the sentence on a promise's page and the table of part 6. Not here: verdicts, which no exception enters.
"""

from __future__ import annotations

from promisekept.evidence.report import verdicts
from promisekept.evidence.report.model import Block, Column, Row, Table, Text
from promisekept.evidence.report.promises import Promise
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.presentation import labels, paper

_WHOLE = "the whole control"


def sentence(exception: Answer) -> str:
    """One exception in a sentence."""
    return (
        f"Exception {exception['exception_id']} ({exception['scope'] or _WHOLE}): {exception['reason']}. "
        f"Approved by: {exception['approved_by']}; it ends on {paper.day(exception['last_day'])}. "
        "It explains and excuses nothing: the verdict is what it would be without it."
    )


def in_force_table(ask: Inquiry, promises: tuple[Promise, ...]) -> list[Block]:
    """The exceptions that were in force on a day of the period, each with the verdict that it did not change."""
    rows = [_row(promise, one) for promise in promises for one in promise.exceptions]
    if not rows:
        return [Text("The policy pack names no exception in force in the period.")]
    columns = (
        Column("Ref.", 9),
        Column("Exception", 35),
        Column("Approved by", 15),
        Column("From", 12),
        Column("Ends", 12),
        Column("Effect on the verdict", 17),
    )
    note = "An exception never turns Missed into Kept: no verdict and no figure reads the register."
    ordered = tuple(sorted(rows, key=lambda row: str(row.cells[0])))
    return [Table("Exceptions in force in the period", "dim_exceptions", columns, ordered, note)]


def _row(promise: Promise, one: Answer) -> Row:
    return Row(
        (
            f"{one['exception_id']}\n{promise.ref}",
            f"{labels.clause(one['scope'] or _WHOLE)}: {one['reason']}",
            one["approved_by"],
            paper.short_day(one["valid_from"]),
            paper.short_day(one["last_day"]),
            f"none: {verdicts.VERDICTS[promise.status].word}",
        )
    )
