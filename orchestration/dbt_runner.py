"""dbt in this process: parse once, build many, leave no connection open.

Here: the arguments every invocation shares, and results as plain data. Not here: which models are built when
(pipeline.py) or how results look as assets (defs/transform.py). A subprocess would cost 3 to 5 seconds each time.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promisekept.errors import ProgramError, PromisekeptError
from promisekept.evidence.compiled_models import Model, Seed
from promisekept.sources.contract import code_lists

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
_SHOWN = 3
# Parsing takes 6 processor seconds, looking for changed files 6 ms, several times a run: benchmarks/builds.py has both in its
# line "product, tiny inbox, every later run".
_PARSED: dict[int, Manifest] = {}
DATABASE = "warehouse.duckdb"  # every build database has this name: dbt's parsed project holds it
OUTGOING = "outgoing.duckdb"  # beside it: the marts


class TransformError(PromisekeptError):
    """A model of the warehouse failed; the last good snapshot is still current."""


class InvariantError(TransformError, ProgramError):
    """A test of the models failed that no landed row can fail; the last good snapshot is still current."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test; `text` is what a model was compiled to."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    failures: int | None
    message: str | None
    text: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the node did what it should."""
        return self.status in {"success", "pass", "warn"}

    @property
    def holds(self) -> bool:
        """Of a test: whether no row fails it."""
        return self.status == "pass"


@dataclass(frozen=True)
class DbtRunner:
    """dbt for one home.

    Attributes:
        home: where dbt's own files go (`home/dbt`).
        warehouse: the DuckDB file that is built; the marts go into `outgoing.duckdb` beside it.
        progress: called with the name of each node when it is done, with how many there are.
        engine: what DuckDB may take of the machine (`settings.engine.config`); by default what it takes by itself.
    """

    home: Path
    warehouse: Path
    progress: Callable[[str, int, int], None] | None = None
    engine: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> Path:
        """Where compiled SQL and manifest.json are."""
        return self.home / "dbt" / "target"

    def manifest(self) -> Manifest:
        """The parsed project; parsed once per process and state of its files and of the contract."""
        state = _project_state()
        if state not in _PARSED:
            _PARSED.clear()
            _PARSED[state] = _parse(str(self.target), str(self.home / "dbt" / "logs"))
        return _PARSED[state]

    def build(
        self,
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        *,
        full_refresh: bool = False,
        unit_tests: bool = False,
    ) -> list[NodeResult]:
        """Build models, seeds and their tests.

        Args:
            select: dbt selectors; none = everything.
            exclude: dbt selectors.
            full_refresh: rebuild what is incremental.
            unit_tests: run them too.

        Returns:
            One result per node, in order of completion.

        Raises:
            InvariantError: a test failed that is no property of data.
            TransformError: another node failed; the message names each with dbt's own words.
        """
        arguments = ["build", *_shared(str(self.target), str(self.home / "dbt" / "logs"))]
        arguments += ["--exclude-resource-type", "exposure", *([] if unit_tests else ["unit_test"])]
        if select:
            arguments += ["--select", *select]
        if exclude:
            arguments += ["--exclude", *exclude]
        if not select:  # then only tests that read nothing else go with what is left out
            arguments += ["--indirect-selection", "cautious"]
        if full_refresh:
            arguments.append("--full-refresh")
        outcome = _invoke(arguments, self.warehouse, self.manifest(), self.progress, self.engine)
        results = [_as_data(result) for result in getattr(outcome.result, "results", None) or []]
        failed = [result for result in results if not result.ok and result.status != "skipped"]
        broken = [result for result in failed if result.resource_type == "test" and result.status == "fail"]
        if broken and len(broken) == len(failed):
            raise InvariantError(_name_invariants(broken))
        if failed or not outcome.success:
            raise TransformError(_explain(failed, outcome.exception))
        return results

    def run(self, arguments: Sequence[str]) -> int:
        """Run a command line as a person wrote it, with this project, profile and warehouse; dbt writes to the terminal.

        Args:
            arguments: dbt's own, its command first.

        Returns:
            dbt's exit code: 0 done, 1 a node failed.

        Raises:
            TransformError: dbt could not begin.
        """
        with _environment(
            DBT_PROJECT_DIR=str(PROJECT),
            DBT_PROFILES_DIR=str(PROJECT),
            DBT_TARGET_PATH=str(self.target),
            DBT_LOG_PATH=str(self.home / "dbt" / "logs"),
        ):
            outcome = _invoke(list(arguments), self.warehouse, None, None, self.engine)
        if outcome.exception is not None:
            raise TransformError(f"dbt {' '.join(arguments)}: {outcome.exception}")
        return 0 if outcome.success else 1

    def reading_none_of(self, sources: Collection[str]) -> list[str]:
        """The names of the models and seeds that read nothing of some sources, however far back.

        Args:
            sources: names of dbt's sources, or `source.table` for a single one.
        """
        manifest = self.manifest()
        reading = {
            name for name, one in manifest.sources.items() if {one.source_name, f"{one.source_name}.{one.name}"} & set(sources)
        }
        reading = downstream(manifest, reading)
        kinds = {"model", "seed"}
        return sorted(one.name for name, one in manifest.nodes.items() if one.resource_type in kinds and name not in reading)

    def compile(self) -> dict[str, Model]:
        """Every model as a build from scratch would run it, whatever stands in the warehouse, each after those that it reads.

        Raises:
            TransformError: a model does not compile.
        """
        with tempfile.TemporaryDirectory() as empty:
            arguments = ["compile", *_shared(empty, empty), "--full-refresh", "--select", "resource_type:model"]
            outcome = _invoke(arguments, Path(empty) / DATABASE, self.manifest(), self.progress, self.engine)
        if not outcome.success:
            raise TransformError(_explain([], outcome.exception))
        nodes = {result.node.unique_id: result.node for result in outcome.result.results}
        models = {name: node for name, node in sorted(nodes.items()) if node.resource_type == "model"}
        reads = {name: sorted(models.keys() & set(node.depends_on.nodes)) for name, node in models.items()}
        return {
            models[name].name: Model(
                text=str(_text(models[name])),
                relation=models[name].relation_name.replace('"', ""),
                is_view=models[name].config.materialized.endswith("view"),
                reads=tuple(models[other].name for other in reads[name]),
            )
            for name in TopologicalSorter(reads).static_order()
        }

    def seeds(self) -> dict[str, Seed]:
        """The tables that come with the project."""
        seeds = [node for node in self.manifest().nodes.values() if node.resource_type == "seed"]
        found = {}
        for node in sorted(seeds, key=lambda node: node.name):
            content = (PROJECT / node.original_file_path).read_bytes()
            header = content.decode().splitlines()[0].split(",")
            kinds = {column: str(node.config.column_types.get(column, "varchar")) for column in header}
            found[node.name] = Seed(node.relation_name.replace('"', ""), content.decode(), kinds)
        return found


def _shared(target: str, logs: str) -> list[str]:
    return [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target, "--log-path", logs,
        "--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-send-anonymous-usage-stats",
        "--no-version-check", "--no-write-json",
    ]  # fmt: skip


def _parse(target: str, logs: str) -> Manifest:
    outcome = _invoke(["parse", *_shared(target, logs)], Path(target) / DATABASE, None, None, {})
    if not outcome.success:
        raise TransformError(f"dbt_project: the models can't be parsed.\n  {outcome.exception}")
    return outcome.result


def _project_state() -> int:
    files = sorted(file for file in PROJECT.rglob("*") if file.suffix in {".sql", ".yml", ".csv"} and "target" not in file.parts)
    return hash((json.dumps(code_lists()), *((str(file), file.stat().st_mtime_ns) for file in files)))


def _invoke(
    arguments: list[str],
    warehouse: Path,
    manifest: Manifest | None,
    progress: Callable[[str, int, int], None] | None,
    engine: Mapping[str, str],
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if progress and event.info.name in {"LogModelResult", "LogTestResult", "LogSeedResult"}:
            data = event.data
            progress(data.node_info.node_name, data.index, data.num_models if hasattr(data, "num_models") else data.total)

    with _environment(
        PROMISEKEPT_WAREHOUSE=str(warehouse),
        PROMISEKEPT_OUTGOING=str(warehouse.with_name(OUTGOING)),
        PROMISEKEPT_CONTRACT=json.dumps(code_lists()),
        PROMISEKEPT_MEMORY_LIMIT=engine.get("memory_limit", "80%"),
        PROMISEKEPT_TEMP_DIRECTORY=engine.get("temp_directory", f"{warehouse}.tmp"),
    ):
        try:
            return dbtRunner(manifest=manifest, callbacks=[listen]).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    previous = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in previous.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _as_data(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        resource_type=str(result.node.resource_type.value),
        status=str(getattr(result.status, "value", result.status)),
        seconds=result.execution_time,
        failures=result.failures,
        message=result.message,
        text=_text(result.node) if result.node.resource_type == "model" else None,
    )


def _text(model: Any) -> str | None:
    return model.compiled_code.strip() + "\n" if model.compiled_code else None


def downstream(manifest: Manifest, nodes: Collection[str]) -> set[str]:
    """Some nodes of the graph and all that read them, however far on, by dbt's unique ids."""
    found = set(nodes)
    while more := {child for node in found for child in manifest.child_map.get(node, ())} - found:
        found |= more
    return found


def _name_invariants(broken: Sequence[NodeResult]) -> str:
    named = "\n".join(f"  {one.name}: rows that break it: {one.failures}" for one in broken)
    return (
        "The models break an invariant of their own, which no delivery can do: a defect of promisekept and not of your data.\n"
        f"{named}\n"
        "  Nothing was published, nothing that landed is lost, and the last good snapshot is still current. Report these names.\n"
        "  Until it is mended, `promisekept run --known-at INSTANT` publishes by what had landed before the newest delivery."
    )


def _explain(failed: Sequence[NodeResult], exception: BaseException | None) -> str:
    lines = [f"  {one.resource_type} {one.name}: {(one.message or one.status).strip()}" for one in failed[:_SHOWN]]
    if len(failed) > _SHOWN:
        lines.append(f"  and {len(failed) - _SHOWN} more: {', '.join(one.name for one in failed[_SHOWN:])}")
    if exception is not None:
        lines.append(f"  {exception}")
    return "dbt_project: the warehouse was not built; the last good snapshot is still current.\n" + "\n".join(lines)
