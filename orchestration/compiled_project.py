"""The models, seeds and tests as dbt compiles them: what a build executes, and how the marts of a snapshot were computed.

Here: compiling once per version of the code, keeping the result below home, and asking it what reads what. Not here: dbt itself
(dbt_runner.py), executing (execution.py), or what the texts prove (promisekept.evidence).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.rules import is_about_single_rows, meeting
from orchestration import dbt_runner
from orchestration.dbt_runner import DATABASE, DbtRunner, TransformError
from orchestration.versions import code_version
from promisekept.durable import replace_durably
from promisekept.evidence.compiled_models import Model, Models, Seed
from promisekept.publishing.content import INSERTED

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

KEY_TESTS = frozenset({"unique", "unique_combination"})
# dbt parses and compiles for seven processor seconds. A process asks at each stage, and one of tests builds hundreds of homes.
_COMPILED: dict[str, CompiledProject] = {}
SETTINGS_ALONE = "settings_alone"
"""The tag of a model that reads settings alone: where they change, the build is a full refresh (build_mode.py)."""
_MODE_MACROS = frozenset({"macro.promisekept.is_full_refresh", "macro.dbt.is_incremental"})
_MARTS = "marts"
GROWING = ("landing", "run", "pack.retroactive_changes")
"""What differs from one build to the next under the same rules: dbt's sources, or single tables of one."""
# A model that is maintained by changed rows alone must not change otherwise: of a run it may read settings, no instant.
_SETTINGS_OF_A_RUN = "run.run_instants"
_COMPRESSIONS = ("uncompressed", "zstd")
_MATERIALIZED = ("view", "table", "incremental")
_STRATEGIES = ("append", "changed_keys")


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
        begin = {one for one in read if (source := _source(one)) and _is_of(source, sources)}
        reading = self.downstream(begin, passing_over=SETTINGS_ALONE)
        return {name for name in self.built if name not in reading}


def _source(unique_id: str) -> str | None:
    """`source.table` of one of dbt's sources; None of another node."""
    return unique_id.split(".", 2)[2] if unique_id.startswith("source.") else None


def _is_of(source: str, sources: Collection[str]) -> bool:
    """Whether a table is one of these, or of one of these sources."""
    return bool({source, source.partition(".")[0]} & set(sources))


def compiled_project(home: Path) -> CompiledProject:
    """The project of this version of the code; a function of the code alone.

    Raises:
        TransformError: a model does not compile.
    """
    version = code_version()
    if version not in _COMPILED:
        file = home / "dbt" / f"compiled-{version}.json"
        try:
            project = _read(version, file.read_bytes())
        except (OSError, ValueError, KeyError, TypeError):  # none, half of one, or of a version that kept less
            project = _compile(home, version)
            _keep(project, file)
        _COMPILED.clear()
        _COMPILED[version] = project
    return _COMPILED[version]


def compiled_models(home: Path) -> Models:
    """The text of every model, for a bundle; a function of the code alone.

    Raises:
        TransformError: a model does not compile.
    """
    return compiled_project(home).models


def _read(version: str, content: bytes) -> CompiledProject:
    stored = json.loads(content)
    nodes = (_stored_node({name: _as_tuples(value) for name, value in node.items()}) for node in stored["nodes"])
    return CompiledProject(version, {node.unique_id: node for node in nodes}, stored["manifest"])


def _stored_node(stated: dict[str, Any]) -> Node:
    maintained = stated.pop("maintained")
    return Node(**stated, maintained=maintained and Maintained(**{name: _as_tuples(value) for name, value in maintained.items()}))


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(one) for one in value) if isinstance(value, list) else value


def _keep(project: CompiledProject, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.glob("compiled-*.json"):
        old.unlink(missing_ok=True)
    stored = {"nodes": [asdict(node) for node in project.nodes.values()], "manifest": project.manifest}
    replace_durably(file, json.dumps(stored, ensure_ascii=False, default=str).encode())


def _compile(home: Path, version: str) -> CompiledProject:
    runner = DbtRunner(home, home / DATABASE)
    manifest = runner.manifest()
    texts = runner.compile("resource_type:model", "resource_type:test", full_refresh=True)
    incremental = runner.compile(*(manifest.nodes[one].name for one in _depending_on_mode(manifest)), full_refresh=False)
    kinds = {"model", "seed", "test"}
    nodes = {name: node for name, node in sorted(manifest.nodes.items()) if node.resource_type in kinds}
    reads = {name: sorted(node.depends_on.nodes) if node.resource_type != "seed" else [] for name, node in nodes.items()}
    order = TopologicalSorter({name: [one for one in reads[name] if one in nodes] for name in nodes}).static_order()
    found = {name: _node(manifest, name, texts, incremental, reads[name]) for name in order}
    found |= _tests_of_inserted_rows(manifest, found)
    return CompiledProject(version, found, manifest.writable_manifest().to_dict() | {"macros": {}})


def _node(
    manifest: Manifest, unique_id: str, texts: Mapping[str, str], incremental: Mapping[str, str], reads: Iterable[str]
) -> Node:
    node: Any = manifest.nodes[unique_id]
    kind = str(node.resource_type.value)
    shared: dict[str, Any] = {"unique_id": unique_id, "name": node.name, "resource_type": kind, "reads": tuple(reads)}
    shared["tags"] = tuple(sorted(node.tags))
    if kind == "test":
        is_key = _generic(node) in KEY_TESTS
        return Node(
            **shared,
            text=texts[unique_id],
            warns=str(node.config.severity).casefold() == "warn",
            remedy=node.config.meta.get("remedy"),
            key_of=node.attached_node if is_key else None,
        )
    materialized = _materialized(node) if kind == "model" else ""
    shared["relation"] = node.relation_name.replace('"', "")
    if kind == "seed":
        text = (dbt_runner.PROJECT / node.original_file_path).read_text(encoding="utf-8")
        header = text.splitlines()[0].split(",")
        return Node(
            **shared, text=text, columns=tuple((one, str(node.config.column_types.get(one, "varchar"))) for one in header)
        )
    text, other = texts[unique_id], incremental.get(unique_id)
    return Node(
        **shared,
        materialized=materialized,
        text=text,
        incremental_text=None if other == text else other,
        columns=tuple(_contract(node)),
        changed_keys=_changed_keys(manifest, node),
        inserted_from=_replaced_by_keys(manifest, node, node.config.meta.get("inserted_rows_of", ()), other or text),
        maintained=_maintained(manifest, node, text),
        comments=tuple(_comments(node, shared["relation"])),
        compression=_compression(node),
    )


def _generic(test: Any) -> str | None:
    """Which generic test it is; None of one that is written by itself."""
    return getattr(getattr(test, "test_metadata", None), "name", None)


def _tests_of_inserted_rows(manifest: Manifest, nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The tests that need but the rows which a build inserts into their model where all its other rows passed, with their texts.

    They are about single rows; or about all rows of the same values in some columns, which are inserted together where rows are
    replaced by these columns; else inserted rows meet those of the same values.
    """
    found = {}
    with duckdb.connect() as parser:
        for name, node in nodes.items():
            model = nodes.get(node.reads[0]) if node.resource_type == "test" and len(node.reads) == 1 else None
            if model is None or model.materialized != "incremental" or not model.changed_keys:
                continue
            test: Any = manifest.nodes[name]
            stored, inserted = str(manifest.nodes[model.unique_id].relation_name), f"warehouse.{INSERTED}.{model.name}"
            columns, keys = _within(test, model), _replaced_by(model)
            if not columns and not is_about_single_rows(parser, node.text):
                continue
            of_whole_keys = bool(columns) and keys <= set(columns)
            rows = inserted if of_whole_keys or not columns else meeting(stored, inserted, columns)
            found[name] = replace(
                node,
                incremental_text=node.text.replace(stored, rows),
                inserted_into=model.unique_id,
                of_whole_keys=of_whole_keys,
            )
    return found


def _replaced_by(model: Node) -> set[str]:
    """The columns of a model by which its rows are replaced."""
    return {mine for stated in model.changed_keys.values() for mine in stated.values()}


def _within(test: Any, model: Node) -> tuple[str, ...]:
    """The columns within whose values a test looks at the rows of a model together."""
    if _generic(test) in KEY_TESTS:
        arguments = test.test_metadata.kwargs
        return tuple(arguments.get("columns") or [arguments["column_name"]])
    columns = tuple(test.config.meta.get("within", ()))
    keys = _replaced_by(model)
    if columns and not keys <= set(columns):
        raise TransformError(
            f"{test.original_file_path}: meta.within is {', '.join(columns)}, but rows of {model.name} are replaced by"
            f" {', '.join(sorted(keys))}.\n  Rows of the same values must be replaced together: name these columns, too."
        )
    return columns


def _materialized(model: Any) -> str:
    kind, strategy = str(model.config.materialized), model.config.incremental_strategy
    if kind not in _MATERIALIZED or (kind == "incremental" and strategy not in _STRATEGIES):
        stated = kind if strategy is None else f"{kind} with the strategy {strategy}"
        raise TransformError(
            f"{model.original_file_path}: a run can't make what is materialized as {stated}.\n"
            f"  It makes {', '.join(_MATERIALIZED)}, the last with the strategy {' or '.join(_STRATEGIES)}."
        )
    if model.config.pre_hook or model.config.post_hook:
        # It would act on whatever else is made at that moment, too.
        raise TransformError(
            f"{model.original_file_path}: has a hook, which a run does not call: two models are made at a time.\n"
            "  Remove it; rows to be replaced are named by meta.changed_keys, how they are stored by meta.compression."
        )
    return kind


def _contract(model: Any) -> Iterable[tuple[str, str]]:
    if not model.config.contract.enforced:
        return
    for name, column in model.columns.items():
        constraints = " ".join(str(one.type.value).replace("_", " ") for one in column.constraints)
        yield name, f"{column.data_type} {constraints}".rstrip()


def _comments(model: Any, relation: str) -> Iterator[str]:
    persisted = model.config.persist_docs
    if persisted.get("relation") and model.description:
        yield f"comment on table {relation} is {_literal(model.description)}"
    if persisted.get("columns"):
        for name, column in model.columns.items():
            if column.description:
                yield f"comment on column {relation}.{name} is {_literal(column.description)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _changed_keys(manifest: Manifest, model: Any) -> dict[str, dict[str, str]]:
    """meta.changed_keys, with the relations of the models that it names."""
    read = {node.name: node.relation_name for one in model.depends_on.nodes if (node := manifest.nodes.get(one))}
    changed_keys = model.config.meta.get("changed_keys", {})
    missing = sorted(changed_keys.keys() - read.keys())
    if missing:
        raise TransformError(
            f"{model.original_file_path}: meta.changed_keys names {missing[0]!r}, unknown to dbt as read.\n"
            f"  Add the line `-- depends_on: {{{{ ref('{missing[0]}') }}}}` to its head."
        )
    return {
        read[name].replace('"', ""): dict(keys) if isinstance(keys, Mapping) else {key: key for key in keys}
        for name, keys in changed_keys.items()
    }


def _replaced_by_keys(manifest: Manifest, model: Any, names: Collection[str], text: str) -> dict[str, str]:
    """Models whose rows are replaced by changed keys, as the text of another one calls them."""
    read = {node.name: node for one in model.depends_on.nodes if (node := manifest.nodes.get(one)) is not None}
    for name in names:
        if name not in read or "changed_keys" not in read[name].config.meta or str(read[name].relation_name) not in text:
            raise TransformError(
                f"{model.original_file_path}: meta names {name}, whose changed rows it does not read.\n"
                "  Name models that it reads and whose rows are replaced by changed keys."
            )
    return {read[name].unique_id: str(read[name].relation_name) for name in names}


def _maintained(manifest: Manifest, model: Any, text: str) -> Maintained | None:
    """meta.maintained: `over`, the models whose rows it follows, and `sums` or `rows_by`."""
    stated = model.config.meta.get("maintained")
    if stated is None:
        return None
    read = {source for one in model.depends_on.nodes if (source := _source(one)) and source != _SETTINGS_OF_A_RUN}
    if any(_is_of(source, GROWING) for source in read) or re.search(r"\b(as_of|known_at)\b", text):
        raise TransformError(
            f"{model.original_file_path}: meta.maintained, but its rows also change with time or with what landed.\n"
            "  Let it read neither an instant of the run nor landed rows, or remove meta.maintained."
        )
    over = _replaced_by_keys(manifest, model, stated["over"], text)
    return Maintained(over, tuple(stated.get("sums", ())), tuple(stated.get("rows_by", ())))


def _compression(model: Any) -> str | None:
    """meta.compression."""
    stated = model.config.meta.get("compression")
    if stated not in {None, *_COMPRESSIONS}:
        raise TransformError(
            f"{model.original_file_path}: meta.compression is {stated!r}.\n  State {' or '.join(_COMPRESSIONS)}, or leave it out."
        )
    return None if stated is None else str(stated)


def _depending_on_mode(manifest: Manifest) -> list[str]:
    """The models that dbt compiles otherwise for a full refresh than for an incremental build."""
    calling: set[str] = set(_MODE_MACROS)
    while more := {
        name for name, macro in manifest.macros.items() if name not in calling and calling.intersection(macro.depends_on.macros)
    }:
        calling |= more
    models = (node for node in manifest.nodes.values() if node.resource_type == "model")
    return sorted(node.unique_id for node in models if calling.intersection(node.depends_on.macros))
