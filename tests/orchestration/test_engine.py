"""What a project lets DuckDB take of the machine reaches every DuckDB that lands and builds."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from warehouse import Warehouse

from expectations import dialect
from orchestration.dbt_runner import DbtRunner
from orchestration.pipeline import Build
from promisekept.config.loading import load_settings
from promisekept.config.settings import Engine, Settings
from promisekept.errors import ConfigError
from promisekept.publishing.reader import open_hardened
from promisekept.sources.sandbox import clear_spill, sandbox_database

PROJECT = """
organisation: {name: Example Ltd, country: IE, time_zone: Europe/Dublin}
home: ./home
pack: ./pack
keys: {pseudonym: ./key}
sources: []
"""
SPOKEN = "select current_setting('memory_limit'), current_setting('temp_directory')"


def a_project(folder, engine: str) -> Settings:
    (folder / "promisekept.yml").write_text(PROJECT + f"engine: {engine}\n", encoding="utf-8")
    return load_settings(folder)


def said(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    (row,) = connection.execute(SPOKEN).fetchall()
    return row


def test_a_project_that_says_nothing_leaves_it_to_duckdb(tmp_path):
    assert a_project(tmp_path, "{}").engine.config == {}


def test_a_temporary_directory_is_read_from_the_folder_of_the_configuration(tmp_path):
    assert a_project(tmp_path, "{temp_directory: spill}").engine.temp_directory == tmp_path / "spill"


@pytest.mark.parametrize("limit", ["lots", "8", "8 gigabytes", "-1GB"])
def test_a_limit_that_is_no_size_is_rejected(tmp_path, limit):
    with pytest.raises(ConfigError, match=r"engine\.memory_limit: .* such as 8GB"):
        a_project(tmp_path, f"{{memory_limit: '{limit}'}}")


def test_landing_keeps_to_the_limit_and_spills_where_it_is_set_to(tmp_path):
    settings = a_project(tmp_path, "{memory_limit: 200MiB, temp_directory: spill}")
    with sandbox_database(settings) as connection:
        limit, folder = said(connection)
    assert limit == "200.0 MiB"
    assert folder.startswith(f"{tmp_path / 'spill'}/landing-")


def test_what_a_killed_run_spilled_is_removed_and_nothing_of_another_home(tmp_path):
    settings = a_project(tmp_path, "{temp_directory: spill}")
    other = settings.model_copy(update={"home": tmp_path / "other"})
    with sandbox_database(settings) as mine, sandbox_database(other) as others:
        places = [said(connection)[1] for connection in (mine, others)]
    for place in places:
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
    clear_spill(settings)
    assert [(tmp_path / place).exists() for place in places] == [False, True]


def test_the_warehouse_keeps_to_the_limit(tmp_path):
    settings = a_project(tmp_path, "{memory_limit: 200MiB, temp_directory: spill}")
    build = Build(settings, None, None, tmp_path / "warehouse.duckdb", full_refresh=True)  # type: ignore[arg-type]
    with build.connect() as connection:
        assert said(connection) == ("200.0 MiB", str(tmp_path / "spill"))


def test_dbt_gets_the_limit(tmp_path):
    warehouse = Warehouse(tmp_path).prepare()
    runner = DbtRunner(tmp_path, warehouse.file)
    assert runner.invoke("build", "--select", "stg_batches").success
    failed = replace(runner, engine={"memory_limit": "lots"}).invoke("build", "--select", "stg_batches")
    assert "Memory must have a number" in str(failed.exception)


def test_the_gates_keep_to_the_limit(tmp_path):
    file = tmp_path / "marts.duckdb"
    duckdb.connect(str(file)).close()
    engine = Engine(memory_limit="200MiB").config
    with open_hardened(file, engine=engine) as connection:
        assert said(connection)[0] == "200.0 MiB"
    dialect.register()
    import sqlalchemy

    for url in (dialect.snapshot_url(file, engine), dialect.warehouse_url(file, engine)):
        opened = sqlalchemy.create_engine(url)
        with opened.connect() as connection:
            assert connection.execute(sqlalchemy.text(SPOKEN)).fetchall()[0][0] == "200.0 MiB"
        opened.dispose()
        dialect.close_all()
