"""What differs between two snapshots.

Here: per mart its rows and whether its content is the same, per figure of `fct_metrics` the old and the new, and what the
snapshots after the older one restated, with the causes that were found when they were published. Not here: finding a cause
(restatement/causes.py), or which snapshots there are (store.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from promisekept.publishing.candidate import FILE
from promisekept.publishing.history import FIGURES, KEY
from promisekept.publishing.reader import open_both, open_snapshot


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
class Restatement:
    """One figure of a closed period that a snapshot states otherwise than `compared_with`; `change`: changed, new or gone."""

    snapshot: str
    compared_with: str
    metric_code: str
    period_grain: str
    period_start: date
    period_end: date
    dimension: str
    dimension_value: str | None
    change: str
    old: tuple[float | None, ...] | None
    new: tuple[float | None, ...] | None
    causes: tuple[str, ...]
    batches: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def why(self) -> str:
        """Causes, then what brought them."""
        return f"{', '.join(self.causes)} ({'; '.join((*self.batches, *self.versions))})"


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """Two snapshots side by side; at most `limit` of `figures_changed`, by metric, and of `figures_restated`, as published."""

    old: str
    new: str
    tables: tuple[TableDifference, ...]
    figures: tuple[FigureDifference, ...]
    figures_changed: int
    restatements: tuple[Restatement, ...]
    figures_restated: int

    def as_dict(self) -> dict[str, Any]:
        """For `--format json`; dates as ISO text."""
        return asdict(self) | {
            part: [asdict(one) | {"period_start": _iso(one.period_start), "period_end": _iso(one.period_end)} for one in rows]
            for part, rows in (("figures", self.figures), ("restatements", self.restatements))
        }

    def as_text(self) -> str:
        """For a person: the marts whose content differs, then the figures over everything (`all`)."""
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
        lines.append(f"{self.figures_restated} figures of closed periods were restated.")
        lines += [
            f"  {one.metric_code} {one.period_grain} {_shown(one.period_start)}: "
            f"{_shown(one.old and one.old[2])} -> {_shown(one.new and one.new[2])} in {one.snapshot}: {one.why}"
            for one in self.restatements
            if one.dimension == "all"
        ]
        return "\n".join(lines)


def difference(home: Path, old: str, new: str, limit: int = 10_000) -> SnapshotDifference:
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
    restated = _restatements(home, old, new)
    return SnapshotDifference(old, new, tables, tuple(figures[:limit]), len(figures), tuple(restated[:limit]), len(restated))


def _restatements(home: Path, old: str, new: str) -> list[Restatement]:
    """What the snapshots after the older of two restated, up to the newer one."""
    first, last = sorted((old, new), key=lambda name: int(name.partition("-")[0]))
    sides = ", ".join(f"{side}_{name}" for side in ("old", "new") for name in FIGURES)
    with open_snapshot(home, last) as snapshot:
        if "history_bytes" not in snapshot.manifest:
            return []
        rows = (
            snapshot.cursor()
            .execute(
                f"""
                select snapshot, compared_with, {", ".join(KEY)}, change, causes, batches, versions, {sides}
                from history.fct_restatements
                where sequence > ?
                order by sequence, {", ".join(KEY)}
                """,
                [int(first.partition("-")[0])],
            )
            .fetchall()
        )
    return [_restatement(row) for row in rows]


def _restatement(row: tuple[Any, ...]) -> Restatement:
    snapshot, before, code, grain, start, end, dimension, value, change, causes, batches, versions, *figures = row
    old, new = tuple(figures[: len(FIGURES)]), tuple(figures[len(FIGURES) :])
    return Restatement(
        snapshot=snapshot,
        compared_with=before,
        metric_code=code,
        period_grain=grain,
        period_start=start,
        period_end=end,
        dimension=dimension,
        dimension_value=value,
        change=change,
        old=None if change == "new" else old,
        new=None if change == "gone" else new,
        causes=tuple(causes),
        batches=tuple(batches),
        versions=tuple(versions),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else str(value)


def _figures(old: Path, new: Path) -> list[FigureDifference]:
    on = " and ".join(f"old.{name} is not distinct from new.{name}" for name in KEY)
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in FIGURES)
    with open_both(old, new) as connection:
        rows = connection.execute(
            f"""
            select {", ".join(f"coalesce(old.{name}, new.{name}) as {name}" for name in KEY)},
                old.metric_code is not null, new.metric_code is not null,
                {", ".join(f"{side}.{name}" for side in ("old", "new") for name in FIGURES)}
            from old.marts.fct_metrics as old full join new.marts.fct_metrics as new on {on}
            where old.metric_code is null or new.metric_code is null or {differs}
            order by {", ".join(str(place + 1) for place in range(len(KEY)))}
            """
        ).fetchall()
    return [_figure(row) for row in rows]


def _figure(row: tuple[Any, ...]) -> FigureDifference:
    code, grain, start, end, dimension, value, had, has, *figures = row
    old, new = tuple(figures[: len(FIGURES)]), tuple(figures[len(FIGURES) :])
    return FigureDifference(code, grain, start, end, dimension, value, old if had else None, new if has else None)
