"""dbt in this process: parse once, compile, run what a person asks of it, and leave no connection open.

Here: the arguments every invocation shares. Not here: what a run makes of the compiled models (execution.py). A subprocess would
cost 3 to 5 seconds each time.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from promisekept.errors import PromisekeptError
from promisekept.sources.contract import code_lists
from promisekept.sources.sandbox import literal

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
# Parsing takes 5 processor seconds, looking for changed files 6 ms; compiling asks three times.
_PARSED: dict[int, Manifest] = {}
DATABASE = "warehouse.duckdb"  # every build database has this name: dbt's parsed project holds it
OUTGOING = "outgoing.duckdb"  # beside it: the marts


class TransformError(PromisekeptError):
    """A model of the warehouse failed; the last good snapshot is still current."""


@dataclass(frozen=True)
class DbtRunner:
    """dbt for one home.

    Attributes:
        home: where dbt's own files go (`home/dbt`).
        warehouse: the DuckDB file that is built; the marts go into `outgoing.duckdb` beside it.
        engine: what DuckDB may take of the machine (`settings.engine.config`); by default what it takes by itself.
    """

    home: Path
    warehouse: Path
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

    def invoke(self, *arguments: str) -> dbtRunnerResult:
        """Run a command on the parsed project, with nothing on the terminal.

        Args:
            arguments: dbt's own, its command first.

        Returns:
            dbt's result, of a command that failed too.
        """
        command, *others = arguments
        shared = _shared(str(self.target), str(self.home / "dbt" / "logs"))
        return _invoke([command, *shared, *others], self.warehouse, self.manifest(), self.engine)

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
            outcome = _invoke(list(arguments), self.warehouse, None, self.engine)
        if outcome.exception is not None:
            raise TransformError(f"dbt {' '.join(arguments)}: {outcome.exception}")
        return 0 if outcome.success else 1

    def compile(self, *select: str, full_refresh: bool) -> dict[str, str]:
        """What dbt makes of models and tests, by unique id, whatever stands in the warehouse.

        Args:
            select: dbt selectors.
            full_refresh: as a build from scratch has it; else as an incremental one that finds every table.

        Raises:
            TransformError: a model does not compile.
        """
        with tempfile.TemporaryDirectory() as folder:
            scratch = replace(self, home=Path(folder), warehouse=Path(folder) / DATABASE)
            if not full_refresh:
                self._pretend_built(scratch.warehouse)
            mode = ["--full-refresh"] if full_refresh else []
            outcome = scratch.invoke("compile", *mode, "--select", *select)
        if not outcome.success:
            raise TransformError(f"dbt_project: the models can't be compiled.\n  {outcome.exception}")
        nodes = [result.node for result in outcome.result.results]
        return {node.unique_id: node.compiled_code.strip() + "\n" for node in nodes if node.compiled_code}

    def _pretend_built(self, warehouse: Path) -> None:
        """A database with a table of each name, which is all that a model asks of an earlier build while it is compiled."""
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"attach {literal(str(warehouse.with_name(OUTGOING)))} as outgoing")
            for node in self.manifest().nodes.values():
                if node.resource_type == "model" and not str(node.config.materialized).endswith("view"):
                    connection.execute(f"create schema if not exists {node.database}.{node.schema}")
                    connection.execute(f"create table {node.relation_name} (nothing integer)")


def _shared(target: str, logs: str) -> list[str]:
    return [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target, "--log-path", logs,
        "--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-send-anonymous-usage-stats",
        "--no-version-check", "--no-write-json",
    ]  # fmt: skip


def _parse(target: str, logs: str) -> Manifest:
    # Parsing opens no database; dbt takes its name out of the path, from which a `#` above it would cut it off.
    outcome = _invoke(["parse", *_shared(target, logs)], Path(DATABASE), None, {})
    if not outcome.success:
        raise TransformError(f"dbt_project: the models can't be parsed.\n  {outcome.exception}")
    return outcome.result


def project_files() -> tuple[tuple[str, int, int], ...]:
    """The models, seeds and macros, sorted, each with when it was last changed (in nanoseconds) and its size."""
    found = []
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [one for one in folders if one != "target"]
        files = (os.path.join(folder, name) for name in names if name.endswith((".sql", ".yml", ".csv")))  # noqa: PTH118 - hundreds
        found += [(file, (stat := os.stat(file)).st_mtime_ns, stat.st_size) for file in files]  # noqa: PTH116
    return tuple(sorted(found))


def _project_state() -> int:
    return hash((json.dumps(code_lists()), project_files()))


def _invoke(arguments: list[str], warehouse: Path, manifest: Manifest | None, engine: Mapping[str, str]) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    with _environment(
        PROMISEKEPT_WAREHOUSE=str(warehouse),
        PROMISEKEPT_OUTGOING=str(warehouse.with_name(OUTGOING)),
        PROMISEKEPT_CONTRACT=json.dumps(code_lists()),
        PROMISEKEPT_MEMORY_LIMIT=engine.get("memory_limit", "80%"),
        PROMISEKEPT_TEMP_DIRECTORY=engine.get("temp_directory", f"{warehouse}.tmp"),
    ):
        try:
            return dbtRunner(manifest=manifest).invoke(arguments)
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
