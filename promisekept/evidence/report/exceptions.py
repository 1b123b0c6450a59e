"""What the organisation granted itself: exceptions and accepted findings, by whom, until when; no verdict changed for them.

Here: the sentences on a promise's page and the tables of part 6. Not here: verdicts, which neither enters.
"""

from __future__ import annotations

import json

from promisekept.evidence.report import verdicts
from promisekept.evidence.report.model import Block, ReportColumn, Row, Table, Text
from promisekept.evidence.report.promises import Promise
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.presentation import formats, labels, paper

_WHOLE = "the whole control"


def sentence(exception: Answer) -> str:
    """One exception in a sentence."""
    return (
        f"Exception {exception['exception_id']} ({exception['scope'] or _WHOLE}): {exception['reason']}. "
        f"Approved by: {exception['approved_by']}; it ends on {paper.day(exception['last_day'])}. "
        "It explains and excuses nothing: the verdict is what it would be without it."
    )


def acceptance(group: Answer) -> str:
    """One accepted group of findings in a sentence."""
    return (
        f"Accepted until {paper.day(group['accepted_until'])}: {paper.plural(group['cases'], 'finding')}, "
        f"{_what(group)}. Accepted by: {group['decided_role']}, who wrote: {group['note'].rstrip('.')}. "
        "It excuses nothing: the verdict is what it would be without it."
    )


def _what(group: Answer) -> str:
    return f"{group['word']} ({', '.join(map(str, json.loads(group['cause']).values()))})"


def accepted_table(promises: tuple[Promise, ...]) -> list[Block]:
    """The findings that are accepted at the snapshot's instant, each with the verdict that it did not change."""
    rows = [
        Row(
            (
                promise.ref,
                f"{_what(one)}: {one['note']}",
                formats.count(one["cases"]),
                one["decided_role"],
                paper.short_day(one["accepted_until"]),
                f"none: {verdicts.VERDICTS[promise.status].word}",
            )
        )
        for promise in promises
        for one in promise.accepted
    ]
    if not rows:
        return [Text("No finding is accepted.")]
    columns = (
        ReportColumn("Ref.", 9),
        ReportColumn("Finding, and why it was accepted", 38),
        ReportColumn("Cases", 8, "right"),
        ReportColumn("Accepted by", 16),
        ReportColumn("Until", 12),
        ReportColumn("Effect on the verdict", 17),
    )
    note = "An acceptance never turns Missed into Kept: the findings count in every figure. Some count against several promises."
    return [Table("Accepted findings", "fct_remediations", columns, tuple(rows), note)]


def in_force_table(ask: Inquiry, promises: tuple[Promise, ...]) -> list[Block]:
    """The exceptions that were in force on a day of the period, each with the verdict that it did not change."""
    rows = [_row(promise, one) for promise in promises for one in promise.exceptions]
    if not rows:
        return [Text("The policy pack names no exception in force in the period.")]
    columns = (
        ReportColumn("Ref.", 9),
        ReportColumn("Exception", 35),
        ReportColumn("Approved by", 15),
        ReportColumn("From", 12),
        ReportColumn("Ends", 12),
        ReportColumn("Effect on the verdict", 17),
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
