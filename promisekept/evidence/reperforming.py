"""What `reperform.sh` needs to rebuild the requests and the figures of a bundle out of its own files, and to compare them.

Here: `metadata/reperform`: which file becomes which relation, in which order the models run, what is compared; and the script
itself. Not here: the files (events.py, rules.py, tables.py) or the models' texts. The script runs them with the duckdb command
alone, so everything here is plain SQL and text that a third party can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa

from promisekept.evidence.audiences import KEPT_REQUESTS, SCOPE
from promisekept.evidence.compiled_models import Models
from promisekept.evidence.event_selection import UNITS
from promisekept.evidence.scope import Scope
from promisekept.evidence.tables import BundleTable, is_nested
from promisekept.policy.registers import REGISTERS
from promisekept.restatement.causes import KEPT_FROM
from promisekept.sources.contract import DIMENSIONS, contract
from promisekept.sources.landing.relations import SOURCES
from promisekept.sources.sandbox import literal

FOLDER = "metadata/reperform"
SCRIPT = "reperform.sh"
REBUILT = ("fct_requests", "fct_metrics")
NOT_REBUILT = "late_rows"
"""It counts rows by the day on which they landed; most of them happened outside of the bundle's period."""

EMPTY: Mapping[str, str] = {
    "int_metrics__remediations_measures": (
        "metric_code varchar, month_start date, dimension varchar, dimension_value varchar, units bigint, numerator bigint"
    ),
    "int_metrics__remediations_ages": (
        "metric_code varchar, period_grain varchar, period_start date, dimension varchar, dimension_value varchar, units bigint,"
        " value double, worst_value double"
    ),
}
"""Models whose figures stand at `as_of` alone and belong to no period, so that no bundle has one of them: they are not run."""

GIVEN = ("fct_source_completeness",)
"""Marts that figures read and that are taken from the bundle: it counts all events of a source, and the bundle has a part."""

_NOTHING: Mapping[str, str] = {
    "landing.batches": "null::varchar as origin_path",
    "landing.held_back": "null::varchar as origin_name, null::varchar as says",
    "landing.quarantine": "null::varchar as content_hash",
    "pack.registers": "null::boolean as shipped",
    **{f"pack.{name}": "row_number() over () as line" for name in REGISTERS},
}
"""What the models read and a bundle does not contain: names of files, what was rejected, keys. In which line of a file a rule
stood is not in a bundle either; that it stood in one is."""


_SQL = {pa.string(): "varchar", pa.int64(): "bigint"}
"""What is expected of a source is a matter of its freshness, of which no figure is made."""


def write_reperforming(
    folder: Path,
    scope: Scope,
    *,
    manifest: Mapping[str, Any],
    models: Models,
    tables: Mapping[str, BundleTable],
    rows: Mapping[str, str],
) -> None:
    """Write the script and, where the audience has events, what it reads.

    Args:
        folder: of the bundle; its tables, events and pack are written.
        scope: of the bundle.
        manifest: of the snapshot.
        models: of the version that computed it.
        tables: by folder and name, e.g. `events/requests`, what was written as record copies.
        rows: by mart of `REBUILT` the query of its rows in the bundle, over a schema `marts`.
    """
    (folder / SCRIPT).write_bytes((resources.files(__package__) / SCRIPT).read_bytes())
    if scope.audience == "public":
        return
    place = folder / FOLDER
    place.mkdir()
    for name, seed in models.seeds.items():
        (place / f"{name}.csv").write_bytes(seed.text.encode())
    order = [(models.models[name], name) for name in models.behind(REBUILT, but=(*EMPTY, *GIVEN))]
    steps = "".join(f"{'view' if model.is_view else 'table'} {model.relation} {name}\n" for model, name in order)
    (place / "order.txt").write_bytes(steps.encode())
    (place / "inputs.sql").write_bytes("\n".join(_inputs(manifest, models, tables)).encode())
    (place / "compare.sql").write_bytes("\n".join(_compare(scope, manifest, tables, rows)).encode())


def _inputs(manifest: Mapping[str, Any], models: Models, tables: Mapping[str, BundleTable]) -> Iterator[str]:
    yield "-- Which file of the bundle becomes which relation that the models read."
    relations = [one.relation for one in models.models.values()] + [one.relation for one in models.seeds.values()]
    schemas = {f"warehouse.{name}" for name in ("landing", "pack", "run")} | {name.rpartition(".")[0] for name in relations}
    yield from (f"create schema if not exists {schema};" for schema in sorted(schemas))
    yield "\n-- Events. Of an event that landed more than once the models choose the version that counts."
    for log in UNITS:
        yield _create_table(f"landing.{log}", _events(log, tables.get(f"events/{log}")))
    yield "\n-- What landing records beside the events."
    for name in ("batches", "held_back", "quarantine"):
        table = tables[f"landing/{name}"]
        yield _create_table(
            f"landing.{name}", _read(table, [name for name in table.columns if name != "late"], _NOTHING[f"landing.{name}"])
        )
    facts = ("source", "log", "namespace", "has_control_total", "declared_due")
    unknown = ", ".join(f"null::{_SQL[field.type]} as {field.name}" for field in SOURCES if field.name not in facts)
    sources = _read(tables["tables/audit_sources"], (*facts, "is_configured"))
    yield _create_table("landing.sources", f"select * exclude (is_configured), {unknown} from ({sources}) where is_configured")
    yield "\n-- The pack."
    for path, table in tables.items():
        if path.startswith("pack/"):
            yield _create_table(f"pack.{table.name}", _read(table, table.columns, _NOTHING.get(f"pack.{table.name}", "")))
    yield (
        "-- Of each dimension the values in the snapshot: a unit that can't be assessed is in the worst case of each,\n"
        "-- also against one that occurs in other periods alone."
    )
    labels = _read(tables["tables/fct_metrics"], ("metric_code", "dimension", "dimension_value"))
    yield f"insert into warehouse.pack.control_metrics by name\nselect distinct * from ({labels});"
    yield "\n-- What the build was asked for, and what the source gate had found."
    yield _create_table("run.run_instants", _instants(manifest))
    yield (
        "create table warehouse.run.build_state (known_seq bigint, as_of timestamptz, known_at timestamptz, pack_sha256 varchar,"
        " code_version varchar, settings_sha256 varchar);"
    )
    verdicts = tables["tables/audit_source_verdicts"]
    yield _create_table("run.source_verdicts", _read(verdicts, verdicts.columns))
    yield "\n-- What is missing by the count of somebody else. It is taken as the bundle states it."
    for name in GIVEN:
        given = tables[f"tables/{name}"]
        yield f"create table {models.models[name].relation} as\n{_read(given, given.columns)};"
    yield "\n-- Figures that stand at as_of alone, of which a bundle of a period has none."
    yield from (
        f"create table {models.models[name].relation} ({columns});" for name, columns in EMPTY.items() if name in models.models
    )
    yield "\n-- Tables that come with the models."
    for name, seed in models.seeds.items():
        yield f"create table {seed.relation} as\n{_read_csv(f'{FOLDER}/{name}.csv', seed.types, seed.types)};"


def _create_table(relation: str, query: str) -> str:
    return f"create table warehouse.{relation} as\n{query};"


def _events(log: str, table: BundleTable | None) -> str:
    landed = contract()[log].landed
    if table is None:
        return f"select {', '.join(f'null::{kind} as {_quoted(name)}' for name, kind in landed.items())} where false"
    collides = "count(*) over (partition by namespace, event_id) > 1 as collides"
    return f"select *, null::varchar as key_id, {collides} from ({_read(table, table.columns)})"


def _instants(manifest: Mapping[str, Any]) -> str:
    instants = {name: f"{literal(manifest[name])}::timestamptz" for name in ("as_of", "known_at")}
    instants |= {"known_seq": f"{manifest['known_seq']}::bigint"}
    instants |= {name: literal(manifest[name]) for name in ("organisation", "time_zone")}
    for path, value in manifest["configuration"].items():
        if path.startswith("sources."):
            continue  # what is missing by a sequence is given
        kind = {int: "bigint", float: "double"}.get(type(value), "varchar")
        instants[path.rpartition(".")[2]] = "null::varchar" if value is None else f"{literal(str(value))}::{kind}"
    instants[DIMENSIONS] = literal(manifest["configuration"].get(DIMENSIONS, ""))
    kept_from = manifest["configuration"].get(KEPT_FROM)
    instants["kept_from"] = f"{'null' if kept_from is None else literal(kept_from)}::date"
    return "select\n" + ",\n".join(f"    {sql} as {name}" for name, sql in instants.items())


def _compare(
    scope: Scope, manifest: Mapping[str, Any], tables: Mapping[str, BundleTable], rows: Mapping[str, str]
) -> Iterator[str]:
    period = scope.period
    regime = "null" if scope.regime is None else literal(scope.regime)
    yield "-- Compares what was rebuilt with what the bundle states: the same rows, cell by cell.\nuse outgoing;"
    values = (f"date '{period.start}'", f"date '{period.end}'", f"{regime}::varchar", literal(manifest["time_zone"]))
    yield f"{SCOPE.replace('?', '{}').format(*values)};"
    yield f"{KEPT_REQUESTS.strip()};"
    for name in REBUILT:
        yield from _compared(tables[f"tables/{name}"], rows[name])
    yield (
        "create temp table verdict as\nselect if(sum(rows) > 0, error('NOT REBUILT: ' || sum(rows) || ' rows differ'), 'rebuilt')"
        " as verdict from (" + " union all ".join(f"select count(*) as rows from differing_{name}" for name in REBUILT) + ");"
    )


def _compared(table: BundleTable, rows: str) -> Iterator[str]:
    name, columns = table.name, table.columns
    read_as = {column: "VARCHAR" if is_nested(kind) else kind for column, kind in columns.items()}
    stated = ", ".join(
        f"round({_quoted(name)}, 9) as {_quoted(name)}" if kind == "DOUBLE" else _quoted(name) for name, kind in read_as.items()
    )
    rebuilt = ", ".join(_rebuilt(column, kind) for column, kind in columns.items())
    without = f" where metric_code <> '{NOT_REBUILT}'" if name == "fct_metrics" else ""
    yield f"\ncreate temp table stated_{name} as\nselect {stated} from ({_read_csv(_path(table), read_as, read_as)}){without};"
    yield f"create temp table rebuilt_{name} as\nselect {rebuilt} from ({rows}) as mart{without};"
    is_nothing = ""
    if name == "fct_metrics":
        yield "-- A figure of nothing need not be rebuilt: its value of a dimension occurs in other periods alone."
        key = " and ".join(f"other.{column} is not distinct from stated.{column}" for column in table.key)
        is_nothing = (
            " where numerator is distinct from 0 or coalesce(denominator, 0) <> 0 or coalesce(value_worst, 0) <> 0"
            f" or exists (select 1 from rebuilt_{name} as other where {key})"
        )
    yield (
        f"create temp table differing_{name} as\n"
        "select 'stated, not rebuilt' as side, *\n"
        f"from (from stated_{name} except all from rebuilt_{name}) as stated{is_nothing}\n"
        "union all\n"
        f"select 'rebuilt, not stated' as side, *\nfrom (from rebuilt_{name} except all from stated_{name});"
    )
    yield (
        f"select '{name}: ' || (select count(*) from stated_{name}) || ' rows stated, ' || (select count(*) from rebuilt_{name})"
        f" || ' rebuilt, ' || (select count(*) from differing_{name}) || ' differ';"
    )
    yield f"select to_json(differing) from differing_{name} as differing order by all limit 20;"


def _rebuilt(name: str, kind: str) -> str:
    column = f"mart.{_quoted(name)}"
    if is_nested(kind):
        return f"to_json({column})::varchar as {_quoted(name)}"
    value = f"{column}::{kind}"
    return f"{f'round({value}, 9)' if kind == 'DOUBLE' else value} as {_quoted(name)}"


def _path(table: BundleTable) -> str:
    return f"data/{table.folder}/{table.name}.csv"


def _read(table: BundleTable, columns: Iterable[str], more: str = "") -> str:
    return _read_csv(_path(table), table.columns, list(columns), more)


def _read_csv(path: str, kinds: Mapping[str, str], columns: Iterable[str], more: str = "") -> str:
    """A SELECT of some columns of a record copy; lists are read from JSON."""
    types = ", ".join(f"{literal(name)}: '{'VARCHAR' if is_nested(kind) else kind}'" for name, kind in kinds.items())
    selected: Sequence[str] = [
        f"{_quoted(name)}::json::{kinds[name]} as {_quoted(name)}" if is_nested(kinds[name]) else _quoted(name)
        for name in columns
    ]
    return (
        f"select {', '.join([*selected, *([more] if more else [])])}\n"
        f"from read_csv({literal(path)}, auto_detect = false, parallel = false, header = true, delim = ',', quote = '\"',\n"
        f"    escape = '\"', nullstr = '', allow_quoted_nulls = false, columns = {{{types}}})"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
