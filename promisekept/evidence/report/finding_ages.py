"""Findings rolled forward: open when the period began, new, closed, open when it ended, and for how long those have been open.

Here: the table of part 6 and what it rests on. Not here: from when to when a finding was open (rpt_finding_ages).

The opening is computed from what has landed by now, as every figure of a state is, and not compared with an
earlier snapshot, which may be purged and which had less. So the table is a function of the snapshot alone, and a late row
moves the opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from promisekept.evidence.report.model import Block, ReportColumn, Row, Table, Text
from promisekept.evidence.report.queries import GRAVEST, Inquiry
from promisekept.presentation import formats, labels, paper

_NUMBERS = ("opening", "opened", "closed", "closing", "young", "middle", "old")
_QUESTION = f"""
    with ages as (
        select
            *,
            opened_at < $begins and (closed_at is null or closed_at >= $begins) as at_start,
            opened_at < $ends and (closed_at is null or closed_at >= $ends) as at_end,
            closes = 'by_fact' as shows_its_end,
        from marts.rpt_finding_ages
        where
            $regime is null
            or entity in (select 'requests/' || request_key from marts.fct_requests where regime_code = $regime)
    )

    select
        severity,
        shows_its_end,
        count(*) filter (at_start)::bigint as opening,
        count(*) filter (opened_at >= $begins and opened_at < $ends)::bigint as opened,
        count(*) filter (closed_at >= $begins and closed_at < $ends)::bigint as closed,
        count(*) filter (at_end)::bigint as closing,
        count(*) filter (at_end and opened_at >= $recent)::bigint as young,
        count(*) filter (at_end and opened_at < $recent and opened_at >= $older)::bigint as middle,
        count(*) filter (at_end and opened_at < $older)::bigint as old,
        count(*) filter (opened_at is null)::bigint as undated
    from ages
    group by severity, shows_its_end
    order by shows_its_end desc, {GRAVEST}
"""
_GROUPS = (
    (True, "The logs show its end"),
    (False, "It happened once, or is put right where no log shows it"),
)
_BASIS = (
    "By what is known now, also at the start of the period: a row that came late moves the opening, which may differ from the "
    "end of the last report. The severity is that of the finding while it is open."
)
_LIMITS = (
    "What an answer, a deletion or a confirmation ends is closed at that instant, even where it came too late. What happened "
    "once (data shared, an extension announced too late) stays open, as no log records that it was made good. A conflict, a "
    "rejected row or an overdue source that was corrected has left the worklist and is in no column."
)


def rolled_forward(ask: Inquiry) -> list[Block]:
    """The table with its basis and limits; nothing where nothing was ever wrong."""
    counted_at = ask.counted_at
    found = ask.rows(_QUESTION, recent=counted_at - timedelta(days=30), older=counted_at - timedelta(days=90))
    if not found:
        return []
    rows: list[Row] = []
    for shows_its_end, title in _GROUPS:
        of_group = [row for row in found if row["shows_its_end"] is shows_its_end and any(row[name] for name in _NUMBERS)]
        if of_group:
            rows.append(Row((title,), "group"))
            rows += [Row((labels.sentence(row["severity"]), *_numbers([row]))) for row in of_group]
    rows.append(Row(("All", *_numbers(found)), "total"))
    undated = sum(row["undated"] for row in found)
    left = f" Left out, as they bear no date: {paper.plural(undated, 'finding')}." if undated else ""
    columns = (
        ReportColumn("Severity", 22),
        ReportColumn("Open at the start", 11, "right"),
        ReportColumn("New", 10, "right"),
        ReportColumn("Closed", 10, "right"),
        ReportColumn("Open at the end", 11, "right"),
        ReportColumn("Of these under 30 days", 12, "right"),
        ReportColumn("30 to 90 days", 12, "right"),
        ReportColumn("Over 90 days", 12, "right"),
    )
    note = (
        f"From {paper.day(ask.scope.period.start)} to {paper.day(ask.last)}; "
        f"ages at {paper.instant(counted_at, ask.zone)}. "
        f"data/tables/rpt_finding_ages.csv has each finding with the days from and to which it was open.{left}"
    )
    return [Text(_BASIS), Table("Findings rolled forward", "rpt_finding_ages", columns, tuple(rows), note), Text(_LIMITS, "note")]


def _numbers(of: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(formats.count(sum(row[name] for row in of)) for name in _NUMBERS)
