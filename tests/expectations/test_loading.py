"""A suite is read strictly: what Great Expectations would drop or wave through is an error here."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.contracts import log_suite, mart_contracts
from expectations.loading import SUITES, TYPES, GateError, load_suites, resolve
from promisekept.sources.contract import contract

ROWS = "{type: expect_table_row_count_to_equal, kwargs: {value: {landed: units}}}"
KEY = "{type: expect_column_values_to_not_be_null, kwargs: {column: request_key}, guards: keys}"
HEAD = "mart: fct_requests\nguards: population"


def load(folder: Path, *expectations, head=HEAD, name="fct_requests", rules=()):
    listed = "".join(f"  - {item}\n" for item in expectations)
    listed += "rules:\n" + "".join(f"  - {item}\n" for item in rules) if rules else ""
    (folder / f"{name}.yml").write_text(f"{head}\nexpectations:\n{listed}")
    return load_suites(folder, "mart")


def test_a_suite_is_read_with_its_promise(tmp_path):
    suite = load(tmp_path, ROWS, KEY)["fct_requests"]
    assert [expectation.type for expectation in suite.expectations] == [
        "expect_table_row_count_to_equal",
        "expect_column_values_to_not_be_null",
    ]
    assert [expectation.guards for expectation in suite.expectations] == ["population", "keys"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (KEY.replace("to_not_be_null", "to_not_be_nul"), "unknown type .*\n.*Did you mean `expect_column_values_to_not_be_null`"),
        (KEY.replace("expect_column_values_to_not_be_null", "frobnicate"), "unknown type `frobnicate`"),
        (KEY.replace("{column: request_key}", "{colum: request_key}"), "Its arguments are column"),
        (KEY.replace("{column: request_key}", "{}"), "Its arguments are column"),
        (KEY.replace("{column: request_key}", "{column: request_key, mostly: 0.1}"), "Its arguments are column"),
        (KEY.replace("guards: keys", "severity: urgent"), "severity: urgent.*\n.*Use one of critical, warning"),
        (KEY.replace("guards: keys", "catch_exceptions: true"), "has the keys type and kwargs"),
        (KEY.replace("guards: keys", "guards: "), "Say which promise it guards"),
        ("expect_column_values_to_not_be_null", "has the keys type and kwargs"),
        (ROWS, "is given twice"),
    ],
)
def test_an_expectation_that_is_not_understood_is_rejected_with_its_file(tmp_path, item, message):
    with pytest.raises(GateError, match=message) as error:
        load(tmp_path, ROWS, item)
    assert "fct_requests.yml" in str(error.value)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{rule: nobody}", "states in `rule` what a row means"),
        ("{where: 'true'}", "states in `rule` what a row means"),
        ("{rule: nobody, where: 'true', query: 'from {batch}'}", "states in `rule` what a row means"),
        ("{rule: nobody, query: from somewhere}", "selects from {batch}"),
        ("{rule: nobody, where: 'true', severity: urgent}", "Use one of critical, warning"),
        ("{rule: nobody, where: 'true', beside_figures: true}", "Only a warning may stand beside the figures"),
        ("{rule: nobody, where: 'true', severity: warning, beside_figures: 1}", "Only a warning may stand beside the figures"),
        ("{rule: nobody, where: 'true', beside: fct_findings}", "List the other marts that it looks at"),
        ("{rule: nobody, where: 'true', beside: [fct_findings], within: [entity]}", "Select from {fct_findings}"),
        ("{rule: nobody, where: 'a in (from {fct_findings})', beside: [fct_findings]}", "state `within` which columns"),
    ],
)
def test_a_rule_that_is_not_understood_is_rejected_with_its_file(tmp_path, rule, message):
    with pytest.raises(GateError, match=message) as error:
        load(tmp_path, ROWS, rules=[rule])
    assert "fct_requests.yml" in str(error.value)


@pytest.mark.parametrize("text", [f"{HEAD}\nexpectations: []\n", f"{HEAD}\nexpectations:\n"])
def test_an_empty_suite_is_rejected_because_it_would_always_pass(tmp_path, text):
    (tmp_path / "fct_requests.yml").write_text(text)
    with pytest.raises(GateError, match=r"it is empty.\n.*would always pass"):
        load_suites(tmp_path, "mart")


@pytest.mark.parametrize(
    "text", ["", "[]", "mart: fct_requests\n", "mart: fct_requests\nexpectation: []\n", "a: [", "log: x\nexpectations: []"]
)
def test_a_file_that_is_no_suite_is_rejected(tmp_path, text):
    (tmp_path / "fct_requests.yml").write_text(text)
    with pytest.raises(GateError, match=r"fct_requests\.yml"):
        load_suites(tmp_path, "mart")


def test_a_suite_without_an_expectation_on_the_rows_is_rejected(tmp_path):
    with pytest.raises(GateError, match=r"no expectation on the number of rows.\n.*passes on an empty table"):
        load(tmp_path, KEY)


def test_a_suite_about_something_else_than_its_file_is_rejected(tmp_path):
    with pytest.raises(GateError, match="about what its file is named after: `fct_requests`"):
        load(tmp_path, ROWS, head="mart: fct_metrics\nguards: figures")


def test_a_folder_without_suites_is_rejected(tmp_path):
    with pytest.raises(GateError, match="there is no suite here"):
        load_suites(tmp_path, "mart")


def test_a_value_that_this_run_does_not_know_is_rejected(tmp_path):
    suite = load(tmp_path, ROWS)["fct_requests"]
    assert resolve(suite, {"landed": {"units": 5}.__getitem__}).expectations[0].kwargs == {"value": 5}
    with pytest.raises(GateError, match="this run knows no `units`"):
        resolve(suite, {"landed": {}.__getitem__})
    with pytest.raises(GateError, match="unknown value"):
        resolve(suite, {"threshold": {}.__getitem__})


def test_every_shipped_suite_can_be_read_and_every_mart_of_one_has_a_contract():
    assert set(load_suites(SUITES / "deliveries", "delivery")) == {"delivery"}
    assert set(load_suites(SUITES / "marts", "mart")) == set(mart_contracts())


def test_the_contract_of_a_log_is_what_the_source_gate_expects_of_it():
    suite = log_suite(contract()["requests"])
    about = {(one.type, one.about) for one in suite.expectations}
    assert ("expect_column_values_to_not_be_null", "request_id") in about
    assert ("expect_column_values_to_not_be_null", "right_type") not in about, "only what was received names one"
    codes = next(one.kwargs["value_set"] for one in suite.expectations if one.kwargs.get("value_set") and one.about == "role")
    assert codes == ["controller", "processor"]
    (rule,) = suite.rules
    assert "list_contains(['received'], event_type) and (subject_key is null or right_type is null" in rule.query


def test_a_value_set_is_that_of_the_logs_contract():
    accepted = mart_contracts()["fct_consents"].accepted_values
    assert accepted["mechanism"] == contract()["consents"].column("mechanism").codes


def test_great_expectations_has_every_type_and_argument_that_a_suite_may_use():
    import great_expectations  # noqa: F401 - registers the types
    from great_expectations.expectations.registry import get_expectation_impl

    for kind, arguments in TYPES.items():
        assert arguments <= set(get_expectation_impl(kind).__fields__), kind
