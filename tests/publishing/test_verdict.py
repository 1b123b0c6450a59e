"""What speaks against a candidate, and what a suite has to do to pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_snapshots import a_candidate, a_suite, a_verdict


def test_a_mart_whose_key_no_test_passed_speaks_against_the_candidate(tmp_path):
    candidate = a_candidate(tmp_path)
    verdict = replace(a_verdict(candidate), untested=("fct_requests",))
    assert a_verdict(candidate).success
    assert verdict.objections(candidate) == ["fct_requests: no test of its key passed"]
    assert verdict.rejection()["checks"] == [{"suite": "fct_requests", "type": "no test of its key", "column": None}]


@pytest.mark.parametrize(
    ("severity", "doubted", "beside", "positive"),
    [
        ("warning", True, False, True), ("warning", False, False, False), ("critical", True, False, False),
        ("warning", False, True, True), ("critical", False, True, False),
    ],
)  # fmt: skip
def test_only_a_warning_beside_figures_or_about_a_mart_doubted_already_lets_through(
    tmp_path, severity, doubted, beside, positive
):
    """A property of data that both the models and the gate look at stopped every publication in the gate."""
    candidate = a_candidate(tmp_path)
    verdict = a_verdict(candidate)
    (suite, *others) = verdict.suites
    check = replace(suite.checks[-1], severity=severity, passed=False, beside_figures=beside)
    failing = replace(suite, checks=(*suite.checks[:-1], check))
    verdict = replace(verdict, suites=(failing, *others), doubted=(suite.subject,) if doubted else ())
    assert (verdict.success, not verdict.objections(candidate), not verdict.rejection()["checks"]) == (positive,) * 3


@pytest.mark.parametrize(
    ("suite", "verdict"),
    [
        (a_suite("fct_requests"), "passed"),
        (a_suite("fct_requests", passed=False), "failed"),
        (a_suite("fct_requests", evaluated=1), "failed"),
        (a_suite("fct_requests", declared=0, loaded=0, evaluated=0, checks=()), "failed"),
        (a_suite("fct_requests", configured=False), "not_configured"),
    ],
)
def test_a_suite_passes_only_if_all_of_it_was_evaluated_and_met(suite, verdict):
    assert suite.verdict == verdict
