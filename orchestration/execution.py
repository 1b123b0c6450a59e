"""Executing compiled models, seeds and data tests in DuckDB.

Here: how each kind of node is made, in what order, and what became of it. Not here: which nodes a build needs (pipeline.py), how
stored rows follow what changed (changed_rows.py), or what nodes compute (dbt_project/). dbt's own Python takes 50 ms for each of
three hundred nodes, however little each of them holds; `promisekept dbt -- build` makes the same by dbt alone, which
tests/orchestration/test_execution.py holds equal.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from graphlib import TopologicalSorter

import duckdb

from orchestration.changed_rows import ChangedRows, transaction
from orchestration.compiled_project import CompiledProject, Node
from orchestration.dbt_runner import PROJECT, TransformError
from promisekept.errors import ProgramError
from promisekept.publishing.content import RowSum
from promisekept.system_errors import refusal

SIDE_BY_SIDE = 2
"""How many nodes are made at a time: one that DuckDB can't spread over its threads leaves room for another."""
_SCHEMAS = ("warehouse.reference", "warehouse.staging", "warehouse.intermediate", "outgoing.marts")
# A checkpoint in the middle holds up whoever commits next; there is one when the connection is closed. DuckDB compares each row
# with each where it expects few on the left of an ASOF join, and it expects too few: nine thousand disclosures and three hundred
# thousand stops took seven seconds instead of 0.3.
_SETTINGS = (
    "set global checkpoint_threshold = '4GB'; set global preserve_insertion_order = false;"
    " set global asof_loop_join_threshold = 0"
)
_SHOWN = 3


class InvariantError(TransformError, ProgramError):
    """A test of the models failed that no landed row can fail; the last good snapshot is still current."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test; `status` is in dbt's words.

    `changed_only`: of a test, whether it looked at the rows that this build inserted; all others had passed it.

    `change` is the sum of the rows that were inserted into a large mart, less that of the rows that were deleted; None where the
    mart was made as a whole. `of_whole_keys`: whether those that were inserted are all the rows that there are of their keys.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    failures: int | None = None
    error: duckdb.Error | None = None
    change: RowSum | None = None
    changed_only: bool = False
    of_whole_keys: bool = False

    @property
    def ok(self) -> bool:
        """Whether the node did what it should."""
        return self.status in {"success", "pass", "warn"}

    @property
    def holds(self) -> bool:
        """Of a test: whether no row fails it."""
        return self.status == "pass"


def prepare(connection: duckdb.DuckDBPyConnection, *, full_refresh: bool) -> None:
    """Set up a connection to the warehouse, with `outgoing` attached, for `execute`.

    A full refresh begins with an empty warehouse.
    """
    connection.execute(_SETTINGS)
    for schema in _SCHEMAS:
        if full_refresh and schema.startswith("warehouse."):
            connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute(f"create schema if not exists {schema}")


def execute(
    connection: duckdb.DuckDBPyConnection,
    project: CompiledProject,
    wanted: set[str],
    *,
    full_refresh: bool,
    passed: Collection[str] = (),
    known_marts: bool = False,
    progress: Callable[[NodeResult, int, int], None] | None = None,
) -> list[NodeResult]:
    """Make nodes and run tests, each after those of them that it reads.

    Args:
        connection: as `prepare` leaves it.
        project: whose nodes.
        wanted: unique ids.
        full_refresh: make what is incremental from scratch.
        passed: tests, by name, that every row of the marts as they stand passed: they need to look at inserted rows alone.
        known_marts: whether the marts are as the last build left them, so that what follows their rows is right for them.
        progress: called with each result, how many nodes are done and how many there are.

    Returns:
        One result per node, in order of completion.

    Raises:
        InvariantError: a test failed that is no property of data.
        TransformError: another node failed; the message names each with DuckDB's own words.
    """
    execution = _Execution(connection, project, full_refresh, passed, wanted if known_marts else None)
    queue = Queue({name: wanted.intersection(project.nodes[name].reads) for name in wanted})
    results: list[NodeResult] = []
    running: dict[Future[NodeResult], str] = {}
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    threads = ExitStack()
    try:
        if not full_refresh:
            threads.enter_context(_fewer_threads(connection, SIDE_BY_SIDE - 1))
        while queue.is_active() and not any(result.error for result in results):
            for name in queue.start():
                running[pool.submit(execution.run, project.nodes[name], alone=queue.is_alone(name))] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                result = one.result()
                if queue.end(running.pop(one), out_of_memory=is_out_of_memory(result.error)):
                    results.append(result)
                    if progress is not None:
                        progress(result, len(results), len(wanted))
    except BaseException:
        execution.interrupt()
        raise
    finally:
        pool.shutdown()
        threads.close()
    execution.forget()
    results += [one.result() for one in running]
    _require_success(results)
    return results


def is_out_of_memory(error: duckdb.Error | None) -> bool:
    """Whether DuckDB had too little memory; a commit that lacks it fails as one of a transaction."""
    return isinstance(error, duckdb.OutOfMemoryException) or "could not allocate block" in str(error)


class Queue:
    """Which node starts when: after those that it reads, side by side, and alone where that took too much memory."""

    def __init__(self, reads: Mapping[str, set[str]]) -> None:
        self._sorter = TopologicalSorter(reads)
        self._sorter.prepare()
        self._ready: deque[str] = deque()
        self._crowded: deque[str] = deque()
        self._running: set[str] = set()
        self._alone: set[str] = set()

    def is_active(self) -> bool:
        """Whether something runs or waits."""
        return self._sorter.is_active()

    def start(self) -> list[str]:
        """What starts now."""
        self._ready.extend(self._sorter.get_ready())
        starting: list[str] = []
        if self._running & self._alone:
            return []
        if not self._crowded:
            starting = [self._ready.popleft() for _ in range(min(SIDE_BY_SIDE - len(self._running), len(self._ready)))]
        elif not self._running:
            starting = [self._crowded.popleft()]
            self._alone.update(starting)
        self._running.update(starting)
        return starting

    def is_alone(self, name: str) -> bool:
        """Whether this is the second try of what ran out of memory."""
        return name in self._alone

    def end(self, name: str, *, out_of_memory: bool) -> bool:
        """Note that one has ended; whether that was its last try."""
        self._running.remove(name)
        if out_of_memory and name not in self._alone:
            self._crowded.append(name)
            return False
        self._sorter.done(name)
        return True


class _Execution:
    """What the threads of one execution share."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        project: CompiledProject,
        full_refresh: bool,
        passed: Collection[str] = (),
        wanted: Collection[str] | None = None,
    ) -> None:
        self._connection = connection
        self._passed = passed
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._changed = None if full_refresh else ChangedRows(connection, project, wanted)
        self._standing = set() if full_refresh else _with_comments(connection)

    def run(self, node: Node, *, alone: bool = False) -> NodeResult:
        """Make one node, or count the rows that fail a test; an error is a result.

        Args:
            node: which.
            alone: nothing else runs, and memory is short: DuckDB takes less of it with one thread.
        """
        began = time.monotonic()
        changed = self._changed
        changed_only = changed is not None and node.name in self._passed and changed.are_enough(node)
        status, failures, caught, change = "success", None, None, None
        with self._connection.cursor() as cursor:
            self._cursors.add(cursor)
            try:
                with _fewer_threads(cursor) if alone else nullcontext():
                    if node.resource_type == "test":
                        text = node.incremental_text if changed_only else node.text
                        ((failures,),) = cursor.execute(f"select count(*) from (\n{text}\n)").fetchall()
                        status = "pass" if not failures else "warn" if node.warns else "fail"
                    else:
                        change = self._make(cursor, node)
            except duckdb.Error as error:
                status, caught = "error", error
            finally:
                self._cursors.discard(cursor)
        return NodeResult(
            node.unique_id,
            node.name,
            node.resource_type,
            status,
            seconds=time.monotonic() - began,
            failures=failures,
            error=caught,
            change=change,
            changed_only=changed_only,
            of_whole_keys=changed is not None and changed.are_of_whole_keys(node.unique_id),
        )

    def interrupt(self) -> None:
        """Stop what is running."""
        for cursor in tuple(self._cursors):
            cursor.interrupt()

    def forget(self) -> None:
        """Remove what was kept of changed rows for this execution alone."""
        if self._changed is not None:
            self._changed.forget()

    def _make(self, cursor: duckdb.DuckDBPyConnection, node: Node) -> RowSum | None:
        if node.resource_type == "seed":
            _load_seed(cursor, node)
        elif self._changed is None:
            _replace(cursor, node, node.text)
        elif node.materialized == "incremental":
            return self._changed.replace(cursor, node)
        elif not self._changed.maintain(cursor, node):
            _replace(cursor, node, node.incremental_text or node.text, stands=node.relation in self._standing)
        return None


@contextmanager
def _fewer_threads(connection: duckdb.DuckDBPyConnection, fewer: int | None = None) -> Iterator[None]:
    """Let DuckDB work in so many threads less, or in one alone: the threads that wait for its answers work as well.

    An incremental build makes many small things, of which two keep two processors busy by themselves: shared out among more
    threads they take a tenth longer. A full refresh makes large ones, which need all.
    """
    ((threads,),) = connection.execute("select current_setting('threads')").fetchall()
    connection.execute(f"set global threads = {1 if fewer is None else max(threads - fewer, 1)}")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # of a database that the error has closed
            connection.execute(f"set global threads = {threads}")


def _load_seed(cursor: duckdb.DuckDBPyConnection, seed: Node) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in seed.columns)
    cursor.execute(f"create or replace table {seed.relation} ({columns})")
    file = str(PROJECT / "seeds" / f"{seed.name}.csv").replace("'", "''")
    cursor.execute(f"copy {seed.relation} from '{file}' (format csv, header true)")


def replace_table(connection: duckdb.DuckDBPyConnection, model: Node, text: str) -> None:
    """Make the table of a model from a query.

    Args:
        connection: as `prepare` leaves it.
        model: whose table.
        text: the query; its columns are those of the model.
    """
    with connection.cursor() as cursor:
        _replace(cursor, model, text)


def _with_comments(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that an earlier build has declared and described: each of eight hundred comments takes half a millisecond."""
    return {
        relation
        for (relation,) in connection.execute(
            "select format('{}.{}.{}', database_name, schema_name, table_name) from duckdb_tables() where comment is not null"
        ).fetchall()
    }


def _replace(cursor: duckdb.DuckDBPyConnection, model: Node, text: str, *, stands: bool = False) -> None:
    """The old one shows until the new one is whole; columns of a contract, or of a stated compression, are declared.

    `stands`: its table is there with its comments, so that only rows are replaced.
    """
    columns = model.columns or (_described(cursor, text) if model.compression else ())
    if not columns:
        kind = "view" if model.materialized == "view" else "table"
        cursor.execute(f"create or replace {kind} {model.relation} as (\n{text}\n)")
        return
    declared = ", ".join(f"{name} {declaration}{_stored(declaration, model.compression)}" for name, declaration in columns)
    names = ", ".join(name for name, _ in columns)
    with transaction(cursor):
        cursor.execute(f"delete from {model.relation}" if stands else f"create or replace table {model.relation} ({declared})")
        cursor.execute(f"insert into {model.relation} ({names}) select {names} from (\n{text}\n)")
        for statement in () if stands else model.comments:
            cursor.execute(statement)


def _described(cursor: duckdb.DuckDBPyConnection, text: str) -> tuple[tuple[str, str], ...]:
    """The names and types of a query's columns."""
    return tuple((f'"{name}"', str(kind)) for name, kind, *_ in cursor.execute(f"describe (\n{text}\n)").fetchall())


def _stored(declaration: str, compression: str | None) -> str:
    """How a column is stored; DuckDB takes no method for a structure, and this one for text alone."""
    kind = declaration.casefold()
    if compression is None or "struct" in kind or (compression == "zstd" and kind.split()[0] != "varchar"):
        return ""
    return f" using compression {compression}"


def _require_success(results: list[NodeResult]) -> None:
    failed = [result for result in results if not result.ok]
    broken = [result for result in failed if result.status == "fail"]
    if broken and len(broken) == len(failed):
        raise InvariantError(_name_invariants(broken))
    if failed:
        raise TransformError(_explain(failed)) from next(result.error for result in failed if result.error)


def _name_invariants(broken: list[NodeResult]) -> str:
    named = "\n".join(f"  {one.name}: rows that break it: {one.failures}" for one in broken)
    return (
        "The models break an invariant of their own, which no delivery can do: a defect of promisekept and not of your data.\n"
        f"{named}\n"
        "  Nothing was published, nothing that landed is lost, and the last good snapshot is still current. Report these names.\n"
        "  Until it is mended, `promisekept run --known-at INSTANT` publishes by what had landed before the newest delivery."
    )


def _explain(failed: list[NodeResult]) -> str:
    lines = [f"  {one.resource_type} {one.name}: {str(one.error or one.status).strip()}" for one in failed[:_SHOWN]]
    if len(failed) > _SHOWN:
        lines.append(f"  and {len(failed) - _SHOWN} more: {', '.join(one.name for one in failed[_SHOWN:])}")
    refused = next(filter(None, (refusal(one.error) for one in failed)), None)
    lines += refused.splitlines()[1:] if refused else []
    return "dbt_project: the warehouse was not built; the last good snapshot is still current.\n" + "\n".join(lines)
