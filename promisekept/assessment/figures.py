"""Published figures by period and dimension, for a table of one's own.

Here: choosing rows of fct_metrics by metric, period and dimension. Not here: computing them (dbt_project/models/marts/metrics),
or how they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from promisekept.errors import PublishingError
from promisekept.presentation.periods import TO_DATE, Period, parse
from promisekept.publishing.queries import answer
from promisekept.publishing.reader import SnapshotReader

GRAINS = ("month", "quarter", "year")
_FIGURES = """
    select
        metric_code, name as metric, period_grain, period_start, period_end, dimension, dimension_value, numerator,
        denominator, value, value_worst, unit, rule_confidence, quality_verdict
    from marts.fct_metrics as figures
    inner join (select metric_code, name from marts.dim_metrics) as metrics using (metric_code)
    where
        metric_code in (select unnest($metrics))
        and period_grain = $grain
        and dimension = $dimension
        and ($first::date is null or (period_start >= $first::date and period_end <= $past::date))
    order by list_position($metrics, metric_code), period_start, dimension_value
"""


def figures(snapshot: SnapshotReader, metrics: Sequence[str] = (), by: Sequence[str] = (), period: str | None = None) -> pa.Table:
    """Figures with their numerator, denominator and worst case.

    Args:
        snapshot: an open one.
        metrics: codes, in the order of the answer; all metrics where there are none.
        by: month, quarter or year, and at most one dimension such as jurisdiction; metrics are published by one at a time.
        period: 2026-Q1, 2026-03 or 2026: only periods that lie in it. Without a grain in `by` the figure of that period itself.

    Returns:
        A row per metric, period and value of the dimension: metric_code, metric, period_grain, period_start, period_end (not part
        of it), dimension, dimension_value, numerator, denominator, value, value_worst, unit, rule_confidence, quality_verdict.

    Raises:
        PublishingError: the snapshot has no such metric, the metric no such dimension, or `period` is no period.
    """
    dimensions = _dimensions(snapshot)
    chosen = list(dict.fromkeys(metrics)) or sorted(dimensions)
    for metric in chosen:
        if metric not in dimensions:
            raise _no_metric(snapshot, metric, dimensions)
    grains, others = [one for one in by if one in GRAINS], [one for one in by if one not in GRAINS]
    if len(grains) > 1 or len(others) > 1:
        raise PublishingError(
            f"by: `{','.join(by)}` is more than one {'period' if len(grains) > 1 else 'dimension'}.\n"
            "  Figures are published by month, quarter or year, and by one dimension at a time."
        )
    within = _period(period)
    dimension = others[0] if others else "all"
    if others:
        _require_dimension(metrics, dimension, dimensions)
    return answer(
        snapshot,
        _FIGURES,
        {
            "metrics": chosen,
            "grain": grains[0] if grains else within.grain,
            "dimension": dimension,
            "first": within.start,
            "past": within.end,
        },
    )


def definition(snapshot: SnapshotReader, metric: str) -> dict[str, Any] | None:
    """A metric's row of the catalogue as this snapshot has it, or None: its numerator, denominator and dimensions, too."""
    found = answer(snapshot, "select * from marts.dim_metrics where metric_code = $metric", {"metric": metric}).to_pylist()
    return found[0] if found else None


def _dimensions(snapshot: SnapshotReader) -> dict[str, list[str]]:
    rows = snapshot.cursor().execute("select metric_code, dimensions from marts.dim_metrics").fetchall()
    return {metric: [one for one in dimensions or () if one != "all"] for metric, dimensions in rows}


def _period(code: str | None) -> Period:
    found = TO_DATE if code is None else parse(code)
    if found is None:
        raise PublishingError(
            f"period: `{code}` is no period.\n  Use a quarter (2026-Q3), a month (2026-09) or a year (2026) of local dates."
        )
    return found


def _no_metric(snapshot: SnapshotReader, metric: str, metrics: Iterable[str]) -> PublishingError:
    """The nearest code, or the code of the metric that a person calls so."""
    rows = snapshot.cursor().execute("select name, metric_code from marts.dim_metrics").fetchall()
    codes = {name.casefold(): code for name, code in rows} | {code: code for code in metrics}
    near = [codes[one] for one in get_close_matches(metric.casefold(), codes, 1)]
    return PublishingError(
        f"{metric}: snapshot {snapshot.id} has no such metric.{f' Did you mean {near[0]}?' if near else ''}\n"
        "  `promisekept query 'select metric_code, name from marts.dim_metrics'` lists them."
    )


def _require_dimension(metrics: Sequence[str], dimension: str, dimensions: dict[str, list[str]]) -> None:
    """Each metric that was named has it; where none was named, any does."""
    if not metrics and not any(dimension in several for several in dimensions.values()):
        published = ", ".join(sorted({one for several in dimensions.values() for one in several}))
        raise PublishingError(
            f"by: no metric is published by `{dimension}`.\n  Dimensions: {published}; periods: {', '.join(GRAINS)}."
        )
    for metric in metrics:
        if dimension not in dimensions[metric]:
            has = ", ".join(dimensions[metric]) or "none"
            raise PublishingError(
                f"by: {metric} is not published by `{dimension}`.\n  Its dimensions: {has}; periods: {', '.join(GRAINS)}."
            )
