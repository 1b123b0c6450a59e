"""What each model and test took when it was last made, from which a later build estimates how long it will take.

Here: the table `run.node_seconds`, for full refreshes and for incremental builds. Not here: the estimate (progress.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import duckdb

from orchestration.execution import NodeResult

_TABLE = """
create table if not exists run.node_seconds (full_refresh boolean, node varchar, seconds double, primary key (full_refresh, node))
"""


def remember(connection: duckdb.DuckDBPyConnection, results: Iterable[NodeResult], *, full_refresh: bool) -> None:
    """Keep what nodes took.

    Args:
        connection: to the warehouse.
        results: of each node once.
        full_refresh: in which kind of build.
    """
    connection.execute(_TABLE)
    took = {result.unique_id: result.seconds for result in results}
    if took:
        connection.execute(
            "insert or replace into run.node_seconds select $1, unnest($2), unnest($3)",
            [full_refresh, list(took), list(took.values())],
        )


def last_seconds(connection: duckdb.DuckDBPyConnection, nodes: Collection[str], *, full_refresh: bool) -> dict[str, float | None]:
    """What each of these took in the last build of that kind that made it; None where none did."""
    connection.execute(_TABLE)
    found = connection.execute("select node, seconds from run.node_seconds where full_refresh = $1", [full_refresh]).fetchall()
    took: dict[str, float] = dict(found)
    return {node: took.get(node) for node in nodes}
