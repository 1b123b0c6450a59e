"""Restatements: figures of closed periods that a later snapshot changed, old and new, with their causes.

Here: questions to the schema `history` of a snapshot. Not here: finding a cause (promisekept.publishing does, when it
publishes), or the deliveries that brought one (promisekept.publishing.provenance).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards import snapshots
from dashboards.data.filters import any_of, limits
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref, Snapshot

_KEY = "metric_code, period_grain, period_start, period_end, dimension, dimension_value"
_FIGURES = ("numerator", "denominator", "value", "value_worst")
_FIGURE = "md5(concat_ws('|', metric_code, period_grain, period_start::varchar, dimension, coalesce(dimension_value, '')))"
"""SQL: what the address calls a figure."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A snapshot that was published; `published_at` is None where its line is not in the history."""

    id: str
    sequence: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class SequenceRange:
    """What happened after one snapshot, up to and with another; sequences."""

    after: int
    until: int

    def bound(self) -> dict[str, int]:
        """The values as they are bound."""
        return {"after": self.after, "until": self.until}


@dataclass(frozen=True, slots=True)
class RestatementFilters:
    """Which restatements: of figures over everything only, and of which metrics (none: all)."""

    whole: bool = True
    metric: tuple[str, ...] = ()

    def bound(self) -> dict[str, Any]:
        """The values as they are bound."""
        return {"whole": self.whole, "metric": list(self.metric)}


def has_history(snapshot: Snapshot) -> bool:
    """Whether the snapshot brings a history; those published by early versions of the program do not."""
    return "history_bytes" in snapshot.manifest


@cached
def published(ref: Ref) -> list[Publication]:
    """Every snapshot up to this one, newest first: those in the history, and those whose files are kept."""
    recorded = {
        row["snapshot"]: Publication(row["snapshot"], row["sequence"], row["published_at"])
        for row in rows(
            ref, "select snapshot, sequence, any_value(published_at) as published_at from history.entries group by all"
        )
    }
    stored = {name: Publication(name, snapshots.sequence(name), None) for name in snapshots.ids(ref)}
    until = snapshots.sequence(ref.id)
    return sorted((one for one in (stored | recorded).values() if one.sequence <= until), key=lambda one: -one.sequence)


@cached
def figures_published(ref: Ref, sequence: int) -> int:
    """How many figures of closed periods the snapshot of that number published."""
    return int(
        first(
            ref,
            """
            select count(*) as n from history.figures_as_published
            where sequence <= $at and (until_sequence is null or until_sequence > $at) and not is_gone
            """,
            {"at": sequence},
        )["n"]
    )


_STEPS = f"""
    steps as (
        select *, {_FIGURE} as figure from history.fct_restatements where sequence > $after and sequence <= $until
    )
"""
_NET = f"""
    {_STEPS},
    net as (
        select
            figure, {_KEY},
            first(change order by sequence) <> 'new' as was_published, last(change order by sequence) <> 'gone' as is_published,
            {", ".join(f"first(old_{name} order by sequence) as old_{name}" for name in _FIGURES)},
            {", ".join(f"last(new_{name} order by sequence) as new_{name}" for name in _FIGURES)},
            list_distinct(flatten(list(causes order by sequence))) as causes,
            list_distinct(flatten(list(batches order by sequence))) as batches,
            list_distinct(flatten(list(versions order by sequence))) as versions,
            list(snapshot order by sequence) as snapshots
        from steps group by all
    ),
    chosen as (
        select * from net
        where (not $whole or dimension = 'all')
            and {any_of("metric", "metric_code")}
    )
"""
"""SQL: each figure once, as published before the span and at its end."""


@cached
def counted(ref: Ref, span: SequenceRange) -> Row:
    """How many figures were restated: all, over everything, changed, added, gone; and every metric concerned."""
    return first(
        ref,
        f"""
        with {_NET}
        select count(*) as restated, count(*) filter (dimension = 'all') as whole,
            count(*) filter (was_published and is_published) as changed, count(*) filter (not was_published) as added,
            count(*) filter (was_published and not is_published) as gone, list_sort(list(distinct metric_code)) as metrics
        from chosen
        """,
        {**span.bound(), "whole": False, "metric": []},
    )


@cached
def by_cause(ref: Ref, span: SequenceRange) -> list[Row]:
    """Each cause with the figures and the deliveries that it holds for: `cause, figures, batches`; several may hold for one."""
    return rows(
        ref,
        f"""
        with {_NET}
        select cause, count(*) as figures, len(list_distinct(flatten(list(batches)))) as batches
        from (select unnest(causes) as cause, batches from chosen) group by cause order by figures desc, cause
        """,
        {**span.bound(), "whole": False, "metric": []},
    )


@cached
def number(ref: Ref, span: SequenceRange, selection: RestatementFilters) -> int:
    """How many figures the reader's choice holds."""
    return int(first(ref, f"with {_NET} select count(*) as n from chosen", span.bound() | selection.bound())["n"])


_ORDER = "period_end desc, (dimension = 'all') desc, metric_code, period_grain, dimension, dimension_value"


@cached
def page(ref: Ref, span: SequenceRange, selection: RestatementFilters, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of restated figures, newest periods first; rows are counted from 0."""
    question = f"with {_NET} select * from chosen order by {_ORDER} limit $size offset $skipped"
    return rows(ref, question, span.bound() | selection.bound() | limits(rows_from_to))


@cached
def steps_of(ref: Ref, span: SequenceRange, figure: str) -> list[Row]:
    """Every restatement of a figure, oldest first; nothing where the address names none."""
    return rows(
        ref,
        f"with {_STEPS} select * from steps where figure = $figure order by sequence",
        span.bound() | {"figure": figure},
    )


@cached
def units(ref: Ref) -> dict[str, str]:
    """The unit of every metric."""
    return {row["metric_code"]: row["unit"] for row in rows(ref, "select metric_code, unit from marts.dim_metrics")}
