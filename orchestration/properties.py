"""Properties of data: what rows of a mart should keep, and what rests on a mart whose rows don't.

Here: the table `run.broken_properties`, of which the models make `insufficient_evidence` for the controls concerned. Not here:
which tests are properties (severity `warn` with a remedy, in dbt_project/), or invariants, which end a run (execution.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from orchestration.compiled_project import CompiledProject, Node
from orchestration.execution import NodeResult
from orchestration.progress import report

TABLE = (
    "create table if not exists run.broken_properties"
    " (mart varchar, test varchar, failing_rows bigint, remedy varchar, affects varchar[])"
)
SOURCE = "source.promisekept.run.broken_properties"


def note(connection: duckdb.DuckDBPyConnection, project: CompiledProject, results: Iterable[NodeResult]) -> bool:
    """Note what this build tested; what it left as it was stands as before.

    Returns:
        Whether that changed anything, so that the controls are to be made again.
    """
    before = connection.execute("from run.broken_properties order by all").fetchall()
    tested = {result.unique_id: result for result in results if result.unique_id in project.tests}
    tested = {name: result for name, result in tested.items() if project.tests[name].remedy}
    untested = [test.name for name, test in project.tests.items() if test.remedy and name not in tested]
    broken = [row for name, result in tested.items() if not result.holds for row in _rows(project, project.tests[name], result)]
    connection.execute("delete from run.broken_properties where test not in (select unnest($1::varchar[]))", [untested])
    if broken:
        connection.executemany("insert into run.broken_properties values (?, ?, ?, ?, ?)", broken)
    for mart, test, rows, remedy, _ in broken:
        report("models", f"{mart}: rows that break {test}: {rows}; its controls are insufficient_evidence. {remedy}")
    return connection.execute("from run.broken_properties order by all").fetchall() != before


def doubted(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The marts that rest on one whose rows break a property, by name."""
    rows = connection.execute("select distinct unnest(affects) as mart from run.broken_properties order by mart").fetchall()
    return tuple(str(mart) for (mart,) in rows)


def _rows(project: CompiledProject, test: Node, result: NodeResult) -> Iterator[list[Any]]:
    marts = {name: node.name for name, node in project.nodes.items() if node.is_mart}
    for mart in marts.keys() & set(test.reads):
        affected = sorted(marts[one] for one in project.downstream({mart}) if one in marts)
        yield [marts[mart], test.name, result.failures, test.remedy, affected]
