"""A suite is read strictly: what Great Expectations would drop or wave through is an error here."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.loading import QUERY, SUITES, TYPES, GateError, load_suites, resolve
from promisekept.config.source import LOGS

ROWS = "{type: expect_table_row_count_to_equal, kwargs: {value: {landed: units}}, severity: critical, meta: {guards: population}}"
KEY = "{type: expect_column_values_to_not_be_null, kwargs: {column: request_key}, severity: critical, meta: {guards: population}}"


def load(folder: Path, *expectations, head="mart: fct_requests", name="fct_requests"):
    items = "".join(f"  - {item}\n" for item in expectations)
    (folder / f"{name}.yml").write_text(f"{head}\nexpectations:\n{items}")
    return load_suites(folder, "mart")


def test_a_suite_is_read_with_its_promise(tmp_path):
    suite = load(tmp_path, ROWS, KEY)["fct_requests"]
    assert [expectation.type for expectation in suite.expectations] == [
        "expect_table_row_count_to_equal",
        "expect_column_values_to_not_be_null",
    ]
    assert {expectation.guards for expectation in suite.expectations} == {"population"}


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (KEY.replace("to_not_be_null", "to_not_be_nul"), "unknown type .*\n.*Did you mean `expect_column_values_to_not_be_null`"),
        (KEY.replace("expect_column_values_to_not_be_null", "frobnicate"), "unknown type `frobnicate`"),
        (KEY.replace("{column: request_key}", "{colum: request_key}"), "Its arguments are column"),
        (KEY.replace("{column: request_key}", "{}"), "Its arguments are column"),
        (KEY.replace("{column: request_key}", "{column: request_key, mostly: 0.1}"), "Its arguments are column"),
        (KEY.replace("severity: critical", "severity: urgent"), "severity: urgent.*\n.*Use one of critical, warning"),
        (KEY.replace(", severity: critical", ""), "has exactly the keys kwargs, meta, severity, type"),
        (KEY.replace("severity: critical", "severity: critical, catch_exceptions: true"), "has exactly the keys"),
        (KEY.replace("{guards: population}", "{}"), "Say which promise it guards"),
        (KEY.replace("{guards: population}", "{guards: population, mood: good}"), "Say which promise it guards"),
        (KEY.replace("population}", "population, beside_figures: true}"), "Only a warning may stand beside the figures"),
        (KEY.replace("critical", "warning").replace("population}", "population, beside_figures: 1}"), "Only a warning may stand"),
        ("expect_column_values_to_not_be_null", "has exactly the keys"),
        (
            f"{{type: {QUERY}, kwargs: {{unexpected_rows_query: select 1}}, severity: critical, meta: {{guards: x, rule: y}}}}",
            "selects from {batch}",
        ),
        (
            f"{{type: {QUERY}, kwargs: {{unexpected_rows_query: 'from {{batch}}'}}, severity: critical, meta: {{guards: x}}}}",
            "says in `meta.rule` what a row means",
        ),
        (ROWS, "is given twice"),
    ],
)
def test_an_expectation_that_is_not_understood_is_refused_with_its_file(tmp_path, item, says):
    with pytest.raises(GateError, match=says) as error:
        load(tmp_path, ROWS, item)
    assert "fct_requests.yml" in str(error.value)


@pytest.mark.parametrize("text", ["mart: fct_requests\nexpectations: []\n", "mart: fct_requests\nexpectations:\n"])
def test_an_empty_suite_is_refused_because_it_would_always_pass(tmp_path, text):
    (tmp_path / "fct_requests.yml").write_text(text)
    with pytest.raises(GateError, match=r"it is empty.\n.*would always pass"):
        load_suites(tmp_path, "mart")


@pytest.mark.parametrize(
    "text", ["", "[]", "mart: fct_requests\n", "mart: fct_requests\nexpectation: []\n", "a: [", "log: x\nexpectations: []"]
)
def test_a_file_that_is_no_suite_is_refused(tmp_path, text):
    (tmp_path / "fct_requests.yml").write_text(text)
    with pytest.raises(GateError, match=r"fct_requests\.yml"):
        load_suites(tmp_path, "mart")


def test_a_suite_without_an_expectation_on_the_rows_is_refused(tmp_path):
    with pytest.raises(GateError, match=r"no expectation on the number of rows.\n.*passes on an empty table"):
        load(tmp_path, KEY)


def test_a_suite_about_something_else_than_its_file_is_refused(tmp_path):
    with pytest.raises(GateError, match="about what its file is named after: `fct_requests`"):
        load(tmp_path, ROWS, head="mart: fct_metrics")


def test_a_folder_without_suites_is_refused(tmp_path):
    with pytest.raises(GateError, match="there is no suite here"):
        load_suites(tmp_path, "mart")


def test_a_value_that_this_run_does_not_know_is_refused(tmp_path):
    suite = load(tmp_path, ROWS)["fct_requests"]
    assert resolve(suite, {"landed": {"units": 5}.__getitem__}).expectations[0].kwargs == {"value": 5}
    with pytest.raises(GateError, match="this run knows no `units`"):
        resolve(suite, {"landed": {}.__getitem__})
    with pytest.raises(GateError, match="unknown value"):
        resolve(suite, {"threshold": {}.__getitem__})


def test_every_log_has_its_suite_and_every_shipped_suite_can_be_read():
    assert set(load_suites(SUITES / "sources", "log")) == set(LOGS)
    assert set(load_suites(SUITES / "deliveries", "delivery")) == {"delivery"}
    assert len(load_suites(SUITES / "marts", "mart")) >= 3


def test_great_expectations_knows_every_type_and_argument_that_a_suite_may_use():
    import great_expectations  # noqa: F401 - registers the types
    from great_expectations.expectations.registry import get_expectation_impl

    for kind, arguments in TYPES.items():
        assert arguments <= set(get_expectation_impl(kind).__fields__), kind
