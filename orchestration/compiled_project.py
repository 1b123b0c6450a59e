"""The models, seeds and tests as dbt compiled them: what a build executes, and how the marts of a snapshot were computed.

Here: the values, and asking them what reads what. Not here: compiling (compiling.py), executing (execution.py), or what the texts
prove (promisekept.evidence).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from promisekept.evidence.compiled_models import Model, Models, Seed

SETTINGS_ALONE = "settings_alone"
"""The tag of a model that reads settings alone: where they change, the build is a full refresh (build_mode.py)."""
_MARTS = "marts"
GROWING = ("landing", "run", "pack.retroactive_changes")
"""What differs from one build to the next under the same rules: dbt's sources, or single tables of one."""


@dataclass(frozen=True, slots=True)
class Maintained:
    """How a model that is no incremental one follows the rows that a build deletes and inserts: its own text, put to these.

    Attributes:
        over: the models whose rows it follows, by their unique ids, as the text calls them.
        sums: the columns that are sums over these rows, the first of them how many there are; the others tell sums apart.
        rows_by: or else the key of its rows, each of which comes of a single row.
    """

    over: Mapping[str, str]
    sums: tuple[str, ...] = ()
    rows_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One model, seed or data test.

    Attributes:
        unique_id: dbt's.
        name: of the model, seed or test.
        resource_type: model, seed or test.
        materialized: view, table or incremental, of a model.
        relation: `database.schema.name`; empty of a test.
        text: compiled for a full refresh; of a seed, the CSV text.
        incremental_text: compiled for an incremental build, where that is another text; of a test, for the rows that the build
            inserts and those that they meet.
        reads: unique ids of all models, seeds and sources that it reads.
        tags: dbt's.
        columns: name and declaration of each column of the contract; empty where dbt enforces none. Of a seed, name and type.
        changed_keys: by the relation that holds changed keys, its key columns and those of this model that they stand for.
        comments: statements that put its descriptions beside its table and columns; empty where dbt persists none.
        compression: how DuckDB is to store its columns; None where it tries every method on each column, which for a table that
            the next build replaces, or for a gigabyte of sentences, takes longer than computing it.
        warns: of a test, whether failing rows are a warning.
        remedy: of a test of a property of data, what fixes its rows.
        key_of: the unique id of the model whose key it tests.
        inserted_into: of a test with an incremental text: the unique id of the model.
        of_whole_keys: of such a test: whether inserted rows are enough only where they are all the rows of their changed keys.
        inserted_from: the models of which an incremental build needs the rows that it inserts and no others, by their unique ids,
            as the text calls them.
        maintained: how its rows follow those of other models, if a build need not make it as a whole.
    """

    unique_id: str
    name: str
    resource_type: str
    materialized: str = ""
    relation: str = ""
    text: str = ""
    incremental_text: str | None = None
    reads: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    changed_keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    comments: tuple[str, ...] = ()
    compression: str | None = None
    warns: bool = False
    remedy: str | None = None
    key_of: str | None = None
    inserted_into: str | None = None
    of_whole_keys: bool = False
    inserted_from: Mapping[str, str] = field(default_factory=dict)
    maintained: Maintained | None = None

    @property
    def schema(self) -> str:
        """The schema of its relation."""
        return self.relation.split(".")[1] if self.relation else ""

    @property
    def is_mart(self) -> bool:
        """Whether it is published."""
        return self.resource_type == "model" and self.schema == _MARTS


@dataclass(frozen=True)
class CompiledProject:
    """All nodes of one version of the code, each after those that it reads.

    Attributes:
        code_version: that was compiled.
        nodes: by unique id.
        manifest: dbt's own, as Dagster reads it, without macros.
    """

    code_version: str
    nodes: Mapping[str, Node]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def built(self) -> Mapping[str, Node]:
        """Models and seeds."""
        return {name: node for name, node in self.nodes.items() if node.resource_type != "test"}

    @cached_property
    def tests(self) -> Mapping[str, Node]:
        """Data tests."""
        return {name: node for name, node in self.nodes.items() if node.resource_type == "test"}

    @cached_property
    def models(self) -> Models:
        """How the marts are computed from scratch, as evidence of it."""
        models = {name: node for name, node in self.nodes.items() if node.resource_type == "model"}
        return Models(
            self.code_version,
            {
                node.name: Model(
                    text=node.text,
                    relation=node.relation,
                    is_view=node.materialized == "view",
                    reads=tuple(models[one].name for one in node.reads if one in models),
                )
                for node in models.values()
            },
            {
                node.name: Seed(node.relation, node.text, dict(node.columns))
                for node in self.nodes.values()
                if node.resource_type == "seed"
            },
        )

    def tests_of(self, models: Collection[str], within: Collection[str] | None = None) -> set[str]:
        """The tests that read something of what is made; `within`: and, beside sources, nothing but this."""
        found = {name for name, test in self.tests.items() if not set(models).isdisjoint(test.reads)}
        if within is None:
            return found
        beyond = self.built.keys() - set(within)
        return {name for name in found if beyond.isdisjoint(self.tests[name].reads)}

    def downstream(self, found: Collection[str], *, passing_over: str | None = None) -> set[str]:
        """Some nodes or sources and all that read them, however far on, by their unique ids; not by way of nodes with a tag."""
        reached = set(found)
        for name, node in self.nodes.items():  # in order: a node comes after all that it reads
            if reached.intersection(node.reads) and passing_over not in node.tags:
                reached.add(name)
        return reached

    def reading_none_of(self, sources: Collection[str]) -> set[str]:
        """The models and seeds that read nothing of some sources, however far back; settings do not count.

        Args:
            sources: names of dbt's sources, or `source.table` for a single one.
        """
        read = {one for node in self.nodes.values() for one in node.reads}
        begin = {one for one in read if (source := source_of(one)) and is_of(source, sources)}
        reading = self.downstream(begin, passing_over=SETTINGS_ALONE)
        return {name for name in self.built if name not in reading}


def source_of(unique_id: str) -> str | None:
    """`source.table` of one of dbt's sources; None of another node."""
    return unique_id.split(".", 2)[2] if unique_id.startswith("source.") else None


def is_of(source: str, sources: Collection[str]) -> bool:
    """Whether a table is one of these, or of one of these sources."""
    return bool({source, source.partition(".")[0]} & set(sources))
