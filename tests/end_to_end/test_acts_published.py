"""Acts of processing, from files to what is published: objection, consent and act each know the person by another name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from ann import built
from world import World

from orchestration import pipeline

pytestmark = pytest.mark.slow

ACT = {"subject_ref": "ann@example.org", "system": "crm", "data_categories": ["voice"], "automated_decision": False}
ROWS: dict[str, list[dict[str, Any]]] = {
    "processing": [
        ACT | {"occurred_at": "2026-06-10T08:00:00Z", "purpose_code": "news", "legal_basis": "consent"},
        ACT | {"occurred_at": "2026-06-20T12:00:00Z", "purpose_code": "news", "legal_basis": "legitimate_interests"},
        ACT
        | {
            "occurred_at": "2026-06-21T12:00:00Z",
            "purpose_code": "scoring",
            "legal_basis": "contract",
            "automated_decision": True,
        },
        ACT | {"occurred_at": "2026-06-21T12:00:00Z", "purpose_code": "news", "legal_basis": "legal_obligation"},
        ACT
        | {
            "occurred_at": "2026-06-21T12:00:00Z",
            "purpose_code": "news",
            "legal_basis": "consent",
            "subject_ref": "bob@example.org",
        },
    ],
}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Build:
    folder: Path = tmp_path_factory.mktemp("acts")
    world = World(folder)
    (folder / "pack" / "data_categories.csv").write_text("data_category,name,sensitive\nvoice,Voice,yes\n", encoding="utf-8")
    (folder / "pack" / "purposes.csv").write_text("purpose_code,name,consent_required\nnews,News,yes\n", encoding="utf-8")
    return built(world, ROWS)


def test_an_objection_under_one_name_binds_what_is_done_under_another(build):
    with duckdb.connect() as db:
        db.execute(f"attach '{build.outgoing}' as outgoing (read_only)")
        found = db.execute(
            "select ok_purpose, ok_basis, ok_consent, ok_not_stopped, ok_no_automated_decision, stopped_right_type"
            " from outgoing.marts.fct_processing order by event_id"
        ).fetchall()
    assert found == [
        (True, True, True, True, None, None),
        (True, False, None, False, None, "objection"),
        (False, None, None, False, False, "objection"),
        (True, False, None, None, None, None),
        (True, True, False, True, None, None),
    ]
