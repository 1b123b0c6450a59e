"""A control that nothing can break, a promise that rests on such controls, and a finding against no promise are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy.packs import SOUND, loaded

from orchestration.pipeline import catalogue
from promisekept.policy import AtRisk, at_risk

KEY = ("CTL-DEADLINE", "deadline_adherence", "all", "all")
ROW = "CTL-DEADLINE,deadline_adherence,all,all,>=,0.98\n"


def looked_at(folder: Path, rows: str = ROW, logs: tuple[str, ...] = ("requests",), units: int | None = 4) -> AtRisk:
    pack = loaded(folder, control_metrics_csv=SOUND["control_metrics.csv"].replace(ROW, rows))
    return at_risk(pack, catalogue(), logs, {} if units is None else {KEY: units})


def test_a_control_with_a_case_at_risk_can_be_broken(tmp_path):
    found = looked_at(tmp_path)
    assert (found.controls, found.promises) == ((), ())


def test_a_control_whose_log_nobody_delivers_cannot(tmp_path):
    found = looked_at(tmp_path, logs=("consents",), units=None)
    assert [(one.target, one.why) for one in found.controls] == [(KEY, "no source delivers the log requests")]
    assert found.promises == ("RIG-8",)


def test_a_control_without_a_case_at_risk_cannot(tmp_path):
    (control,) = looked_at(tmp_path, units=0).controls
    assert control.why == "no case at risk in all that was delivered"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("deadline_adherence,all,all,>=,0", "no figure can miss `>= 0.0`"),
        ("denial_rate,all,all,<=,1", "no figure can miss `<= 1.0`"),
        ("denial_without_ground_count,all,all,<=,1", None),
    ],
)
def test_a_target_that_every_figure_reaches_is_none(tmp_path, row, why):
    found = looked_at(tmp_path, rows=f"CTL-DEADLINE,{row}\n", units=None)
    assert [one.why for one in found.controls] == ([why] if why else [])


def test_one_row_that_can_be_broken_is_enough_for_a_promise(tmp_path):
    found = looked_at(tmp_path, rows=ROW + "CTL-DEADLINE,sale_count,all,all,=,0\n")
    assert [one.target[1] for one in found.controls] == ["sale_count"]
    assert found.promises == ()


def test_a_finding_of_a_delivered_log_that_no_control_promises_is_named(tmp_path):
    found = looked_at(tmp_path)
    assert {"denial_without_ground", "acknowledgement_late"} <= set(found.findings)
    assert not {"closed_late", "declared_due_missing", "orphan", "sale"} & set(found.findings)


def test_a_finding_that_not_every_pack_promises_counts_against_nobody_without_being_named(tmp_path):
    """That persons are notified of a breach is law in some places and no clause of the shipped packs."""
    found = looked_at(tmp_path, logs=("requests", "incidents"))
    assert "authority_not_told" in found.findings
    assert not {"persons_not_notified", "persons_notified_late", "persons_notification_doubtful"} & set(found.findings)
