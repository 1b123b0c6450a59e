"""Properties of data: what rows of a mart should keep, and what rests on a mart whose rows don't.

Here: the table `run.broken_properties`, of which the models make `insufficient_evidence` for the controls concerned. Not here:
which tests are properties (severity `warn` with a remedy, in dbt_project/), or invariants, which end a run (dbt_runner.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.dbt_runner import DbtRunner, NodeResult, downstream
from orchestration.progress import report

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

TABLE = (
    "create table if not exists run.broken_properties"
    " (mart varchar, test varchar, failing_rows bigint, remedy varchar, affects varchar[])"
)
READERS = "source:promisekept.run.broken_properties+"
_MARTS = "marts"


def settle(
    runner: DbtRunner, connect: Callable[[], duckdb.DuckDBPyConnection], results: Iterable[NodeResult]
) -> list[NodeResult]:
    """Keep which properties do not hold, and make the controls again where they were made before the tests had run.

    Args:
        runner: that built.
        connect: to the warehouse.
        results: of the build.

    Returns:
        The results, with those of what was made again in place of the earlier ones.
    """
    with connect() as connection:
        another = _keep(connection, runner.manifest(), results)
    again = runner.build(select=[READERS]) if another else []
    return list({result.unique_id: result for result in [*results, *again]}.values())


def _keep(connection: duckdb.DuckDBPyConnection, manifest: Manifest, results: Iterable[NodeResult]) -> bool:
    """Note what this build tested; what it left as it was stands as before. Whether that changed anything."""
    known = connection.execute("from run.broken_properties order by all").fetchall()
    tested = {result.unique_id: result for result in results if _remedy(manifest, result.unique_id)}
    untested = [node.name for name, node in manifest.nodes.items() if _remedy(manifest, name) and name not in tested]
    broken = [row for unique_id, result in tested.items() if not result.holds for row in _rows(manifest, unique_id, result)]
    connection.execute("delete from run.broken_properties where test not in (select unnest($1::varchar[]))", [untested])
    if broken:
        connection.executemany("insert into run.broken_properties values (?, ?, ?, ?, ?)", broken)
    for mart, test, rows, remedy, _ in broken:
        report("models", f"{mart}: rows that break {test}: {rows}; its controls are insufficient_evidence. {remedy}")
    return connection.execute("from run.broken_properties order by all").fetchall() != known


def doubted(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The marts that rest on one whose rows break a property, by name."""
    rows = connection.execute("select distinct unnest(affects) as mart from run.broken_properties order by mart").fetchall()
    return tuple(str(mart) for (mart,) in rows)


def _rows(manifest: Manifest, unique_id: str, result: NodeResult) -> Iterator[list[Any]]:
    for mart in manifest.nodes[unique_id].depends_on.nodes:
        if _is_mart(manifest, mart):
            affected = sorted({manifest.nodes[one].name for one in downstream(manifest, {mart}) if _is_mart(manifest, one)})
            yield [manifest.nodes[mart].name, result.name, result.failures, _remedy(manifest, unique_id), affected]


def _remedy(manifest: Manifest, unique_id: str) -> str | None:
    node = manifest.nodes.get(unique_id)
    return node.config.meta.get("remedy") if node is not None and node.resource_type == "test" else None


def _is_mart(manifest: Manifest, unique_id: str) -> bool:
    node = manifest.nodes.get(unique_id)
    return node is not None and node.resource_type == "model" and node.schema == _MARTS
