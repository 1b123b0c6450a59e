"""Models made without dbt are those that dbt makes: what tests of rules build in a second, a run builds too."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import without_dbt
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver

from orchestration.pipeline import Build
from promisekept.publishing.content import mart_columns, table_sum

AS_OF = FIRST_DAY + timedelta(days=DAYS)


def hashes(build: Build) -> dict[str, str]:
    with duckdb.connect(str(build.outgoing), read_only=True) as connection:
        columns = mart_columns(connection, "outgoing")
        return {mart: table_sum(connection, mart, columns[mart]).hash for mart in columns}


def test_every_mart_comes_out_as_dbt_makes_it(tmp_path):
    world = world_of_all_logs(tmp_path / "world")
    deliver(world, history(seed=7))
    build = world.prepare(AS_OF, now=AS_OF)
    world.runner(build).build(exclude=["resource_type:test"], full_refresh=True)
    by_dbt = hashes(build)
    with build.connect() as connection:
        connection.execute(f"attach '{build.outgoing}' as outgoing; drop schema outgoing.marts cascade")
        without_dbt.make(connection, without_dbt.models().models)
    assert hashes(build) == by_dbt
    assert len(by_dbt) > 20
