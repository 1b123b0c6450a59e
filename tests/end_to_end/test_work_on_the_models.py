"""The page "Work on the models" is tried command by command on a published home."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import duckdb
import pytest
from published_demo import copy_published_demo

from orchestration.build_mode import BuildState, last_build
from orchestration.dbt_command import run_dbt
from orchestration.dbt_runner import DATABASE, DbtRunner, TransformError
from promisekept.config.loading import load_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "work-on-the-models.md"
COMMANDS = [
    shlex.split(command) for command in re.findall(r"^promisekept dbt -- (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "larkfield"
    copy_published_demo(folder, tmp_path_factory)
    return load_settings(folder / "promisekept.yml")


def built(warehouse: Path) -> BuildState | None:
    with duckdb.connect(str(warehouse)) as connection:
        return last_build(connection)


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(demo, capfd):
    assert len(COMMANDS) >= 10
    printed = {}
    for command in COMMANDS:
        code = run_dbt(demo, command)
        printed[" ".join(command)] = capfd.readouterr().out
        assert code == 0, printed
    outputs = {command.split()[0]: text for command, text in printed.items()}
    assert "closed_on_time" in printed[next(command for command in printed if "--inline" in command)]
    assert re.search(r"PASS=[1-9]\d* WARN=0 ERROR=0", outputs["build"])
    assert "WARN freshness of landing.requests" in outputs["source"], "the demo's deliveries ended long ago"
    assert "exposure:promisekept.page_consent" in outputs["ls"]
    assert (demo.home / "dbt" / "target" / "catalog.json").is_file()


@pytest.mark.slow
def test_all_unit_tests_pass_on_a_standing_warehouse(demo, capfd):
    """Those of figures, findings and controls were run by nobody, and one could not even run any more."""
    assert run_dbt(demo, ["test", "--select", "test_type:unit"]) == 0
    passed = int(re.search(r"PASS=(\d+) WARN=0 ERROR=0 SKIP=0", capfd.readouterr().out)[1])
    assert passed == len(DbtRunner(demo.home, demo.home / DATABASE).manifest().unit_tests) > 100


@pytest.mark.slow
def test_what_reads_leaves_the_warehouse_as_it_was_and_what_writes_makes_the_next_build_a_full_one(tmp_path, tmp_path_factory):
    settings = load_settings(copy_published_demo(tmp_path / "larkfield", tmp_path_factory) / "promisekept.yml")
    warehouse = settings.home / DATABASE
    assert run_dbt(settings, ["show", "--select", "fct_requests"]) == 0
    assert built(warehouse) is not None
    assert run_dbt(settings, ["run", "--select", "fct_requests"]) == 0
    assert built(warehouse) is None
    with duckdb.connect(str(warehouse)) as connection:
        assert connection.execute("select count(*) from run.run_instants").fetchall() == [(1,)]


@pytest.mark.slow
def test_an_argument_that_dbt_does_not_know_is_named(demo):
    with pytest.raises(TransformError, match="--slect"):
        run_dbt(demo, ["build", "--slect", "fct_requests"])
