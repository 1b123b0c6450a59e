"""What opens from a row of incidents, withdrawals, record sets and disclosures: down to the delivery that brought it."""

from __future__ import annotations

import pytest
from opened_pages import Open, texts

from dashboards.data import query
from dashboards.snapshots import Ref
from dashboards.views.retention import record_drawer


@pytest.mark.parametrize(
    ("page", "parameter", "mart", "key", "name"),
    [
        ("incidents", "incident", "fct_incidents where status = 'late'", "incident_key", "incident_id"),
        ("consent", "withdrawal", "fct_withdrawal_systems where status = 'unconfirmed'",
         "md5(concat_ws('|', namespace, event_id, system))", "system"),
        ("sharing", "disclosure", "fct_disclosures where not ok_not_stopped", "namespace || '/' || event_id", "event_id"),
        ("retention", "record", "fct_records where status = 'over_retained'", "record_key", "record_id"),
    ],
)  # fmt: skip
def test_a_row_opens_down_to_its_delivery(
    open_page: Open, ref: Ref, page: str, parameter: str, mart: str, key: str, name: str
) -> None:
    row = query.first(ref, f"select {key} as key, {name} as name, batch_id from marts.{mart} order by 1 limit 1")
    app = open_page(f"/{page}", address={parameter: str(row["key"])})
    words = texts(app)
    assert str(row["name"]) in words.replace("\\", "")
    assert "Where it comes from" in words
    assert any(row["batch_id"] in frame.value.to_string().replace("\\", "") for frame in app.table)
    assert "The landed row itself can" in words  # the invented ledger holds no batch
    assert "Where it comes from" not in texts(open_page(f"/{page}", address={parameter: "no such key"}))


def test_a_record_set_names_the_legal_hold_that_protects_it(ref: Ref) -> None:
    row = query.first(ref, "select * from marts.fct_records limit 1")
    row |= {"on_hold": True, "held_days": 12, "hold_refs": ["CASE-2026-7", "CASE-2026-9"], "partial_deletions": [],
            "hold_unreviewed_since": None, "held_when_overdue": False}  # fmt: skip
    (why,) = [why for name, _, why in record_drawer._steps(row, "America/New_York") if name == "Delete by"]
    assert "legal hold CASE\\-2026\\-7, CASE\\-2026\\-9 stands" in why
