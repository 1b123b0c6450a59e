"""What differs between two snapshots.

Here: per mart its rows and whether it says the same, per figure of `fct_metrics` the old and the new. Not here: why it
differs (`fct_restatements` of the marts), or which snapshots there are (store.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from promisekept.publishing.candidate import FILE
from promisekept.publishing.reader import open_both, open_snapshot

_KEY = ("metric_code", "period_grain", "period_start", "period_end", "dimension", "dimension_value")
_FIGURES = ("numerator", "denominator", "value", "value_worst")


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One mart of either snapshot; rows are None where a snapshot does not have it."""

    table: str
    rows_old: int | None
    rows_new: int | None
    same: bool


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """One figure that is new, gone or another one; (numerator, denominator, value, value_worst) before and after."""

    metric_code: str
    period_grain: str
    period_start: date | None
    period_end: date | None
    dimension: str
    dimension_value: str | None
    old: tuple[float | None, ...] | None
    new: tuple[float | None, ...] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two snapshots side by side. `figures` holds at most `limit` of `figures_changed`, in order of the metrics."""

    old: str
    new: str
    tables: tuple[TableDifference, ...]
    figures: tuple[FigureDifference, ...]
    figures_changed: int

    def as_dict(self) -> dict[str, Any]:
        """For `--format json`; dates as ISO text."""
        figures = [
            asdict(figure) | {name: _iso(getattr(figure, name)) for name in ("period_start", "period_end")}
            for figure in self.figures
        ]
        return asdict(self) | {"figures": figures}

    def as_text(self) -> str:
        """For a person: the marts that say something else, then the figures over everything (`all`)."""
        changed = [table for table in self.tables if not table.same]
        lines = [f"{self.old} -> {self.new}: {len(changed)} of {len(self.tables)} marts differ."]
        lines += [f"  {table.table}: {_shown(table.rows_old)} -> {_shown(table.rows_new)} rows" for table in changed]
        lines.append(f"{self.figures_changed} figures differ.")
        lines += [
            f"  {figure.metric_code} {figure.period_grain} {_shown(figure.period_start)}: "
            f"{_shown(figure.old and figure.old[2])} -> {_shown(figure.new and figure.new[2])}"
            for figure in self.figures
            if figure.dimension == "all"
        ]
        return "\n".join(lines)


def difference(home: Path, old: str, new: str, limit: int = 10_000) -> Difference:
    """Compare two snapshots by id.

    Raises:
        PublishingError: one of them is not there or damaged.
    """
    sums = []
    for name in (old, new):
        with open_snapshot(home, name) as snapshot:
            sums.append(dict(snapshot.manifest["tables"]))
    before, after = sums
    tables = tuple(
        TableDifference(
            table,
            before.get(table, {}).get("rows"),
            after.get(table, {}).get("rows"),
            before.get(table, {}).get("hash") == after.get(table, {}).get("hash"),
        )
        for table in sorted({*before, *after})
    )
    both = {"fct_metrics"} <= set(before) & set(after)
    figures = _figures(home / "snapshots" / old / FILE, home / "snapshots" / new / FILE) if both else []
    return Difference(old, new, tables, tuple(figures[:limit]), len(figures))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else str(value)


def _figures(old: Path, new: Path) -> list[FigureDifference]:
    on = " and ".join(f"old.{name} is not distinct from new.{name}" for name in _KEY)
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in _FIGURES)
    with open_both(old, new) as connection:
        rows = connection.execute(
            f"""
            select {", ".join(f"coalesce(old.{name}, new.{name}) as {name}" for name in _KEY)},
                old.metric_code is not null, new.metric_code is not null,
                {", ".join(f"{side}.{name}" for side in ("old", "new") for name in _FIGURES)}
            from old.marts.fct_metrics as old full join new.marts.fct_metrics as new on {on}
            where old.metric_code is null or new.metric_code is null or {differs}
            order by {", ".join(str(place + 1) for place in range(len(_KEY)))}
            """
        ).fetchall()
    return [_figure(row) for row in rows]


def _figure(row: tuple[Any, ...]) -> FigureDifference:
    code, grain, start, end, dimension, value, had, has, *figures = row
    old, new = tuple(figures[: len(_FIGURES)]), tuple(figures[len(_FIGURES) :])
    return FigureDifference(code, grain, start, end, dimension, value, old if had else None, new if has else None)
