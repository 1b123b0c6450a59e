"""Everything that the marts are made of, computed from scratch in memory by the text that dbt compiled, in its order.

dbt spends some 50 ms on each of 150 nodes, whatever little they hold; a test that builds on thirty days can't. Here: the compiled
text of a whole build, run again for another instant. Not here: what dbt does differently on a daily build, which dbt must do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.build_mode import REMEMBER
from orchestration.pipeline import STAGING, Build
from promisekept.publishing.content import mart_columns, table_sum

GIVEN = ("landing", "pack", "run", "reference")


@dataclass(frozen=True)
class Node:
    """One model: its place, whether it is a view, its compiled text, and whether a daily build carries it on."""

    name: str
    place: str
    kind: str
    sql: str
    carried: bool


@dataclass(frozen=True)
class Plan:
    """All models in an order in which they can be built, and which of them are made of those that are carried on."""

    nodes: tuple[Node, ...]
    touched: frozenset[str]

    def both(self, build: Build) -> tuple[dict[str, str], dict[str, str]]:
        """The content hash of every mart but audit_*, twice.

        Returns:
            Made of landing, pack and instants alone; then anew whatever is made of the models that dbt has just brought forward.
        """
        with duckdb.connect(config={"threads": 1}) as db:
            db.execute("attach ':memory:' as warehouse; attach ':memory:' as outgoing; set global TimeZone = 'UTC'")
            db.execute(f"attach '{build.warehouse}' as built (read_only); attach '{build.outgoing}' as built_marts (read_only)")
            db.execute("create schema outgoing.marts; create schema warehouse.intermediate; create schema warehouse.staging")
            for schema in GIVEN:
                db.execute(f"create schema warehouse.{schema}")
                for table in _tables(db, schema):
                    db.execute(f"create table warehouse.{schema}.{table} as from built.{schema}.{table}")
            for node in self.nodes:
                db.execute(f"create {node.kind} {node.place} as {node.sql}")
            scratch = _hashes(db)
            for node in self.nodes:
                if node.carried:
                    kept = node.place.replace("warehouse.", "built.").replace("outgoing.", "built_marts.")
                    db.execute(f"create or replace table {node.place} as from {kept}")
                elif node.name in self.touched:
                    db.execute(f"create or replace {node.kind} {node.place} as {node.sql}")
            return scratch, _hashes(db)


def compiled(build: Build) -> Plan:
    """Build everything once with dbt, from scratch, and keep what it ran."""
    runner = build.runner()
    done = runner.build(select=STAGING, full_refresh=True)
    done += runner.build(exclude=[*STAGING, "resource_type:test"], full_refresh=True)
    texts: dict[str, Path] = {file.stem: file for file in (runner.target / "compiled").rglob("*.sql")}
    known = runner.manifest().nodes
    nodes: list[Node] = []
    touched: set[str] = set()
    for result in done:
        if result.resource_type == "model":
            model = known[result.unique_id]
            carried = model.config.materialized == "incremental"
            if carried or touched.intersection(model.depends_on.nodes):
                touched.add(result.unique_id)
            place, kind = (
                f"{model.database}.{model.schema}.{model.name}",
                "view" if model.config.materialized.endswith("view") else "table",
            )
            nodes.append(Node(model.name, place, kind, texts[model.name].read_text(encoding="utf-8"), carried))
    return Plan(tuple(nodes), frozenset(known[unique_id].name for unique_id in touched))


def bring_forward(build: Build, plan: Plan) -> None:
    """Let dbt do what it does on a daily build with all that is carried on, and with what that is made of."""
    build.runner().build(
        select=[f"+{node.name}" for node in plan.nodes if node.carried],
        exclude=["resource_type:test", "resource_type:seed"],
        full_refresh=build.full_refresh,
    )
    with build.connect() as db:
        db.execute(REMEMBER)


def _hashes(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    db.execute("use outgoing")
    columns = mart_columns(db, "outgoing")
    hashes = {mart: table_sum(db, mart, columns[mart]).hash for mart in columns if not mart.startswith("audit_")}
    db.execute("use memory")
    return hashes


def _tables(db: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = db.execute(
        "select table_name from information_schema.tables where table_catalog = 'built' and table_schema = ?", [schema]
    )
    return [str(name) for (name,) in found.fetchall()]
