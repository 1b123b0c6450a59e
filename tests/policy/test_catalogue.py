"""Every metric leads to a mart and every finding to a metric; or the check reports which row does not, and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.pipeline import PROJECT, catalogue
from promisekept.policy import read_catalogue

SEEDS = PROJECT / "seeds"
MARTS = ("fct_requests", "fct_disclosures", "fct_metrics")
METRICS = (
    "metric_code,logs,mart,strict_metric,registers,match_log,dimensions\n"
    "deadline_adherence,requests,fct_requests,,,,all;right_type\n"
    "sale_count,disclosures,fct_disclosures,,recipients,disclosures,all;recipient_id\n"
)
FINDINGS = (
    "finding_code,area,severity,metric_code,word\n"
    "sale,disclosures,high,sale_count,Sold\n"
    "conflict,evidence,high,evidence,Two contents\n"
)


def problems(folder: Path, metrics: str = METRICS, findings: str = FINDINGS) -> list[str]:
    (folder / "metric_catalogue.csv").write_text(metrics, encoding="utf-8")
    (folder / "finding_catalogue.csv").write_text(findings, encoding="utf-8")
    return [str(problem) for problem in read_catalogue(folder, MARTS).problems]


def test_the_products_own_catalogues_have_no_problem():
    assert catalogue().problems == []
    assert len(catalogue().dimensions) > 60


def test_every_finding_that_the_models_make_is_in_the_catalogue():
    catalogued = {row["finding_code"] for _, row in catalogue().findings}
    text = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "models").rglob("*.sql"))
    assert {code for code in catalogued if f"'{code}'" not in text} == set()


def test_every_mart_of_facts_feeds_a_metric():
    """A fact that no figure is made of proves nothing to anybody who reads the scorecard."""
    counted = {mart for _, row in catalogue().metrics for mart in row["mart"].split(";")}
    facts = {file.stem for file in (PROJECT / "models" / "marts").rglob("fct_*.sql")}
    beside = {
        "fct_metrics",
        "fct_findings",
        "fct_remediation_events",
        "fct_control_results",
        "fct_control_status",
        "fct_request_traces",
    }
    assert facts - counted == beside | {"fct_source_completeness"}


def test_sound_catalogues_have_no_problem(tmp_path):
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            ",fct_requests,",
            ",fct_request,",
            "metric_catalogue.csv:2: mart: `deadline_adherence` names no mart `fct_request`\n  Did you mean `fct_requests`?",
        ),
        (
            "sale_count,disclosures,",
            "sale_count,disclosure,",
            "metric_catalogue.csv:3: logs: `sale_count` names no log `disclosure`\n  Did you mean `disclosures`?",
        ),
        (
            "all;right_type",
            "all;rights_type",
            "metric_catalogue.csv:2: dimensions: `deadline_adherence` names no dimension `rights_type`\n"
            "  Did you mean `right_type`?",
        ),
        (
            ",recipients,disclosures,",
            ",recipient,disclosures,",
            "metric_catalogue.csv:3: registers: `sale_count` names no register `recipient`\n  Did you mean `recipients`?",
        ),
        (
            "fct_requests,,,,",
            "fct_requests,deadline_strict,,,",
            "metric_catalogue.csv:2: strict_metric: `deadline_adherence` names no metric `deadline_strict`\n"
            "  Did you mean `deadline_adherence`?",
        ),
        (
            ",recipients,disclosures,",
            ",recipients,consent,",
            "metric_catalogue.csv:3: match_log: `sale_count` names no log `consent`\n  Did you mean `consents`?",
        ),
        (
            "disclosures,fct_disclosures,",
            "disclosures,,",
            "metric_catalogue.csv:3: mart: the metric `sale_count` leads to none\n"
            "  Name at least one, separated by semicolons.",
        ),
        (
            "sale_count,disclosures,fct_disclosures",
            "deadline_adherence,disclosures,fct_disclosures",
            "metric_catalogue.csv:3: `deadline_adherence` is already given in line 2\n  Remove one of them.",
        ),
    ],
)  # fmt: skip
def test_a_metric_that_leads_nowhere_is_found(tmp_path, right, wrong, message):
    assert right in METRICS
    assert message in problems(tmp_path, metrics=METRICS.replace(right, wrong))


def test_a_finding_of_an_unknown_metric_is_found(tmp_path):
    assert problems(tmp_path, findings=FINDINGS.replace("sale_count", "sales_count")) == [
        "finding_catalogue.csv:2: metric_code: the finding `sale` names no metric `sales_count`\n  Did you mean `sale_count`?"
    ]


def test_a_finding_may_count_against_a_metric_where_a_pack_promises_it_and_be_evidence_elsewhere(tmp_path):
    assert problems(tmp_path, findings=FINDINGS.replace("sale_count", "sale_count;evidence")) == []
    (found,) = problems(tmp_path, findings=FINDINGS.replace("sale_count", "sales_count;evidence"))
    assert "names no metric `sales_count`" in found


def test_a_finding_that_counts_against_nothing_is_found(tmp_path):
    assert problems(tmp_path, findings=FINDINGS.replace(",high,sale_count,", ",high,,")) == [
        "finding_catalogue.csv:2: metric_code: the finding `sale` counts against nothing\n"
        "  Name the metric that it counts against, or write evidence."
    ]


def test_a_metric_may_be_sliced_by_every_dimension_that_it_is_published_by():
    assert catalogue().dimensions["disclosure_after_stop"] == ("all", "recipient_id", "purpose_code", "source", "right_type")
