"""What the product executes is what dbt builds: mart by mart, from scratch and incrementally, and what becomes of an error."""

from __future__ import annotations

import re
import shutil
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import duckdb
import model_builds
import pytest
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver
from rebuilding import marts_of

from orchestration import dbt_runner, execution, pipeline
from orchestration.compiled_project import CompiledProject, Maintained, Node
from orchestration.compiling import _node as read_node
from orchestration.compiling import compiled_project
from orchestration.dbt_runner import OUTGOING, DbtRunner, TransformError
from orchestration.execution import InvariantError, NodeResult, Queue, execute, is_out_of_memory

AS_OF = FIRST_DAY + timedelta(days=DAYS - 4)
NEXT = AS_OF + timedelta(days=2)


def by_dbt_alone(build: pipeline.Build, tmp_path, name: str) -> dict[str, str]:
    """The hash of each mart when dbt builds in a copy of the databases as they stand."""
    copy = tmp_path / name
    copy.mkdir()
    warehouse = copy / build.warehouse.name
    shutil.copy(build.warehouse, warehouse)
    if not build.full_refresh:
        shutil.copy(build.outgoing, copy)
    mode = ["--full-refresh"] if build.full_refresh else []
    model_builds.by_dbt(tmp_path / "dbt", warehouse, *mode)
    return marts_of(replace(build, warehouse=warehouse))


@pytest.mark.slow
def test_every_mart_is_as_dbt_makes_it_from_scratch_and_incrementally(tmp_path):
    world = world_of_all_logs(tmp_path / "world")
    rows = history(seed=7)
    late = rows[::9]
    deliver(world, [row for row in rows if row not in late])
    differing = []
    for as_of, new in ((AS_OF, []), (NEXT, late)):
        deliver(world, new)
        build = world.prepare(as_of, now=as_of)
        assert build.full_refresh == (as_of == AS_OF)
        expected = by_dbt_alone(build, tmp_path, f"dbt-{as_of:%d}")
        pipeline.stage(build)
        pipeline.transform(build)
        assert marts_of(build) == expected
        differing.append(expected)
    assert len(expected) > 20
    assert sum(differing[0][mart] != differing[1][mart] for mart in expected) > 20


def test_what_computes_only_changed_keys_replaces_only_these():
    """The ages of findings were made anew every day: they read changed findings alone, and were no incremental model."""
    mode = re.compile(r"\bis_incremental_build\(\)|\bonly_changed\('\w+', \[[^\]]*\]\)")  # of no other model's last build
    models = {
        name: node["raw_code"] for name, node in model_builds.project().manifest["nodes"].items() if name.startswith("model.")
    }
    asking = {name for name, text in models.items() if mode.search(text)}
    assert len(asking) > 5
    assert {name for name in asking if model_builds.project().nodes[name].materialized != "incremental"} == set()


@pytest.fixture
def connection(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as opened:
        opened.execute(f"attach '{tmp_path / OUTGOING}' as outgoing; create schema intermediate")
        yield opened


def project(*nodes: Node) -> CompiledProject:
    return CompiledProject("code", {node.unique_id: node for node in nodes})


def a_model(name: str, text: str, *reads: str, **other: object) -> Node:
    return Node(name, name, "model", "table", f"warehouse.intermediate.{name}", text, reads=reads, **other)


def a_test(name: str, text: str, *reads: str, warns: bool = False) -> Node:
    return Node(name, name, "test", text=text, reads=reads, warns=warns)


def test_what_reads_a_model_that_fails_is_not_made_and_the_error_names_it(connection):
    found = project(
        a_model("first", "select 1 as one"),
        a_model("second", "select two from intermediate.first", "first"),
        a_model("third", "select * from intermediate.second", "second"),
    )
    with pytest.raises(TransformError, match=r"model second: Binder Error: .*two") as raised:
        execute(connection, found, {"first", "second", "third"}, full_refresh=True)
    assert isinstance(raised.value.__cause__, duckdb.Error)
    assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("first",)]


def test_a_broken_contract_leaves_the_table_as_it_was(connection):
    columns = (("one", "integer not null"),)
    good, bad = (a_model("kept", text, columns=columns) for text in ("select 1 as one", "select null as one"))
    execute(connection, project(good), {"kept"}, full_refresh=True)
    with pytest.raises(TransformError, match="NOT NULL constraint failed"):
        execute(connection, project(bad), {"kept"}, full_refresh=True)
    assert connection.execute("from intermediate.kept").fetchall() == [(1,)]


def test_a_day_replaces_the_rows_of_a_table_that_is_described_and_leaves_its_description(connection):
    relation = "outgoing.marts.kept"
    described = {
        "relation": relation,
        "columns": (("one", "integer not null"),),
        "comments": (f"comment on table {relation} is 'what it holds'", f"comment on column {relation}.one is 'a number'"),
    }
    connection.execute("create schema outgoing.marts")
    build = [replace(a_model("kept", text), **described) for text in ("select 1 as one", "select 2 as one", "select null as one")]
    execute(connection, project(build[0]), {"kept"}, full_refresh=True)
    connection.execute("checkpoint outgoing")
    execute(connection, project(build[1]), {"kept"}, full_refresh=False)
    with pytest.raises(TransformError, match="NOT NULL constraint failed"):
        execute(connection, project(build[2]), {"kept"}, full_refresh=False)
    assert connection.execute(f"from {relation}").fetchall() == [(2,)]
    connection.execute("checkpoint outgoing")
    assert connection.execute(
        "select t.comment, c.comment, t.estimated_size from duckdb_tables() as t join duckdb_columns() as c using (table_name)"
    ).fetchall() == [("what it holds", "a number", 1)]


def test_an_error_in_a_transaction_is_named_and_not_what_it_did_to_the_next_statement(connection):
    broken = a_model("broken", "select error('the first words') as one", columns=(("one", "integer"),))
    with pytest.raises(TransformError, match="the first words"):
        execute(connection, project(broken), {"broken"}, full_refresh=True)


def test_what_ran_out_of_memory_beside_another_runs_again_alone_and_only_once():
    queue = Queue({"first": set(), "second": set(), "third": set(), "fourth": {"first"}})
    assert queue.start() == ["first", "second"]
    assert not queue.end("first", out_of_memory=True)
    assert queue.start() == []
    assert queue.end("second", out_of_memory=False)
    assert queue.start() == ["first"]
    assert queue.start() == []
    assert queue.end("first", out_of_memory=True)
    assert queue.start() == ["third", "fourth"]


def test_a_commit_that_lacks_memory_is_told_from_one_that_fails_otherwise():
    """A build under 150 MB ended with it, though alone the model would have had enough."""
    lacking = "TransactionContext Error: Failed to commit: could not allocate block of size 256.0 KiB (142.9 MiB/143.0 MiB used)"
    assert is_out_of_memory(duckdb.TransactionException(lacking))
    assert not is_out_of_memory(duckdb.TransactionException("TransactionContext Error: Failed to commit: duplicate key"))
    assert not is_out_of_memory(None)


def test_two_models_that_have_memory_for_one_are_both_made(connection):
    connection.execute("set memory_limit = '180MB'; set threads = 2; set max_temp_directory_size = '0GB'")
    text = "select list(number)[1] as one from range(8_000_000) as t(number)"
    results = execute(connection, project(a_model("a", text), a_model("b", text)), {"a", "b"}, full_refresh=True)
    assert [one.status for one in results] == ["success", "success"]


def test_rows_of_changed_keys_are_replaced_and_those_that_are_gone_go(connection):
    connection.execute("create table intermediate.changed as select unnest([1, 3]) as key")
    connection.execute("create table intermediate.kept as select unnest([1, 2, 3]) as id, 'old' as text")
    keys = {"warehouse.intermediate.changed": {"key": "id"}}
    model = a_model("kept", "", incremental_text="select 'new' as text, 1 as id", changed_keys=keys)
    execute(connection, project(replace(model, materialized="incremental")), {"kept"}, full_refresh=False)
    assert connection.execute("from intermediate.kept order by id").fetchall() == [(1, "new"), (2, "old")]


FACTS = "intermediate.facts"
SUMMED = f"select kind, count(*) as facts, sum(amount)::bigint as amount from {FACTS} group by kind"
LISTED = f"select person || '/' || kind as name, 1 as facts, amount from {FACTS} where amount > 3"
FOLLOWING = [
    pytest.param(SUMMED, Maintained({"facts": FACTS}, sums=("facts", "amount")), [("b", 2, 5), ("c", 1, 7)], id="sums"),
    pytest.param(LISTED, Maintained({"facts": FACTS}, rows_by=("name",)), [("1/c", 1, 7), ("2/b", 1, 4)], id="rows"),
]
UNDUE = ("undue", 1, 1)
"""A row that stays where a model follows the rows of a day, and goes where it is made as a whole."""


def a_day(connection, text: str, maintained: Maintained, *reads: str, known_marts: bool = True) -> list[tuple[object, ...]]:
    """What a model that reads facts holds, beside UNDUE, once the facts of person 1 were replaced by others."""
    connection.execute("create table intermediate.changed as select 1 as person")
    connection.execute(f"create table {FACTS} as from (values (1, 'a', 5), (1, 'b', 3), (2, 'b', 4)) as t(person, kind, amount)")
    facts = a_model(
        "facts",
        "",
        incremental_text="select * from (values (1, 'b', 1), (1, 'c', 7)) as t(person, kind, amount)",
        changed_keys={"warehouse.intermediate.changed": {"person": "person"}},
    )
    nodes = (
        replace(facts, materialized="incremental"),
        a_model("other", "select 1 as one"),
        a_model("following", text, "facts", *reads, maintained=maintained),
    )
    connection.execute(f"create table intermediate.following as ({text}); insert into intermediate.following values {UNDUE}")
    execute(connection, project(*nodes), {node.name for node in nodes}, full_refresh=False, known_marts=known_marts)
    assert connection.execute("from duckdb_tables() where schema_name in ('inserted', 'deleted')").fetchall() == []
    return connection.execute("from intermediate.following order by all").fetchall()


@pytest.mark.parametrize(("text", "maintained", "expected"), FOLLOWING)
def test_a_model_follows_the_rows_of_a_day(text, maintained, expected, connection):
    """Sums of which no row is left go, too."""
    assert a_day(connection, text, maintained) == [*expected, UNDUE]


@pytest.mark.parametrize(("text", "maintained", "expected"), FOLLOWING)
def test_it_is_made_as_a_whole_where_the_marts_may_have_been_edited(text, maintained, expected, connection):
    assert a_day(connection, text, maintained, known_marts=False) == expected


@pytest.mark.parametrize(("text", "maintained", "expected"), FOLLOWING)
def test_and_where_something_else_that_it_reads_is_made(text, maintained, expected, connection):
    assert a_day(connection, text, maintained, "other") == expected


def test_sums_stay_as_they_are_where_nothing_changed(connection):
    connection.execute(f"create table {FACTS} (kind varchar, amount integer)")
    connection.execute(f"create table intermediate.following as ({SUMMED}); insert into intermediate.following values {UNDUE}")
    model = a_model("following", SUMMED, "facts", maintained=Maintained({"facts": FACTS}, sums=("facts", "amount")))
    execute(connection, project(a_model("facts", ""), model), {"following"}, full_refresh=False, known_marts=True)
    assert connection.execute("from intermediate.following").fetchall() == [UNDUE]


def test_what_reads_inserted_rows_is_given_no_others(connection):
    connection.execute("create table intermediate.changed as select 1 as id")
    connection.execute(f"create table {FACTS} as select unnest([1, 2]) as id")
    connection.execute("create table intermediate.reading as select unnest([1, 2]) as id, 'old' as text")
    keys = {"warehouse.intermediate.changed": {"id": "id"}}
    facts = a_model("facts", "", incremental_text="select 1 as id", changed_keys=keys)
    text = f"select id, (select count(*) from {FACTS}) || ' read' as text from {FACTS} semi join intermediate.changed using (id)"
    reading = a_model("reading", "", "facts", incremental_text=text, changed_keys=keys, inserted_from={"facts": FACTS})
    nodes = [replace(node, materialized="incremental") for node in (facts, reading)]
    execute(connection, project(*nodes), {"facts", "reading"}, full_refresh=False)
    assert connection.execute("from intermediate.reading order by id").fetchall() == [(1, "1 read"), (2, "old")]


def test_a_row_that_two_changed_keys_name_is_deleted_and_kept_once(connection):
    connection.execute("create table intermediate.people as select 1 as person")
    connection.execute("create table intermediate.events as select 10 as id")
    rows = "(1, 10, 1), (2, 10, 1), (1, 11, 1), (2, 12, 1)"
    connection.execute(f"create table {FACTS} as from (values {rows}) as t(person, id, one)")
    keys = {"warehouse.intermediate.people": {"person": "person"}, "warehouse.intermediate.events": {"id": "id"}}
    facts = a_model("facts", "", incremental_text="select 2 as person, 10 as id, 1 as one", changed_keys=keys)
    text = f"select one, count(*) as facts from {FACTS} group by one"
    summing = a_model("summing", text, "facts", maintained=Maintained({"facts": FACTS}, sums=("facts",)))
    connection.execute(f"create table intermediate.summing as ({text})")
    nodes = (replace(facts, materialized="incremental"), summing)
    execute(connection, project(*nodes), {"facts", "summing"}, full_refresh=False, known_marts=True)
    assert connection.execute("from intermediate.summing").fetchall() == [(1, 2)]
    assert connection.execute(f"select person, id from {FACTS} order by all").fetchall() == [(2, 10), (2, 12)]


def test_what_runs_alone_has_one_thread_and_the_next_one_all_of_them_again(connection):
    """Derivations of many requests ran out of memory alone, too, now and then: each thread has buffers of its own."""
    connection.execute("set global threads = 2")
    model = a_model("first", "select current_setting('threads') as threads")
    execution._Execution(connection, project(model), full_refresh=True).run(model, alone=True)
    assert connection.execute("select threads from intermediate.first").fetchall() == [(1,)]
    assert connection.execute("select current_setting('threads')").fetchall() == [(2,)]


@pytest.mark.parametrize(("full_refresh", "threads"), [(True, 4), (False, 3)])
def test_a_model_beside_another_in_an_incremental_build_has_a_thread_less(connection, full_refresh, threads):
    """Two of them with all threads each took a tenth longer for a day of ten million events, by the processor and the wall."""
    connection.execute("set global threads = 4")
    model = a_model("first", "select current_setting('threads') as threads")
    execute(connection, project(model), {"first"}, full_refresh=full_refresh)
    assert connection.execute("select threads from intermediate.first").fetchall() == [(threads,)]
    assert connection.execute("select current_setting('threads')").fetchall() == [(4,)]


def test_a_test_of_data_warns_and_an_invariant_ends_the_build(connection):
    model = a_model("first", "select unnest([1, 2]) as one")
    warning = a_test("property", "select * from intermediate.first", "first", warns=True)
    progress: list[tuple[str, int, int]] = []

    def heard(result: NodeResult, index: int, total: int) -> None:
        progress.append((result.name, index, total))

    results = execute(connection, project(model, warning), {"first", "property"}, full_refresh=True, progress=heard)
    assert [(one.name, one.status, one.failures) for one in results] == [("first", "success", None), ("property", "warn", 2)]
    assert progress == [("first", 1, 2), ("property", 2, 2)]
    with pytest.raises(InvariantError, match="property: rows that break it: 2"):
        execute(connection, project(model, replace(warning, warns=False)), {"first", "property"}, full_refresh=True)


def test_a_table_is_stored_as_its_model_states_and_not_the_one_that_is_made_beside_it(connection):
    """A hook before it set that for the whole engine: half of a mart was written uncompressed, as the threads had it."""
    text = "select 'a' || range as code, [range] as numbers, [{'one': range}] as parts from range(10)"
    columns = (("code", "varchar not null"), ("numbers", "bigint[]"), ("parts", "struct(one bigint)[]"))
    models = (
        a_model("plain", text),
        a_model("whole", text, compression="uncompressed"),
        a_model("texts", text, compression="zstd", columns=columns),
    )
    execute(connection, project(*models), {"plain", "whole", "texts"}, full_refresh=True)
    made = dict(connection.execute("select table_name, sql from duckdb_tables() where schema_name = 'intermediate'").fetchall())
    stored = {name: re.findall(r"(\w+) [A-Z]+(?:\[\])? USING COMPRESSION (\w+)", sql) for name, sql in made.items()}
    assert stored == {"plain": [], "whole": [("code", "Uncompressed"), ("numbers", "Uncompressed")], "texts": [("code", "ZSTD")]}
    rows = {str(connection.execute(f"from intermediate.{name} order by code").fetchall()) for name in made}
    assert len(rows) == 1


def test_an_asof_join_never_compares_every_row_with_every_other(connection):
    """A day after a hundred million events did, as DuckDB took nine thousand disclosures for sixty."""
    connection.execute("create table acts as select range as at from range(10)")
    connection.execute("create table stops as select range as at from range(99)")
    query = "select acts.at from acts asof join stops on acts.at >= stops.at"
    execution.prepare(connection, full_refresh=False)
    ((_, plan),) = connection.execute(f"explain {query}").fetchall()
    assert "Asof Join" in plan
    assert "Nested Loop" not in plan


@pytest.mark.slow
def test_a_model_that_only_dbt_could_make_is_rejected_with_its_file(tmp_path, monkeypatch):
    copy = shutil.copytree(dbt_runner.PROJECT, tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    model = copy / "models" / "intermediate" / "int_strange.sql"
    model.write_text("{{ config(materialized='ephemeral') }}\nselect 1 as one\n", encoding="utf-8")
    monkeypatch.setattr(dbt_runner, "PROJECT", copy)
    with pytest.raises(TransformError, match=r"models/intermediate/int_strange\.sql.* materialized as ephemeral"):
        compiled_project()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"materialized": "incremental", "incremental_strategy": "merge"}, "incremental with the strategy merge"),
        ({"pre_hook": [SimpleNamespace(sql="set threads = 1")]}, "has a hook, which a run does not call"),
        ({"meta": {"compression": "gzip"}}, "meta.compression is 'gzip'"),
        ({"meta": {"changed_keys": {"int_strange": ["namespace"]}}}, "names 'int_strange'"),
        ({"meta": {"inserted_rows_of": ["fct_consents"]}}, "meta names fct_consents, whose changed rows it does not read"),
        ({"meta": {"maintained": {"over": ["fct_consents"]}}}, "its rows also change with time or with what landed"),
    ],
)
def test_so_is_one_with_a_setting_that_only_dbt_knows(setting, named, tmp_path):
    nodes = DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest().nodes
    model = deepcopy(nodes["model.promisekept.fct_requests"])
    vars(model.config).update(setting)
    manifest = SimpleNamespace(nodes=nodes | {model.unique_id: model})
    with pytest.raises(TransformError, match=rf"fct_requests\.sql: .*{named}"):
        read_node(manifest, model.unique_id, {model.unique_id: "select as_of"}, {}, ())
