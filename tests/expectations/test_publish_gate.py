"""The publish gate evaluates the finished candidate, fails closed, and returns counts only."""

from __future__ import annotations

import json
import socket

import duckdb
import pytest
from small_snapshots import AT, a_candidate, publish_candidate

from expectations import publish_gate
from expectations.contracts import MartContract
from expectations.loading import GateError
from expectations.publish_gate import InsertedRows, run_publish_gate
from expectations.rules import ReplacedBy, is_about_single_rows
from promisekept.errors import PublishingError
from promisekept.publishing.reader import open_current
from promisekept.publishing.verdict import verdict_to_json

REQUESTS = """
mart: fct_requests
guards: population
expectations:
  - {type: expect_table_row_count_to_equal, kwargs: {value: {landed: units}}}
  - type: expect_column_values_to_be_in_set
    kwargs: {column: status, value_set: [paused, closed_late]}
    severity: warning
rules:
  - rule: the key is no status
    where: request_key = status
"""
METRICS = """
mart: fct_metrics
guards: figures
expectations:
  - {type: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}
"""
CONTRACTS = dict.fromkeys(("fct_requests", "fct_metrics", "fct_findings"), MartContract())


def gate_verdict(candidate, expected, suites, contracts=CONTRACTS):
    return run_publish_gate(candidate, expected, suites, contracts=contracts)


@pytest.fixture
def suites(tmp_path):
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "fct_requests.yml").write_text(REQUESTS)
    (folder / "fct_metrics.yml").write_text(METRICS)
    return folder


def rows(*values):
    listed = ", ".join(f"('{key}', '{status}')" for key, status in values)
    return f"select * from (values {listed}) as rows(request_key, status)"


def failed(verdict):
    return [check.name for suite in verdict.suites for check in suite.failed]


def test_a_good_candidate_passes_with_every_expectation_evaluated(tmp_path, suites):
    candidate = a_candidate(tmp_path)
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert verdict.success
    assert verdict.objections(candidate) == []
    assert (verdict.declared, verdict.passed) == (6, 6)
    assert {suite.suite: (suite.declared, suite.loaded, suite.evaluated) for suite in verdict.suites} == {
        "fct_requests": (4, 4, 4),
        "fct_metrics": (2, 2, 2),
    }
    snapshot = publish_candidate(tmp_path, candidate, verdict, AT)
    with open_current(tmp_path) as reader:
        assert (reader.id, reader.quality["declared"]) == (snapshot.id, 6)


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ([("a", "paused")], "expect_table_row_count_to_equal"),
        ([("a", "paused"), ("paused", "paused")], "rule (the key is no status)"),
        ([("a", "paused"), ("b", "lost")], "expect_column_values_to_be_in_set (status)"),
        ([("a", "paused"), ("jane.doe@example.org", "paused")], "rule (no text looks like a person)"),
        ([("a", "paused"), ("+353 86 123 4567", "paused")], "rule (no text looks like a person)"),
    ],
)
def test_a_bad_candidate_fails_the_check_that_guards_it_and_no_other(tmp_path, suites, values, check):
    candidate = a_candidate(tmp_path, requests=rows(*values))
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert failed(verdict) == [check]
    assert not verdict.success
    with pytest.raises(PublishingError, match="failed"):
        publish_candidate(tmp_path, candidate, verdict, AT)


@pytest.mark.parametrize("many", [1, 1_000_000])
@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("jane.doe@example.org", True),
        ("jane.doe%40example.org", True),
        ("on behalf of +353 86 123 4567", True),
        ("078-05-1120", True),
        ("123.456.789-09", True),
        ("2026-01-02", False),
        ("a-12-b.c-d+1", False),
    ],
)
def test_many_rows_are_searched_column_by_column_and_few_at_once_to_the_same_end(
    tmp_path, suites, monkeypatch, text, objection, many
):
    monkeypatch.setattr(publish_gate, "_MANY", many)
    requests = f"select 'a' as request_key, 'paused' as status, null as note union all select 'b', 'paused', '{text}'"
    verdict = gate_verdict(a_candidate(tmp_path, requests=requests), {"units": 2}, suites)
    assert failed(verdict) == (["rule (no text looks like a person)"] if objection else [])


def test_what_the_contract_of_a_mart_says_is_expected_of_its_columns(tmp_path, suites):
    contract = MartContract(("request_key",), {"status": ("paused",)})
    requests = "select null::varchar as request_key, 'closed_late' as status union all select 'b', null"
    candidate = a_candidate(tmp_path, requests=requests)
    verdict = gate_verdict(candidate, {"units": 2}, suites, CONTRACTS | {"fct_requests": contract})
    assert failed(verdict) == [
        "expect_column_values_to_not_be_null (request_key)",
        "expect_column_values_to_be_in_set (status)",
    ]


def test_a_mart_without_a_contract_is_not_evaluated(tmp_path, suites):
    with pytest.raises(GateError, match="fct_requests in a YAML beside its model"):
        gate_verdict(a_candidate(tmp_path), {"units": 2}, suites, {"fct_metrics": MartContract()})


def test_a_rule_whose_query_fails_is_declared_and_not_evaluated(tmp_path, suites):
    (suites / "fct_requests.yml").write_text(REQUESTS.replace("request_key = status", "no_such_column"))
    verdict = gate_verdict(a_candidate(tmp_path), {"units": 2}, suites)
    assert failed(verdict) == ["rule (the key is no status)"]
    assert next(suite for suite in verdict.suites if suite.suite == "fct_requests").evaluated == 3
    assert not verdict.success


def test_checks_of_single_rows_look_at_inserted_rows_alone_where_all_others_passed_them(tmp_path, suites):
    """And those that look beyond a row, or expect something else in another run, at all of them."""
    count = "  - {type: expect_table_row_count_to_be_between, kwargs: {min_value: {landed: units}}}\n"
    of_a_run = "  - {type: expect_column_values_to_be_between, kwargs: {column: number, max_value: {landed: units}}}\n"
    among_all = "  - rule: keys differ\n    where: (select count(*) from {batch}) > 2\n"
    of_a_key = "  - rule: once\n    query: from {batch} group by request_key having count(*) > 1\n    within: [request_key]\n"
    text = REQUESTS.replace("rules:\n", f"{count}{of_a_run}rules:\n")
    (suites / "fct_requests.yml").write_text(text + among_all + of_a_key)
    old = [("paused", "paused"), ("a", "lost"), ("twice", "paused"), ("twice", "paused"), ("jane.doe@example.org", "paused")]
    candidate = a_candidate(tmp_path, requests=f"select *, 6 as number from ({rows(*old)})")
    warehouse = tmp_path / "warehouse.duckdb"
    everything = run_publish_gate(candidate, {"units": 5}, suites, contracts=CONTRACTS)
    of_requests = next(suite for suite in everything.suites if suite.subject == "fct_requests")
    names = {check.name for check in of_requests.checks} - {"rule (no text looks like a person)"}

    def verdict(inserted):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                "create schema if not exists inserted;"
                f" create or replace table inserted.fct_requests as select *, 6 as number from ({inserted})"
            )
        rows_of_day = InsertedRows(warehouse, {"fct_requests": names})
        return run_publish_gate(candidate, {"units": 5}, suites, contracts=CONTRACTS, inserted=rows_of_day)

    good = verdict(rows(("a", "paused")))
    at_all = ["expect_column_values_to_be_between (number)", "rule (keys differ)", "rule (no text looks like a person)"]
    assert failed(good) == at_all
    of_day = [check.name for suite in good.suites for check in suite.checks if check.changed_only]
    assert of_day == ["expect_column_values_to_be_in_set (status)", "rule (the key is no status)", "rule (once)"]
    bad = verdict(rows(("twice", "lost"), ("paused", "paused")))
    assert sorted(failed(bad)) == sorted([*of_day, *at_all])
    for found in (good, bad):
        assert [(one.subject, one.declared, one.loaded, one.evaluated) for one in found.suites] == [
            (one.subject, one.declared, one.loaded, one.evaluated) for one in everything.suites
        ]
        assert [check.name for one in found.suites for check in one.checks] == [
            check.name for one in everything.suites for check in one.checks
        ]


def test_a_rule_about_two_marts_looks_at_inserted_rows_of_both_if_they_were_replaced_by_the_same_keys(tmp_path, suites):
    """A rule within a key looks at no stored row where that key was replaced; without that at those of the same value."""
    once = "  - rule: once\n    query: from {batch} group by request_key having count(*) > 1\n    within: [request_key]\n"
    measured = (
        "  - rule: what is paused is measured\n"
        "    where: status = 'paused' and request_key not in (select metric_code from {fct_metrics})\n"
        "    within: [request_key]\n    beside: [fct_metrics]\n"
    )
    (suites / "fct_requests.yml").write_text(REQUESTS + once + measured)
    candidate = a_candidate(tmp_path, requests=rows(("a", "paused"), ("b", "paused"), ("b", "paused")))
    with duckdb.connect(str(warehouse := tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            f"create schema inserted; create table inserted.fct_requests as {rows(('a', 'paused'), ('b', 'paused'))};"
            " create table inserted.fct_metrics as select 'a' as metric_code"
        )
    names = ("once", "what is paused is measured")
    keys = ReplacedBy("warehouse.int_requests__changed", frozenset({"request_key"}))
    others = ReplacedBy("warehouse.int_metrics__changed", frozenset({"request_key"}))
    both = ("fct_requests", "fct_metrics")

    def found(marts, replaced_by):
        """How many rows break the two rules, and whether they looked at inserted rows alone."""
        passed = tuple(f"rule ({name})" for name in names)
        rows_of_day = InsertedRows(warehouse, dict.fromkeys(marts, passed), replaced_by)
        verdict = run_publish_gate(candidate, {"units": 3}, suites, contracts=CONTRACTS, inserted=rows_of_day)
        (suite,) = (suite for suite in verdict.suites if suite.subject == "fct_requests")
        return [(check.unexpected, check.changed_only) for check in suite.checks if check.column in names]

    assert found(both, dict.fromkeys(both, keys)) == [(0, True), (1, True)]
    assert found(both, {"fct_requests": keys, "fct_metrics": others}) == [(0, True), (3, False)]
    assert found(["fct_requests"], {"fct_requests": keys}) == [(0, True), (3, False)]
    assert found(both, {}) == [(1, True), (3, False)]


@pytest.mark.parametrize(
    ("condition", "single"),
    [
        ("where a > 1 and list_contains([one for one in b if one > 2], 3)", True),
        ("where array_to_string(b, ' ') = if(a > 1, 'x', nullif(c, 'y'))", True),
        ("where a in (select 1)", False),
        ("where exists (from batch)", False),
        ("where a in (table batch)", False),
        ("where a > 1 group by a having count(*) > 1", False),
        ("qualify row_number() over () = 1", False),
        ("where row_number() over () = 1", False),
        ("where geomean(a) > 1", False),
        ("where a > 1 limit 1", False),
        ("using sample 1", False),
        (", batch as other", False),
        ("union all select 1 from batch", False),
        ("where", False),
    ],
)
def test_a_query_is_about_single_rows_where_it_looks_at_nothing_else(condition, single):
    with duckdb.connect() as connection:
        assert is_about_single_rows(connection, f"select 1 as one from batch {condition}") is single


@pytest.mark.parametrize(
    "query",
    [
        "with counted as (select *, count(*) over (partition by a) as times from batch) select 1 from counted where times > 1",
        "select count(*) from batch",
        "select max(a) over () from batch where b",
    ],
)
def test_a_query_that_counts_rows_is_about_more_than_single_ones(query):
    """The rows of a day may be counted otherwise than all rows, and a row that lay there would pass."""
    with duckdb.connect() as connection:
        assert not is_about_single_rows(connection, query)


def test_a_failed_check_says_how_many_rows_it_saw_and_none_of_them(tmp_path, suites):
    canary = "canary_2f9c"
    candidate = a_candidate(tmp_path, requests=rows((canary, canary), (canary, canary), ("b", f"{canary}@example.org")))
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert len(failed(verdict)) == 4
    by_name = {check.name: check for suite in verdict.suites for check in suite.checks}
    assert by_name["rule (the key is no status)"].unexpected == 2
    assert by_name["expect_column_values_to_be_in_set (status)"].unexpected == 3
    assert by_name["rule (no text looks like a person)"].unexpected == 1
    assert "canary" not in json.dumps(verdict_to_json(verdict))
    assert "canary" not in json.dumps(verdict.rejection())


def test_an_empty_mart_passes_only_where_landing_was_empty_too(tmp_path, suites):
    empty = f"{rows(('a', 'paused'))} where false"
    assert gate_verdict(a_candidate(tmp_path, requests=empty), {"units": 0}, suites).success
    assert failed(gate_verdict(a_candidate(tmp_path, requests=empty), {"units": 2}, suites)) == [
        "expect_table_row_count_to_equal"
    ]


def test_a_mart_without_a_suite_is_not_published(tmp_path, suites):
    candidate = a_candidate(tmp_path, fct_findings="select 1 as finding_key")
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert verdict.missing == ("fct_findings",)
    assert not verdict.success
    assert verdict.objections(candidate) == ["fct_findings: no suite was evaluated on it"]
    assert verdict.rejection()["checks"] == [{"suite": "fct_findings", "type": "no suite", "column": None}]


def test_a_suite_for_a_mart_that_is_not_there_is_not_passed_over(tmp_path, suites):
    (suites / "fct_findings.yml").write_text(METRICS.replace("fct_metrics", "fct_findings"))
    verdict = gate_verdict(a_candidate(tmp_path), {"units": 2}, suites)
    assert not verdict.success
    assert verdict.rejection()["failed"] == 1


def test_a_column_that_is_not_there_is_a_failed_check_not_a_passed_one(tmp_path, suites):
    candidate = a_candidate(tmp_path, requests="select 'a' as request_key union all select 'b'")
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert failed(verdict) == ["expect_column_values_to_be_in_set (status)", "rule (the key is no status)"]
    assert next(suite for suite in verdict.suites if suite.suite == "fct_requests").evaluated == 2


def test_a_number_that_the_run_does_not_give_stops_the_gate(tmp_path, suites):
    with pytest.raises(GateError, match="this run knows no `units`"):
        gate_verdict(a_candidate(tmp_path), {}, suites)


def test_an_expectation_that_great_expectations_drops_stops_the_gate(tmp_path, suites, monkeypatch):
    import great_expectations

    class Forgetful(great_expectations.ExpectationSuite):
        def __init__(self, name, expectations):
            super().__init__(name=name, expectations=expectations[:1])

    monkeypatch.setattr(great_expectations, "ExpectationSuite", Forgetful)
    with pytest.raises(GateError, match="2 expectations declared, Great Expectations kept 1"):
        gate_verdict(a_candidate(tmp_path), {"units": 2}, suites)


def test_a_result_that_great_expectations_loses_is_a_failed_check(tmp_path, suites, monkeypatch):
    from great_expectations.core.batch import Batch  # noqa: F401 - makes sure the class below is loaded
    from great_expectations.datasource.fluent.interfaces import Batch as FluentBatch

    validate = FluentBatch.validate

    def forgetful(batch, suite, **arguments):
        whole = validate(batch, suite, **arguments)
        whole.results = whole.results[1:]
        return whole

    monkeypatch.setattr(FluentBatch, "validate", forgetful)
    verdict = gate_verdict(a_candidate(tmp_path), {"units": 2}, suites)
    assert not verdict.success
    assert all(suite.evaluated == suite.declared - 1 for suite in verdict.suites)


def test_a_severity_softens_nothing(tmp_path, suites):
    candidate = a_candidate(tmp_path, requests=rows(("a", "paused"), ("b", "lost")))
    verdict = gate_verdict(candidate, {"units": 2}, suites)
    assert next(check.severity for suite in verdict.suites for check in suite.failed) == "warning"
    assert not verdict.success


def test_the_gate_needs_no_network(tmp_path, suites, monkeypatch):
    def refuse(*_):
        raise AssertionError("the gate opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert gate_verdict(a_candidate(tmp_path), {"units": 2}, suites).success
