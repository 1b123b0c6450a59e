"""The figures of a public bundle: counts and shares, each shown or hidden whole.

Here: which counts a figure reveals, and the figures that a public bundle does not show, as a set and as the relation
`hidden_figures`. Not here: which ones must be hidden (suppression.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from promisekept.evidence.audiences import Mart
from promisekept.evidence.suppression import FigureCell, hidden_cells

_KEY = ("metric_code", "period_grain", "period_start", "period_end", "dimension", "dimension_value")
_FIGURES = ("numerator", "denominator", "value")
_SCHEMA = pa.schema(
    [("metric_code", pa.string()), ("period_grain", pa.string()), ("period_start", pa.date32()), ("period_end", pa.date32()),
     ("dimension", pa.string()), ("dimension_value", pa.string())]
)  # fmt: skip
HiddenFigures = frozenset[tuple[str, FigureCell]]
"""Metric and cell of each."""

_COUNTS = """
    select {key},
        case
            when statistic in ('rate', 'count', 'sum') then coalesce(numerator, 0)
            else coalesce(denominator, units, 0)
        end as counted,
        case when statistic = 'rate' then coalesce(denominator, 0) - coalesce(numerator, 0) end as others,
        is_state
    from marts.fct_metrics inner join marts.dim_metrics using (metric_code)
"""


def hidden_figures(connection: duckdb.DuckDBPyConnection, small_cell: int) -> HiddenFigures:
    """Every figure of the snapshot that no public bundle of it shows; computed once, it holds for tables and report.

    Args:
        connection: to the snapshot.
        small_cell: `thresholds.small_cell` of the snapshot; counts from 1 up to one less are small.
    """
    counts: dict[tuple[str, bool], dict[FigureCell, tuple[int, ...]]] = defaultdict(dict)
    for code, *cell, counted, others, is_state in connection.execute(_COUNTS.format(key=", ".join(_KEY))).fetchall():
        counts[code, is_state][FigureCell(*cell)] = (counted,) if others is None else (counted, others)
    return frozenset(
        (code, cell)
        for (code, is_state), of_metric in sorted(counts.items())
        for cell in hidden_cells(of_metric, small_cell, is_state=is_state)
    )


def attach_hidden_figures(connection: duckdb.DuckDBPyConnection, hidden: HiddenFigures) -> None:
    """Make them the relation `hidden_figures`."""
    rows = [(code, *cell) for code, cell in hidden]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_KEY)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    connection.register("found_hidden", pa.table(arrays, schema=_SCHEMA))
    connection.execute("create or replace temp table hidden_figures as select * from found_hidden")
    connection.unregister("found_hidden")


def public_columns(mart: Mart) -> tuple[Sequence[str], str]:
    """The columns of a public table and the join that they need: a hidden figure is a row without numbers, marked as hidden."""
    if mart.name != "fct_metrics":
        return [f'mart."{name}"' for name in mart.for_public], ""
    is_hidden = "hidden_figures.metric_code is not null"
    columns = [
        f"case when {is_hidden} then null else mart.{name} end as {name}" if name in _FIGURES else f"mart.{name}"
        for name in mart.for_public
    ]
    same = " and ".join(f"mart.{name} is not distinct from hidden_figures.{name}" for name in _KEY)
    return [*columns, f"{is_hidden} as is_suppressed"], f"left join hidden_figures on {same}"
