"""What the gates rely on in GX, SQLAlchemy, duckdb-engine and DuckDB together. A failure here explains one elsewhere."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest
import sqlalchemy

from expectations import dialect


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "with space.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.t as select i as n, 'x' || i as s, date '2026-01-01' as d, i / 2 as f from range(3) r(i)"
        )
    return path


@pytest.fixture
def engine(file):
    dialect.register()
    engine = sqlalchemy.create_engine(dialect.snapshot_url(file))
    yield engine
    engine.dispose()


def test_rows_outlive_the_connection_that_read_them(engine):
    with engine.connect() as connection:
        result = connection.execute(sqlalchemy.text("select n from marts.t order by n"))
    connection.close()
    engine.dispose()
    assert [row[0] for row in result.cursor.fetchall()] == [0, 1, 2]


def test_of_a_query_with_many_rows_the_columns_are_known_and_no_row_is_taken(engine):
    """GX executes a query that it is to check as it is, to name the columns: a day's rows would all become Python objects."""
    many = sqlalchemy.text("select i as n, i as m from range(1001) r(i)")
    with engine.connect() as connection:
        result = connection.execute(many)
        assert list(result.keys()) == ["n", "m"]
        with pytest.raises(duckdb.NotSupportedError, match="more than 1000 rows"):
            result.cursor.fetchall()
        assert len(connection.execute(sqlalchemy.text("select i from range(1000) r(i)")).fetchall()) == 1000


def test_without_the_buffer_great_expectations_would_read_a_dead_cursor(file):
    """The reason for the dialect: when this no longer fails, the dialect can go."""
    engine = sqlalchemy.create_engine(f"duckdb:///{file}")
    with engine.connect() as connection:
        result = connection.execute(sqlalchemy.text("select n from marts.t"))
    engine.dispose()
    with pytest.raises(duckdb.Error):
        result.cursor.fetchall()


def test_columns_are_reflected_in_any_schema(engine):
    columns = sqlalchemy.inspect(engine).get_columns("t", schema="marts")
    assert [(column["name"], type(column["type"]).__name__) for column in columns] == [
        ("n", "BIGINT"),
        ("s", "String"),
        ("d", "DATE"),
        ("f", "DOUBLE_PRECISION"),
    ]


@pytest.mark.parametrize("statement", ["select * from read_text('/etc/passwd')", "create table marts.u (a int)"])
def test_a_candidate_is_evaluated_through_a_hardened_connection(engine, statement):
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError):
        connection.execute(sqlalchemy.text(statement)).fetchall()


def test_the_build_database_is_evaluated_read_only_with_the_landed_files_beside_it(file, tmp_path):
    duckdb.sql("select 7 as n").write_parquet(str(tmp_path / "landed.parquet"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create view marts.v as select * from read_parquet('{tmp_path}/landed.parquet')")
    engine = sqlalchemy.create_engine(dialect.warehouse_url(file))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("select n from marts.v")).fetchall() == [(7,)]
        with pytest.raises(sqlalchemy.exc.DBAPIError):
            connection.execute(sqlalchemy.text("create table marts.u (a int)"))
    engine.dispose()


def test_an_expectation_is_asked_for_its_configuration_once_and_only_while_it_is_evaluated():
    from great_expectations.expectations import ExpectColumnValuesToNotBeNull

    from expectations.remembering import computed_once

    one, two = (ExpectColumnValuesToNotBeNull(column=column) for column in ("a", "b"))
    with computed_once():
        inside = one.configuration
        assert one.configuration is inside
        assert (inside.kwargs["column"], two.configuration.kwargs["column"]) == ("a", "b")
        assert inside.to_domain_obj() is inside.to_domain_obj()
        assert inside.to_domain_obj() == one
    assert one.configuration is not inside
    assert one.configuration == inside
    assert inside.to_domain_obj() is not inside.to_domain_obj()


def test_the_id_of_a_metric_is_that_which_great_expectations_computes_and_computed_once(monkeypatch):
    from great_expectations.core import id_dict
    from great_expectations.core.id_dict import IDDict

    from expectations.remembering import computed_once

    contents = [
        {}, {"column": "a"}, {"column": "a", "table": None}, {"table": None, "column": "a"}, {"column": "a", "table": "t"},
        {"n": 1, "m": 2}, {"n": True, "m": 2}, {"n": "1", "m": 2}, {"n": 1.0, "m": 2}, {"values": ["a", "b"], "m": 2},
    ]  # fmt: skip
    ids = [IDDict(content).to_id() for content in contents]
    with computed_once():
        assert [IDDict(content).to_id() for content in contents] == ids
        hashed = []
        monkeypatch.setattr(id_dict, "convert_to_json_serializable", lambda data: hashed.append(data) or data)
        assert [IDDict(content).to_id() for content in contents] == ids
        assert hashed == [{"n": 1.0, "m": 2}, {"values": ["a", "b"], "m": 2}]
        assert IDDict({"n": 1, "m": 2}).to_id(id_keys=["n"]) == "n=1"
        assert IDDict({"n": 1, "m": 2}).to_id(id_ignore_keys={"n"}) == "m=2"


def test_importing_the_gates_does_not_import_great_expectations():
    code = "import expectations.publish_gate, expectations.source_gate, sys; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_no_expectation_of_ours_uses_is_imported_once_it_is_asked_for():
    code = """
import sys
from expectations import importing
importing.load()
waiting = [name for name in ("scipy.stats", "altair") if name in sys.modules]
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as uses
print(waiting, round(uses.stats.entropy([0.5, 0.5]), 3), uses.alt.Chart.__name__, uses.stats is sys.modules["scipy.stats"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] 0.693 Chart False\n"


def test_what_was_imported_before_stays_as_it_was():
    code = """
import sys
import scipy.stats
sys.modules["pyspark"] = mine = type(sys)("pyspark")
from expectations import importing
importing.load()
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as uses
print(uses.stats is scipy.stats is sys.modules["scipy.stats"], sys.modules["pyspark"] is mine)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"


@pytest.mark.slow
def test_gx_is_loaded_where_the_main_module_has_no_file():
    """With PySpark installed, such a process ended with code 0 and no word: PySpark took it for a run of its doctests."""
    code = "from expectations import importing; print(importing.load().__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "great_expectations\n"
