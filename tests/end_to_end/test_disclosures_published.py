"""Disclosures, from files to what is published: objection, consent and disclosure each know the person by another name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from ann import built
from world import World

from orchestration import pipeline

pytestmark = pytest.mark.slow

SHARED = {"subject_ref": "ann@example.org", "recipient_id": "mailer", "reason_code": "provide_service", "purpose_code": "news"}
SHARED |= {"data_categories": ["contact"], "destination_country": "US", "consideration": "none", "record_count": 1}
SHARED |= {"occurred_at": "2026-06-10T08:00:00Z", "disclosed_to_subject_at": "2026-06-01T08:00:00Z"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "disclosures": [
        SHARED,
        SHARED | {"occurred_at": "2026-06-20T12:00:00Z", "data_categories": ["voice", "contact"]},
        SHARED | {"recipient_id": "friend", "reason_code": "consented_or_requested", "destination_country": "FR"},
        SHARED | {"recipient_id": "friend", "reason_code": "consented_or_requested", "subject_ref": "bob@example.org"},
        SHARED
        | {"recipient_id": "court", "reason_code": "required_by_law", "destination_country": None, "authority_ref": "order 7"}
        | {"disclosure_exemption": "legal_prohibition", "disclosed_to_subject_at": None, "occurred_at": "2026-06-21T12:00:00Z"},
        SHARED | {"recipient_id": "stranger", "subject_ref": None, "consideration": "monetary", "record_count": 900},
        SHARED | {"occurred_at": "2026-05-31T23:30:00Z"},
        SHARED | {"occurred_at": "2026-05-31T22:30:00Z", "disclosed_to_subject_at": "2026-05-31T22:30:00Z"},
    ],
}
PACK = {
    "data_categories": "data_category,name\ncontact,Contact\nvoice,Voice\n",
    "purposes": "purpose_code,name,consent_required\nnews,News,yes\n",
    "recipients": "recipient_id,recipient_kind,allowed_purposes,allowed_categories\n"
    "mailer,service_provider,news,contact\nfriend,consented_party,news,contact\ncourt,legal_authority,news,contact\n",
    "agreements": "recipient_id,agreement_ref,valid_from,valid_to,transfer_mechanism\nmailer,DPA-1,2026-06-01,,clauses\n",
}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Build:
    folder: Path = tmp_path_factory.mktemp("disclosures")
    world = World(folder)
    for register, text in PACK.items():
        (folder / "pack" / f"{register}.csv").write_text(text, encoding="utf-8")
    with (folder / "pack" / "pack.yml").open("a", encoding="utf-8") as manifest:
        manifest.write("\nadequate_countries: [EEA]\n")
    return built(world, ROWS)


def test_each_disclosure_names_the_promises_that_it_broke(build):
    with duckdb.connect() as db:
        db.execute(f"attach '{build.outgoing}' as outgoing (read_only)")
        found = db.execute(
            "select failed_checks, within_policy, exempt_told, agreement_ref, stopped_right_type"
            " from outgoing.marts.fct_disclosures order by event_id"
        ).fetchall()
    assert found == [
        ([], True, False, "DPA-1", None),
        (["ok_categories", "ok_not_stopped"], False, False, "DPA-1", "objection"),
        ([], True, False, None, None),
        (["ok_consent", "ok_transfer"], False, False, None, None),
        ([], True, True, None, None),
        (["ok_recipient", "ok_transfer", "ok_no_sale"], False, False, None, None),
        (["ok_consent", "ok_told"], False, False, "DPA-1", None),
        (["ok_agreement", "ok_consent", "ok_transfer"], False, False, None, None),
    ]
