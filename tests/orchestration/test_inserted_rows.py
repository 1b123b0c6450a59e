"""A day's checks look at the rows of the day, and at everything else where it is not known to have passed them."""

from __future__ import annotations

import copy
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import duckdb
import model_builds
import pytest
from all_logs import source
from world import LONG_AFTER, World, help_desk

from expectations.loading import SUITES, load_suites
from expectations.publish_gate import NOBODY
from orchestration import changed_rows, compiling, inserted_rows, pipeline
from orchestration.dbt_runner import OUTGOING, TransformError
from orchestration.execution import InvariantError
from promisekept.durable import file_sha256
from promisekept.publishing.content import INSERTED
from promisekept.publishing.verdict import Check, ModelTest, Verdict

pytestmark = pytest.mark.slow

MART = "fct_collections"
PROPERTY, KEY = f"{MART}_a_notice_comes_before", f"unique_combination_{MART}_namespace__event_id"
NOT_NULL = "expect_column_values_to_not_be_null (subject_key)"
ADDRESS = "update marts.fct_collections set notice_id = 'jane.doe@example.org' where event_id = 'c1'"
LATE_NOTICE = "update marts.fct_collections set notice_shown_at = occurred_at + interval 1 hour where event_id = 'c1'"


def collect(world: World, number: int) -> None:
    """A new person's data are collected."""
    collection = {
        "event_id": f"c{number}", "occurred_at": f"2026-02-0{number}T10:00:00Z", "subject_ref": f"C-{number}",
        "subject_ref_type": "customer_id", "collection_type": "automatic", "data_categories": ["usage"],
        "purpose_code": "news", "notice_id": "n-1", "notice_shown_at": "2026-02-01T09:00:00Z", "policy_version": "v1",
    }  # fmt: skip
    world.deliver([collection], inbox="collections")


def audited(world: World, as_of: str, number: int) -> Verdict:
    """The verdict on a day with one more collection."""
    collect(world, number)
    build = world.prepare(as_of, now=LONG_AFTER + timedelta(days=number))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    return pipeline.audit(build, pipeline.write(build))


def rule(verdict: Verdict, name: str = NOBODY) -> Check:
    (suite,) = (suite for suite in verdict.suites if suite.subject == MART)
    return next(check for check in suite.checks if check.column == name)


def result_of(verdict: Verdict, name: str) -> ModelTest:
    return next(test for test in verdict.model_tests if test.name == name)


def of_changed_rows(verdict: Verdict) -> tuple[set[str], set[str]]:
    """The marts with rules, and the tests, that looked at changed rows alone."""
    marts = {suite.subject for suite in verdict.suites for check in suite.checks if check.changed_only}
    return marts, {test.name for test in verdict.model_tests if test.changed_only}


def edit(world: World, statement: str, *, unseen: bool = False) -> None:
    """Change the marts between two builds; unseen: as if they had passed every check like that."""
    outgoing = world.settings.home / OUTGOING
    with duckdb.connect(str(outgoing)) as connection:
        connection.execute(statement)
    if unseen:
        with duckdb.connect(str(outgoing.with_name("warehouse.duckdb"))) as connection:
            for table in ("summed_file", "audited_file"):
                connection.execute(f"update run.{table} set sha256 = '{file_sha256(outgoing)}'")


def defective(monkeypatch, change: str) -> None:
    """The model of collections recomputes rows otherwise than it should, by the same code as far as anybody sees."""
    project = model_builds.project()
    node = project.nodes[f"model.promisekept.{MART}"]
    text = f"select * replace ({change}) from (\n{node.incremental_text}\n)"
    nodes = {**project.nodes, node.unique_id: replace(node, incremental_text=text)}
    monkeypatch.setitem(compiling._COMPILED, project.code_version, replace(project, nodes=nodes))


@pytest.fixture(scope="module")
def two_days(tmp_path_factory) -> tuple[World, list[Verdict]]:
    """A world all of whose marts are large, as two days left it."""
    world = World(tmp_path_factory.mktemp("inserted") / "world")
    world.configure(help_desk("helpdesk", "requests"), source("collections"))
    world.request("good", received="2026-01-05").fulfilled("2026-01-20")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(changed_rows, "LARGE_MART", 1)
        return world, [audited(world, f"2026-03-0{day}", day) for day in (1, 2)]


@pytest.fixture
def world(two_days, tmp_path, monkeypatch) -> World:
    monkeypatch.setattr(changed_rows, "LARGE_MART", 1)
    other = copy.copy(two_days[0])
    other.folder = shutil.copytree(other.folder, tmp_path / "world")
    return other


def test_a_full_refresh_looks_at_everything_and_a_day_at_its_own_rows(two_days):
    full, day = two_days[1]
    assert (full.success, of_changed_rows(full), full.whole_at) == (True, (set(), set()), None)
    marts, tests = of_changed_rows(day)
    assert day.success
    assert MART in marts
    assert {PROPERTY, KEY} <= tests
    (suite,) = (suite for suite in day.suites if suite.subject == MART)
    of_all = [check.name for check in suite.checks if not check.changed_only]
    assert NOT_NULL in {check.name for check in suite.checks if check.changed_only}
    assert of_all == ["expect_table_row_count_to_equal"]
    assert day.whole_at == "2026-03-01T12:00:00.000000Z"
    assert (day.declared, len(day.model_tests)) == (full.declared, len(full.model_tests))


def test_a_bad_row_of_the_day_is_caught_and_still_is_on_the_next_day(world, monkeypatch):
    with monkeypatch.context() as patched:
        defective(patched, "'jane.doe@example.org' as notice_id, occurred_at + interval 1 hour as notice_shown_at")
        bad = audited(world, "2026-03-03", 3)
    assert (bad.success, rule(bad).unexpected, rule(bad).changed_only) == (False, 1, True)
    assert result_of(bad, PROPERTY) == ModelTest(PROPERTY, "warn", 1, changed_only=True)
    assert MART in bad.doubted
    after = audited(world, "2026-03-04", 4)
    assert (after.success, rule(after).unexpected, rule(after).changed_only) == (False, 1, False)
    assert result_of(after, PROPERTY) == ModelTest(PROPERTY, "warn", 1)
    assert MART in after.doubted


def test_a_row_that_meets_the_key_of_another_day_ends_the_build(world, monkeypatch):
    defective(monkeypatch, "'c1' as event_id")
    with pytest.raises(InvariantError, match=f"{KEY}: rows that break it: 1"):
        audited(world, "2026-03-03", 3)


def test_what_was_changed_in_the_marts_between_two_builds_is_looked_at(world):
    edit(world, f"{ADDRESS}; {LATE_NOTICE}")
    verdict = audited(world, "2026-03-03", 3)
    assert (verdict.success, of_changed_rows(verdict)) == (False, (set(), set()))
    assert (rule(verdict).unexpected, result_of(verdict, PROPERTY).failures) == (1, 1)


def test_what_another_program_let_pass_is_looked_at(world, monkeypatch):
    edit(world, ADDRESS, unseen=True)
    monkeypatch.setattr(inserted_rows, "program_sha256", lambda: "another")
    verdict = audited(world, "2026-03-03", 3)
    assert (verdict.success, rule(verdict).unexpected, of_changed_rows(verdict)[0]) == (False, 1, set())


def test_the_first_build_of_a_month_looks_at_everything(world):
    """Also as of the very end of the month before, in the organisation's zone: the close of that month."""
    edit(world, f"{ADDRESS}; {LATE_NOTICE}", unseen=True)
    assert audited(world, "2026-03-31T22:59:59+00:00", 3).success
    verdict = audited(world, "2026-03-31T23:00:00+00:00", 4)
    assert (verdict.success, of_changed_rows(verdict), verdict.whole_at) == (False, (set(), set()), None)
    assert (rule(verdict).unexpected, result_of(verdict, PROPERTY).failures) == (1, 1)


def test_kept_rows_that_are_not_those_that_were_inserted_are_enough_for_nothing(world):
    collect(world, 3)
    build = world.prepare("2026-03-03", now=LONG_AFTER + timedelta(days=3))
    pipeline.stage(build)
    pipeline.transform(build)
    with build.connect() as connection:
        assert f"rule ({NOBODY})" in inserted_rows.passed_checks(connection)[MART]
        connection.execute(f"delete from {INSERTED}.{MART}")
        assert MART not in inserted_rows.passed_checks(connection)


def test_a_key_that_rows_are_not_replaced_by_is_put_to_all_rows_of_it(tmp_path):
    """A finding of another entity may have the key of one that was inserted."""
    (test,) = (one for one in model_builds.project().tests.values() if one.name.startswith("unique_fct_findings_finding_key"))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{tmp_path / OUTGOING}' as outgoing; create schema outgoing.marts; create schema {INSERTED}")
        connection.execute(
            "create table outgoing.marts.fct_findings as from (values ('a', 1), ('a', 2), ('b', 1), ('b', 2))"
            " as findings (finding_key, entity)"
        )
        connection.execute(f"create table {INSERTED}.fct_findings as from outgoing.marts.fct_findings limit 1")
        ((changed, everything),) = connection.execute(
            f"select (select count(*) from ({test.incremental_text})), (select count(*) from ({test.text}))"
        ).fetchall()
    assert (changed, everything, test.of_whole_keys) == (1, 2, False)


def test_inserted_rows_are_of_whole_keys_unless_one_is_of_a_key_that_did_not_change(world, monkeypatch):
    """What is replaced by the key that a test or rule is about needs no look at other rows, but only then."""
    of_keys = {one.name for one in model_builds.project().tests.values() if one.of_whole_keys}
    assert {KEY, "assert_consents_intervals_follow_one_another"} <= of_keys
    assert KEY in of_changed_rows(audited(world, "2026-03-03", 3))[1]
    defective(monkeypatch, "'another' as event_id")
    collect(world, 4)
    build = world.prepare("2026-03-04", now=LONG_AFTER + timedelta(days=4))
    pipeline.stage(build)
    results = {result.name: result for result in pipeline.transform(build)}
    assert (results[MART].change.rows, results[MART].of_whole_keys) == (1, False)
    assert (results[KEY].changed_only, results[KEY].failures) == (False, 0)
    assert results[PROPERTY].changed_only
    with build.connect() as connection:
        assert MART not in inserted_rows.replaced_by(connection)


def test_what_a_rule_looks_at_together_is_replaced_together():
    """So that rows of which one was deleted are not looked at less than those of which one was inserted."""
    keys = {node.name: node.changed_keys for node in model_builds.project().nodes.values() if node.is_mart}
    rules = [(name, rule) for name, suite in load_suites(SUITES / "marts", "mart").items() for rule in suite.rules if rule.within]
    assert rules
    for name, rule in rules:
        assert {mine for stated in keys[name].values() for mine in stated.values()} <= set(rule.within), rule.name
        assert [keys[other] for other in rule.beside] == [keys[name]] * len(rule.beside), rule.name
        # Which codes have an age is no matter of a day.
        others = re.findall(r"(select \w+ from )?marts\.", rule.query)
        assert all(others), rule.name


def test_rows_of_one_value_that_are_not_replaced_together_are_no_such_rows():
    node = model_builds.project().nodes["model.promisekept.fct_consents"]
    test = SimpleNamespace(original_file_path="tests/one.sql", config=SimpleNamespace(meta={"within": ["purpose_code"]}))
    with pytest.raises(TransformError, match="replaced by subject_key"):
        compiling._within(test, node)
