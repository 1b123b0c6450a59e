"""dbt's compilation of the models, once for each version of them on a machine.

Here: what dbt's parsed project states, as nodes of a build, and where the result is kept for every home: beside the models, where
dbt keeps its own, or in the user's cache where that can't be written. It holds nobody's data. Not here: dbt itself
(dbt_runner.py), or what is asked of a compiled project (compiled_project.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import platformdirs

from expectations import rules
from expectations.rules import is_about_single_rows, meeting
from orchestration import compiled_project as nodes_of_a_project
from orchestration import dbt_runner
from orchestration.compiled_project import GROWING, CompiledProject, Maintained, Node, is_of, source_of
from orchestration.dbt_runner import DATABASE, DbtRunner, TransformError
from orchestration.versions import code_version
from promisekept.durable import replace_durably
from promisekept.publishing.content import INSERTED

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

KEY_TESTS = frozenset({"unique", "unique_combination"})
_KEPT = 8  # versions: of checkouts and installations side by side
# A process asks at each stage; what is kept takes a tenth of a second to read.
_COMPILED: dict[str, CompiledProject] = {}
_MODE_MACROS = frozenset({"macro.promisekept.is_full_refresh", "macro.dbt.is_incremental"})
# A model that is maintained by changed rows alone must not change otherwise: of a run it may read settings, no instant.
_SETTINGS_OF_A_RUN = "run.run_instants"
_COMPRESSIONS = ("uncompressed", "zstd")
_MATERIALIZED = ("view", "table", "incremental")
_STRATEGIES = ("append", "changed_keys")


def compiled_project() -> CompiledProject:
    """The models of this version of the code, compiled; a function of the code alone.

    Raises:
        TransformError: a model does not compile.
    """
    compiled = code_version()
    if compiled not in _COMPILED:
        project = _compiled_once(compiled)
        _COMPILED.clear()
        _COMPILED[compiled] = project
    return _COMPILED[compiled]


def _compiled_once(compiled: str) -> CompiledProject:
    """What any process of this machine has compiled; else it is compiled now, while others that ask for it wait."""
    name = f"compiled-{compiled}-{_compiler_sha256()[:12]}.json"
    folders = (dbt_runner.PROJECT / "target", platformdirs.user_cache_path("promisekept"))
    if (project := _kept(compiled, [folder / name for folder in folders])) is not None:
        return project
    folder = next(filter(_may_be_written, folders), None)
    if folder is None:
        return _compile(compiled)
    with _alone_in(folder):
        if (project := _kept(compiled, [folder / name])) is None:
            project = _compile(compiled)
            _keep(project, folder / name)
    return project


@cache
def _compiler_sha256() -> str:
    """What compiles, beside the models: this module, those whose values it writes, dbt and the adapter."""
    read = [Path(str(file)).read_text(encoding="utf-8") for file in (__file__, nodes_of_a_project.__file__, rules.__file__)]
    packages = [version(package) for package in ("dbt-core", "dbt-duckdb", "duckdb")]
    return hashlib.sha256(json.dumps([*read, *packages]).encode()).hexdigest()


def _may_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    with (folder / ".compiling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept(compiled: str, files: Iterable[Path]) -> CompiledProject | None:
    for file in files:
        try:
            stored = json.loads(file.read_bytes())
            nodes = [_stored_node({name: _as_tuples(value) for name, value in node.items()}) for node in stored["nodes"]]
            return CompiledProject(compiled, {node.unique_id: node for node in nodes}, stored["manifest"])
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that somebody damaged
            continue
    return None


def _stored_node(stated: dict[str, Any]) -> Node:
    maintained = stated.pop("maintained")
    return Node(**stated, maintained=maintained and Maintained(**{name: _as_tuples(value) for name, value in maintained.items()}))


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(one) for one in value) if isinstance(value, list) else value


def _keep(project: CompiledProject, file: Path) -> None:
    stored = {"nodes": [asdict(node) for node in project.nodes.values()], "manifest": project.manifest}
    replace_durably(file, json.dumps(stored, ensure_ascii=False, default=str).encode())
    for old in sorted(file.parent.glob("compiled-*.json"), key=lambda one: one.stat().st_mtime_ns)[:-_KEPT]:
        old.unlink(missing_ok=True)


def _compile(compiled: str) -> CompiledProject:
    with tempfile.TemporaryDirectory() as folder:
        runner = DbtRunner(Path(folder), Path(folder) / DATABASE)
        manifest = runner.manifest()
        texts = runner.compile("resource_type:model", "resource_type:test", full_refresh=True)
        incremental = runner.compile(*(manifest.nodes[one].name for one in _depending_on_mode(manifest)), full_refresh=False)
    kinds = {"model", "seed", "test"}
    nodes = {name: node for name, node in sorted(manifest.nodes.items()) if node.resource_type in kinds}
    reads = {name: sorted(node.depends_on.nodes) if node.resource_type != "seed" else [] for name, node in nodes.items()}
    order = TopologicalSorter({name: [one for one in reads[name] if one in nodes] for name in nodes}).static_order()
    found = {name: _node(manifest, name, texts, incremental, reads[name]) for name in order}
    found |= _tests_of_inserted_rows(manifest, found)
    return CompiledProject(compiled, found, manifest.writable_manifest().to_dict() | {"macros": {}})


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
    read = {source for one in model.depends_on.nodes if (source := source_of(one)) and source != _SETTINGS_OF_A_RUN}
    if any(is_of(source, GROWING) for source in read) or re.search(r"\b(as_of|known_at)\b", text):
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
