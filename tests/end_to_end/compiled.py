"""Everything that the marts are made of, computed from scratch in memory by the text that dbt compiled, in its order.

dbt spends some 50 ms on each of 150 nodes, whatever little they hold; a test that builds on thirty days can't. Here: the compiled
text of a whole build, run again for another instant. Not here: what dbt does differently on a daily build, which dbt must do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.pipeline import STAGING, Build
from promisekept.publishing.content import mart_columns, table_sum

GIVEN = ("landing", "pack", "run", "reference")


@dataclass(frozen=True)
class Node:
    """One model: its place, whether it is a view, and its compiled text."""

    name: str
    place: str
    kind: str
    sql: str


@dataclass(frozen=True)
class Plan:
    """All models in an order in which they can be built, and those that a daily build carries on from the day before."""

    nodes: tuple[Node, ...]
    carried: frozenset[str]

    def from_scratch(self, build: Build) -> dict[str, str]:
        """The content hash of every mart, made of landing, pack and instants alone."""
        return self._hashes(build, ())

    def carried_on(self, build: Build) -> dict[str, str]:
        """The same, beginning with the models that dbt has just brought forward in this build."""
        return self._hashes(build, self.carried)

    def _hashes(self, build: Build, carried: Collection[str]) -> dict[str, str]:
        with duckdb.connect() as db:
            db.execute("attach ':memory:' as warehouse; attach ':memory:' as outgoing; set global TimeZone = 'UTC'")
            db.execute(f"attach '{build.warehouse}' as built (read_only); attach '{build.outgoing}' as built_marts (read_only)")
            db.execute("create schema outgoing.marts; create schema warehouse.intermediate; create schema warehouse.staging")
            for schema in GIVEN:
                db.execute(f"create schema warehouse.{schema}")
                for table in _tables(db, schema):
                    db.execute(f"create table warehouse.{schema}.{table} as from built.{schema}.{table}")
            for node in self.nodes:
                if node.name in carried:
                    kept = node.place.replace("warehouse.", "built.").replace("outgoing.", "built_marts.")
                    db.execute(f"create table {node.place} as from {kept}")
                else:
                    db.execute(f"create {node.kind} {node.place} as {node.sql}")
            db.execute("use outgoing")
            columns: Mapping[str, Mapping[str, str]] = mart_columns(db, "outgoing")
            return {mart: table_sum(db, mart, columns[mart]).hash for mart in columns if not mart.startswith("audit_")}


def compiled(build: Build) -> Plan:
    """Build everything once with dbt, from scratch, and keep what it ran."""
    runner = build.runner()
    done = runner.build(select=STAGING, full_refresh=True)
    done += runner.build(exclude=[*STAGING, "resource_type:test"], full_refresh=True)
    texts: dict[str, Path] = {file.stem: file for file in (runner.target / "compiled").rglob("*.sql")}
    known = runner.manifest().nodes
    models = [(result.name, known[result.unique_id]) for result in done if result.resource_type == "model"]
    nodes = tuple(
        Node(
            name,
            f"{model.database}.{model.schema}.{name}",
            "view" if model.config.materialized == "view" else "table",
            texts[name].read_text(encoding="utf-8"),
        )
        for name, model in models
    )
    return Plan(nodes, frozenset(name for name, model in models if model.config.materialized == "incremental"))


def bring_forward(build: Build, plan: Plan) -> None:
    """Let dbt do what it does on a daily build with all that is carried on, and with what that is made of."""
    build.runner().build(
        select=[f"+{name}" for name in sorted(plan.carried)],
        exclude=["resource_type:test", "resource_type:seed", "fqn:promisekept.staging"],
        full_refresh=build.full_refresh,
    )
    with build.connect() as db:
        db.execute(
            "create or replace table run.build_state as"
            " select known_seq, as_of, known_at, pack_sha256, code_version from run.run_instants"
        )


def _tables(db: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = db.execute(
        "select table_name from information_schema.tables where table_catalog = 'built' and table_schema = ?", [schema]
    )
    return [str(name) for (name,) in found.fetchall()]
