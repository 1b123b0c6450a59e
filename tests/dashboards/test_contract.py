"""The invented organisation has no column that the real marts don't publish: what works on it works on them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dashboards.data import query
from dashboards.snapshots import Ref

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
MARTS = (
    *(
        "audit_quarantine",
        "audit_source_verdicts",
        "audit_sources",
        "dim_clauses",
        "dim_exceptions",
        "dim_metrics",
        "fct_control_results",
    ),
    *("dim_agreements", "fct_consents", "fct_disclosures", "fct_policy_versions", "fct_withdrawal_systems", "rpt_gdpr_art30"),
    *("fct_control_status", "fct_findings", "fct_metrics", "fct_request_traces", "fct_requests", "rpt_waterfall"),
    *("fct_collections", "fct_erasures", "fct_incidents", "fct_policy_versions", "fct_processing", "fct_records"),
)


@pytest.fixture(scope="module")
def published() -> dict[str, set[str]]:
    """Model -> its columns as its YAML enforces them."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in MODELS.rglob("*.yml")]
    models = [model for file in files for model in file.get("models") or []]
    return {model["name"]: {column["name"] for column in model.get("columns") or []} for model in models}


@pytest.mark.parametrize("mart", MARTS)
def test_every_invented_column_is_published(ref: Ref, published: dict[str, set[str]], mart: str) -> None:
    held = {row["column_name"] for row in query.rows(ref, f"select column_name from (describe marts.{mart})")}
    assert published[mart], f"{mart} is described in no YAML with its columns"
    assert held - published[mart] == set()
