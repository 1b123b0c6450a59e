"""Part 6: what a reader needs in order to compare this report with the last one.

Here: the figures that were restated (the schema `history` of the snapshot), the rules that changed since the bundle before, the
exceptions in force and the findings rolled forward. Not here: the tables of these (exceptions.py, finding_ages.py), finding the
cause of a restatement (publishing does that) or comparing packs (policy/pack_changes.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from promisekept.evidence.report.exceptions import accepted_table, in_force_table
from promisekept.evidence.report.finding_ages import rolled_forward
from promisekept.evidence.report.model import Block, Part, ReportColumn, Row, Table, Text
from promisekept.evidence.report.promises import Promise
from promisekept.evidence.report.queries import Inquiry
from promisekept.evidence.report.scorecard import short_title
from promisekept.presentation import formats, labels, paper

_SHOWN = 40
_OF_RULES = ("pack", "law", "code")
"""Causes of a restatement that are no matter of what happened."""


def changes(ask: Inquiry, promises: tuple[Promise, ...], since: Mapping[str, Any] | None = None) -> Part:
    """Part 6.

    Args:
        ask: of which snapshot and for whom.
        promises: each with its verdict in the period.
        since: what metadata/changes.json states about the bundle before; None where there is none to compare with.
    """
    lead = "Each figure that differs from the last publication is listed with its cause."
    blocks: list[Block] = [Text(lead, "lead"), *_restated(ask), *_rules(since)]
    if not ask.is_public:
        blocks += [*in_force_table(ask, promises), *accepted_table(promises), *rolled_forward(ask)]
    blocks.append(Text("metadata/changes.json has each change with the figures before and after.", "note"))
    return Part(6, "Changes, exceptions and findings", tuple(blocks))


def _rules(since: Mapping[str, Any] | None) -> list[Block]:
    """Rules, targets, settings and queries that are others than in the bundle before, and how many figures they moved."""
    if since is None or since["predecessor"] is None:
        return [Text("There is no earlier report of this kind with which rules, targets and queries could be compared.")]
    before = since["predecessor"]
    moved = Counter(cause for figure in since["figures"] for cause in figure["causes"])
    by_rule = {cause: moved[cause] for cause in _OF_RULES if moved[cause]}
    by_cause = "; ".join(
        f"{labels.label(labels.RESTATEMENT_CAUSES, cause).lower()}: {formats.count(number)}" for cause, number in by_rule.items()
    )
    text = (
        f"Since the report of {before['period']} (snapshot {before['snapshot']}): "
        f"{paper.plural(len(since['pack_rows']), 'row')} of the policy pack and "
        f"{paper.plural(len(since['stated']), 'statement')} of how figures are made differ. "
        + (f"Figures of closed periods that were restated for it: {by_cause}." if by_cause else "No figure was restated for it.")
    )
    rows = [
        Row((labels.sentence(name), "changed", _short(change["before"]), _short(change["after"])))
        for name, change in sorted(since["stated"].items())
    ]
    rows += [
        Row((f"{labels.sentence(row['register'])}: {row['key']}", row["kind"], "", ", ".join(row["columns"])))
        for row in since["pack_rows"][:_SHOWN]
    ]
    columns = (
        ReportColumn("What", 40),
        ReportColumn("Change", 12),
        ReportColumn("Before", 18),
        ReportColumn("Now, or what of the row differs", 30),
    )
    note = f"At most {_SHOWN} rows of the pack are shown, in order of register and key."
    table = Table("Rules, targets and queries that are others now", "metadata/changes.json", columns, tuple(rows), note)
    return [Text(text), table] if rows else [Text(text)]


def _short(value: object) -> str:
    """What was stated, in short: a pack by its version, a configuration by its number of settings."""
    if isinstance(value, Mapping):
        return str(value["version"]) if "version" in value else paper.plural(len(value), "setting")
    return str(value)


def has_history(ask: Inquiry) -> bool:
    """Whether the snapshot brings what was published before it."""
    return "history_bytes" in ask.reader.manifest


def restated(ask: Inquiry) -> int | None:
    """How many figures this snapshot states otherwise than the one before it; None where it brings no history."""
    if not has_history(ask):
        return None
    found = ask.row(
        "select count(*)::bigint as n from history.fct_restatements where snapshot = $snapshot", snapshot=ask.reader.id
    )
    return int(found["n"])


def _restated(ask: Inquiry) -> list[Block]:
    number = restated(ask)
    if number is None:
        return [Text("The snapshot brings no record of what was published before it.")]
    if not number:
        return [Text("No figure of a closed period was restated by this snapshot.")]
    if ask.is_public:
        return [Text(f"{paper.plural(number, 'figure')} of closed periods were restated by this snapshot.")]
    causes = ask.rows(
        """
        select cause, count(*)::bigint as figures from (
            select unnest(causes) as cause from history.fct_restatements where snapshot = $snapshot
        ) group by cause order by figures desc, cause
        """,
        snapshot=ask.reader.id,
    )
    found = ask.rows(
        f"""
        select r.*, m.name, m.unit from history.fct_restatements r left join marts.dim_metrics m using (metric_code)
        where snapshot = $snapshot and dimension = 'all' and change = 'changed'
        order by period_end desc, metric_code, period_grain limit {_SHOWN}
        """,
        snapshot=ask.reader.id,
    )
    by_cause = "; ".join(
        f"{labels.label(labels.RESTATEMENT_CAUSES, row['cause']).lower()} {formats.count(row['figures'])}" for row in causes
    )
    text = Text(
        f"{paper.plural(number, 'figure')} of closed periods changed, appeared or went: {by_cause}. One figure may have "
        "several causes."
    )
    rows = tuple(
        Row(
            (
                row["name"] or labels.sentence(row["metric_code"]),
                short_title(row["period_grain"], row["period_start"], full=True) if row["period_start"] else "to date",
                paper.measured(row["old_value"], row["unit"]),
                paper.measured(row["new_value"], row["unit"]),
                ", ".join(labels.label(labels.RESTATEMENT_CAUSES, cause).lower() for cause in row["causes"] or []),
            )
        )
        for row in found
    )
    columns = (
        ReportColumn("Measure", 36),
        ReportColumn("Period", 16),
        ReportColumn("Reported", 13, "right"),
        ReportColumn("Now", 13, "right"),
        ReportColumn("Cause", 22),
    )
    note = f"Figures over everything; at most {_SHOWN} are shown, newest periods first."
    return (
        [text, Table("Figures of earlier reports that have changed", "fct_restatements", columns, rows, note)] if rows else [text]
    )
