"""Which figures of closed periods a publication states for the first time, and which it states otherwise than before.

Here: comparing a candidate's figures with those published last, and the entries that the history keeps. Not here: why a
figure changed (causes.py) or where the entries are kept (publishing/history.py).

A period is closed when its last day is over at `as_of`. Its figures are compared with the last publication that showed it
as closed. That is the snapshot before; only after a point-in-time rebuild, which shows fewer closed periods, is it an earlier
one for the periods that the point-in-time rebuild left out. A point-in-time rebuild and a rollback are publications like any
other: what they state otherwise is restated, and restated again when the next run states the earlier value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from promisekept.publishing.candidate import FILE, Candidate
from promisekept.publishing.history import (
    COLUMNS,
    FIGURES,
    KEY,
    Comparison,
    history_database,
    history_file_of,
    publications_with_history,
    read_entries,
)
from promisekept.publishing.manifests import identity, name
from promisekept.publishing.publications import last_sequence
from promisekept.restatement.causes import ChangedFigure, Differences, Metric, PublicationInputs
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.ledger import Ledger, Line

_VALUES = FIGURES[:3]
_EXPLAINED = pa.schema(
    [("compared_with", pa.string()), ("metric_code", pa.string()), ("period_start", pa.date32()), ("period_end", pa.date32()),
     ("at_worst", pa.bool_()), ("causes", pa.list_(pa.string())), ("batches", pa.list_(pa.string())),
     ("versions", pa.list_(pa.string()))]
)  # fmt: skip


def compare_candidate(home: Path, ledger: Ledger, candidate: Candidate) -> Comparison:
    """Compare the figures of a candidate with everything published before it.

    Args:
        home: the folder of the pipeline.
        ledger: of that home.
        candidate: closed, and not published yet.

    Returns:
        What `SnapshotStore.publish` needs beside the verdict.

    Raises:
        PublishingError: a figure changed and nothing that it is computed from did, or a file of the history is damaged.
    """
    provenance, last = candidate.provenance, last_sequence(ledger)
    stated = identity(candidate) | {"id": name(last + 1, candidate.content_hash), "known_seq": provenance.known_seq}
    return _compare_marts(home, ledger, candidate.file, stated, last)


def compare_snapshot(home: Path, ledger: Ledger, folder: Path) -> Comparison:
    """Compare an earlier snapshot with everything published since, for a rollback to it; otherwise as `compare_candidate`.

    Args:
        home: the folder of the pipeline.
        ledger: of that home.
        folder: of the snapshot, found intact.
    """
    manifest = json.loads((folder / "manifest.json").read_bytes())
    return _compare_marts(home, ledger, folder / FILE, manifest, last_sequence(ledger))


def compare_rebuilt(home: Path, ledger: Ledger, candidate: Candidate, line: Line) -> Comparison:
    """Compare a publication that was built again with what was published before it; otherwise as `compare_candidate`.

    Args:
        home: the folder of the pipeline.
        ledger: of that home.
        candidate: the marts, built again.
        line: of the publication.
    """
    stated = {**line.body, "content_hash": line.content_hash}
    return _compare_marts(home, ledger, candidate.file, stated, line.body["sequence"] - 1)


def _compare_marts(home: Path, ledger: Ledger, marts: Path, stated: Mapping[str, Any], until_sequence: int) -> Comparison:
    publication = PublicationInputs.stated(stated)
    earlier = [line for line in publications_with_history(ledger) if line.body["sequence"] <= until_sequence]
    with history_database() as connection:
        read_entries(connection, home, [history_file_of(line) for line in earlier])
        connection.execute(f"attach {literal(str(marts))} as marts_of_snapshot (read_only)")
        try:
            _closed(connection, _closing_day(publication))
            catalogue = _catalogue(connection)
            measured = _measured(connection)
        finally:
            connection.execute("detach marts_of_snapshot")
        bases = _bases(earlier, publication)
        _compare(connection, publication, bases)
        _explain(connection, {base.id: Differences(home, ledger, base, publication) for base, _, _ in bases}, catalogue)
        entries = connection.sql(
            "select * from compared left join explained using (metric_code, period_start, period_end, compared_with, at_worst)"
        ).to_arrow_table()
    return Comparison(entries, tuple(measured), stated["content_hash"], until_sequence)


def _closed(connection: duckdb.DuckDBPyConnection, closing_day: date) -> None:
    """Create `closed`: the snapshot's figures of closed periods."""
    kinds = ", ".join(f"{name} {COLUMNS.get(name, 'DOUBLE')}" for name in (*KEY, *FIGURES))
    connection.execute(f"create or replace temp table closed ({kinds})")
    if _has(connection, "fct_metrics", (*KEY, *FIGURES)):
        columns = ", ".join((*KEY, *FIGURES))
        connection.execute(
            f"insert into closed select {columns} from marts_of_snapshot.marts.fct_metrics where period_end <= ?", [closing_day]
        )


def _catalogue(connection: duckdb.DuckDBPyConnection) -> dict[str, Metric]:
    columns = ("metric_code", "logs", "registers", "period_by", "is_state")
    if not _has(connection, "dim_metrics", columns):
        return {}
    rows = connection.execute(f"select {', '.join(columns)} from marts_of_snapshot.marts.dim_metrics").fetchall()
    return {code: Metric(frozenset(logs), frozenset(registers), by, state) for code, logs, registers, by, state in rows}


def _measured(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Also a metric that this version can measure and of which no log has recorded anything yet."""
    parts = []
    if _has(connection, "fct_metrics", ("metric_code",)):
        parts.append("select metric_code from marts_of_snapshot.marts.fct_metrics")
    if _has(connection, "dim_metrics", ("metric_code",)):
        parts.append("select metric_code from marts_of_snapshot.marts.dim_metrics")
    return [code for (code,) in connection.execute(f"{' union '.join(parts)} order by all").fetchall()] if parts else []


def _has(connection: duckdb.DuckDBPyConnection, mart: str, columns: Sequence[str]) -> bool:
    """Whether the snapshot has a mart with these columns: one without a catalogue is asked as widely as can be."""
    found = connection.execute(
        "select column_name from duckdb_columns()"
        " where (database_name, schema_name, table_name) = ('marts_of_snapshot', 'marts', ?)",
        [mart],
    ).fetchall()
    return set(columns) <= {name for (name,) in found}


def _closing_day(publication: PublicationInputs) -> date:
    """The local day of `as_of`: what ended before it has closed."""
    return publication.as_of.astimezone(ZoneInfo(publication.time_zone)).date()


def _bases(earlier: list[Line], new: PublicationInputs) -> list[tuple[PublicationInputs, date, date]]:
    """Earlier publications, newest first, each with the ends of periods (after, until) for which it spoke last."""
    until, covered, found = _closing_day(new), date.min, []
    for line in reversed(earlier):
        publication = PublicationInputs.stated(line.body)
        day = min(_closing_day(publication), until)
        if day > covered:
            found.append((publication, covered, day))
            covered = day
        if covered >= until:
            break
    return found


def _compare(
    connection: duckdb.DuckDBPyConnection, new: PublicationInputs, bases: list[tuple[PublicationInputs, date, date]]
) -> None:
    """Create `compared`: figures stated for the first time, and those that are new, gone or others in a period closed before."""
    connection.execute("create or replace temp table bases (compared_with varchar, closed_after date, closed_until date)")
    if bases:
        connection.executemany("insert into bases values (?, ?, ?)", [(base.id, after, until) for base, after, until in bases])
    on = " and ".join(f"published.{name} is not distinct from closed.{name}" for name in KEY)
    key = ", ".join(f"coalesce(closed.{name}, published.{name}) as {name}" for name in KEY)
    old, now = (
        ", ".join(f"{side}.{name} as {label}_{name}" for name in FIGURES)
        for side, label in (("published", "old"), ("closed", "new"))
    )
    differs, valued = (
        " or ".join(f"published.{name} is distinct from closed.{name}" for name in names) for names in (FIGURES, _VALUES)
    )
    connection.execute(
        f"""
        create or replace temp table compared as
        with latest as (
            select {", ".join(KEY)}, change, {", ".join(f"new_{name} as {name}" for name in FIGURES)}
            from entries
            where period_end <= $day
            qualify row_number() over (partition by {", ".join(KEY)} order by sequence desc) = 1
        ),

        published as (select *, true as is_there from latest where change <> 'gone'),

        closed as (select *, true as is_there from closed),

        differing as (
            select
                {key},
                case
                    when published.is_there is null then 'new'
                    when closed.is_there is null then 'gone'
                    else 'changed'
                end as change,
                {old}, {now},
                not ({valued}) as at_worst,
            from published full join closed on {on}
            where published.is_there is null or closed.is_there is null or {differs}
        )

        select
            differing.* replace (case when bases.compared_with is null then 'first' else change end as change),
            bases.compared_with
        from differing
        left join bases on differing.period_end > bases.closed_after and differing.period_end <= bases.closed_until
        """,
        {"day": _closing_day(new)},
    )


def _explain(
    connection: duckdb.DuckDBPyConnection,
    between: Mapping[str, Differences],
    catalogue: Mapping[str, Metric],
) -> None:
    """Create `explained`: the causes per metric, period and publication compared with."""
    changed = connection.execute(
        "select distinct compared_with, metric_code, period_start, period_end, at_worst from compared where change <> 'first'"
        " order by all"
    ).fetchall()
    rows = []
    for base, code, start, end, at_worst in changed:
        figure = ChangedFigure(code, start, end, at_worst, code not in between[base].old.metrics)
        causes, batches, versions = between[base].explain(figure, catalogue.get(code, Metric())).in_order
        rows.append((base, code, start, end, at_worst, causes, batches, versions))
    connection.register(
        "arriving", pa.Table.from_pylist([dict(zip(_EXPLAINED.names, row, strict=True)) for row in rows], _EXPLAINED)
    )
    connection.execute("create or replace temp table explained as select * from arriving")
    connection.unregister("arriving")
