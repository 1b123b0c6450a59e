"""How the stored rows of models follow what a day changes.

Here: replacing the rows of changed keys, and letting what is computed from such rows follow those that were deleted and
inserted: a sum loses what the ones came to and gains what the others come to. The text of a model is the same for few rows as for
all of them. Not here: which keys changed (dbt_project/macros/incremental/), or what is made as a whole (execution.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import duckdb

from orchestration.compiled_project import CompiledProject, Maintained, Node
from promisekept.publishing.content import INSERTED, RowSum, mart_columns, row_sum

LARGE_MART = 25_000
"""The rows from which on the sum of a mart follows what changes of it. Fewer take less than 0.1 processor seconds to hash (0.15
to 0.28 for 100,000, by mart), as against 0.01 for each query of what changed."""
DELETED = "deleted"
"""The schema of the warehouse that keeps deleted rows while an execution needs them."""
_MARTS = "outgoing"


class ChangedRows:
    """The rows that an execution deletes from models and inserts into them by changed keys, while others follow them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, project: CompiledProject, wanted: Collection[str] | None) -> None:
        """Begin an execution that is no full refresh.

        Args:
            connection: to the warehouse, with the marts attached.
            project: whose nodes.
            wanted: the unique ids of all that is made; None where stored rows may not be those of the last build, so that nothing
                but changed keys is followed.
        """
        self._connection = connection
        self._project = project
        self._wanted = wanted
        self._large_marts = _large_marts(connection)
        self._kept: set[str] = set()
        self._whole_keys: set[str] = set()
        nodes = project.nodes.values()
        self._read_deleted = {one for node in nodes if node.maintained for one in node.maintained.over}
        # The tests of a small mart look at all of its rows: that costs less than finding out.
        tested = {node.inserted_into for node in nodes if node.inserted_into and not project.nodes[node.inserted_into].is_mart}
        self._read_inserted = self._read_deleted.union(tested, *(node.inserted_from for node in nodes))
        connection.execute("; ".join(f"create schema if not exists warehouse.{schema}" for schema in (INSERTED, DELETED)))

    def are_enough(self, test: Node) -> bool:
        """Whether a test may look at the rows that were inserted into its model, instead of all of them."""
        if test.inserted_into is None or test.inserted_into not in self._kept:
            return False
        if test.of_whole_keys and not self.are_of_whole_keys(test.inserted_into):
            return False
        model = self._project.nodes[test.inserted_into]
        return self._is_large(model) or not model.is_mart

    def are_of_whole_keys(self, model: str) -> bool:
        """Whether the rows that were inserted into a model, by its unique id, are all the rows that there are of their keys.

        They are, if each is of a changed key: all that were stored of these were deleted.
        """
        return model in self._whole_keys

    def replace(self, cursor: duckdb.DuckDBPyConnection, model: Node) -> RowSum | None:
        """Recompute the rows of changed keys, delete the stored rows of these keys, and insert.

        Returns:
            Of a large mart: the sum of what was inserted, whose rows stay, less that of what was deleted.
        """
        columns = self._large_marts.get(model.name, {}) if self._is_large(model) else {}
        deleted = _relation(DELETED, model) if model.unique_id in self._read_deleted else None
        is_kept = bool(columns) or model.unique_id in self._read_inserted
        inserted = _relation(INSERTED, model) if is_kept else "recomputed"
        _recompute(cursor, model, self._text(model), inserted)
        change = row_sum(cursor, model.name, columns, inserted) if columns else None
        if change is None and deleted is None:
            deletions = [
                f"delete from {model.relation} as stored using {keys} as changed where {met}" for keys, met in _met(model)
            ]
        else:
            rows = _look_up(cursor, model)
            deletions = [f"delete from {model.relation} where rowid in (select row from gone)"] if rows else []
            if deleted is not None:
                cursor.execute(f"create or replace table {deleted} as ({rows or f'from {model.relation} limit 0'})")
            if change is not None and rows:
                change -= row_sum(cursor, model.name, columns, deleted or f"({rows})")
        with transaction(cursor):
            cursor.execute("; ".join([*deletions, f"insert into {model.relation} by name select * from {inserted}"]))
        if is_kept:
            self._kept.add(model.unique_id)
            if _are_of_changed_keys(cursor, model, inserted):
                self._whole_keys.add(model.unique_id)
        return change

    def maintain(self, cursor: duckdb.DuckDBPyConnection, model: Node) -> bool:
        """Let the rows of a model follow those that were deleted and inserted; False where it has to be made as a whole."""
        if model.maintained is None or self._wanted is None:
            return False
        if any(one in self._wanted and one not in self._kept for one in model.reads):
            return False
        deleted, inserted = (self._put_to(schema, model, model.maintained) for schema in (DELETED, INSERTED))
        if model.maintained.sums:
            _maintain_sums(cursor, model, model.maintained.sums, deleted, inserted)
        else:
            _maintain_rows(cursor, model, model.maintained.rows_by, deleted, inserted)
        return True

    def forget(self) -> None:
        """Remove what was kept for this execution alone: all deleted rows, and those inserted into what is no large mart."""
        self._connection.execute(f"drop schema if exists warehouse.{DELETED} cascade")
        for model in (self._project.nodes[one] for one in self._kept):
            if not self._is_large(model):
                self._connection.execute(f"drop table {_relation(INSERTED, model)}")

    def _is_large(self, model: Node) -> bool:
        return model.is_mart and model.name in self._large_marts

    def _text(self, model: Node) -> str:
        text = model.incremental_text or model.text
        for one, called in model.inserted_from.items():
            if one in self._kept:
                text = text.replace(called, _relation(INSERTED, self._project.nodes[one]))
        return text

    def _put_to(self, schema: str, model: Node, maintained: Maintained) -> str:
        """The text of a model over changed rows; of what was not made, there are none."""
        text = model.text
        for one, called in maintained.over.items():
            rows = _relation(schema, self._project.nodes[one]) if one in self._kept else f"(from {called} limit 0)"
            text = text.replace(called, rows)
        return text


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is executed inside, or nothing of it."""
    cursor.begin()
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # some errors end the transaction themselves
            cursor.rollback()
        raise
    cursor.commit()


def _large_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The columns of each mart that is large enough for the sums of what changes to be worth their queries."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and estimated_size >= ?", [_MARTS, LARGE_MART]
    ).fetchall()
    return {name: columns for name, columns in mart_columns(connection, _MARTS).items() if (name,) in found} if found else {}


def _relation(schema: str, model: Node) -> str:
    return f"warehouse.{schema}.{model.name}"


def _recompute(cursor: duckdb.DuckDBPyConnection, model: Node, text: str, relation: str) -> None:
    """Compute the rows of changed keys, as the table of the model holds them where others read them."""
    if relation == "recomputed":
        cursor.execute(f"create temp table {relation} as (\n{text}\n)")
    else:
        cursor.execute(f"create or replace table {relation} as from {model.relation} limit 0")
        cursor.execute(f"insert into {relation} by name select * from (\n{text}\n)")


def _met(model: Node) -> Iterator[tuple[str, str]]:
    """Each relation of changed keys, with the condition by which `changed` meets `stored`."""
    for changed, keys in model.changed_keys.items():
        yield changed, " and ".join(f"stored.{mine} = changed.{theirs}" for theirs, mine in keys.items())


def _are_of_changed_keys(cursor: duckdb.DuckDBPyConnection, model: Node, inserted: str) -> bool:
    if len(model.changed_keys) != 1:
        return False
    ((changed, met),) = _met(model)
    others = f"from {inserted} as stored anti join {changed} as changed on {met}"
    return not cursor.execute(f"select 1 {others} limit 1").fetchall()


def _look_up(cursor: duckdb.DuckDBPyConnection, model: Node) -> str:
    """Find the stored rows of changed keys, as `gone`, by reading keys alone; a query for them, empty where there are none."""
    cursor.execute("create temp table gone (row bigint)")
    for changed, met in _met(model):
        rows = f"from {model.relation} as stored semi join {changed} as changed on {met}"
        cursor.execute(f"insert into gone select stored.rowid {rows}")
    if not cursor.execute("select 1 from gone limit 1").fetchall():
        return ""
    # DuckDB reads the other columns only where one of these row numbers is.
    return f"select stored.* from {model.relation} as stored semi join gone on stored.rowid = gone.row"


def _maintain_sums(cursor: duckdb.DuckDBPyConnection, model: Node, sums: tuple[str, ...], deleted: str, inserted: str) -> None:
    """Add what inserted rows come to and take what deleted rows came to; what no row is left of goes."""
    described = cursor.execute(f"describe {model.relation}").fetchall()
    types = {str(name): str(kind) for name, kind, *_ in described}
    told_apart = ", ".join(name for name in types if name not in sums)
    added = ", ".join(f"sum({name})::{types[name]} as {name}" for name in sums)
    taken = ", ".join(f"-{name} as {name}" for name in sums)
    cursor.execute(
        f"create temp table change as select {told_apart}, {added} from ("
        f"select * from (\n{inserted}\n) union all by name select * replace ({taken}) from (\n{deleted}\n))"
        f" group by all having {' or '.join(f'sum({name}) <> 0' for name in sums)}"
    )
    if cursor.execute("select 1 from change limit 1").fetchall():
        cursor.execute(
            f"create or replace table {model.relation} as select {', '.join(types)} from ("
            f"select {told_apart}, {added} from (from {model.relation} union all by name from change)"
            f" group by all having sum({sums[0]}) <> 0)"
        )


def _maintain_rows(cursor: duckdb.DuckDBPyConnection, model: Node, key: tuple[str, ...], deleted: str, inserted: str) -> None:
    """Delete what deleted rows led to and insert what inserted rows lead to."""
    met = " and ".join(f"stored.{name} = gone.{name}" for name in key)
    with transaction(cursor):
        cursor.execute(
            f"delete from {model.relation} as stored using (\n{deleted}\n) as gone where {met};"
            f" insert into {model.relation} by name select * from (\n{inserted}\n)"
        )
