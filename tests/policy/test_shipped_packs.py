"""The packs that come with the product lead every promise to a figure that there is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import promisekept.demo
import promisekept.policy
from orchestration.pipeline import catalogue as figures
from promisekept.config.source import LOGS
from promisekept.policy import AtRisk, at_risk, check_coverage, load_pack

ROOT = Path(__file__).parents[2]
SPEC = ROOT.parent / "shared" / "spec"
STARTER = Path(promisekept.policy.__file__).parent / "starter_pack"
DEMO = Path(promisekept.demo.__file__).parent / "pack"


def read(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def catalogue():
    return {row["metric_code"]: row for row in read(ROOT / "dbt_project" / "seeds" / "metric_catalogue.csv")}


@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_a_pack_of_the_product_has_no_problem(folder, catalogue):
    dimensions = {code: row["dimensions"].split(";") for code, row in catalogue.items()}
    assert check_coverage(load_pack(folder), dimensions) == []


@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_a_control_names_the_logs_that_feed_its_metrics(folder, catalogue):
    pack = load_pack(folder)
    for control in pack.rows("controls"):
        feeding = {
            log
            for row in pack.rows("control_metrics")
            if row["control_id"] == control["control_id"]
            for log in catalogue[row["metric_code"]]["logs"].split(";")
        }
        assert feeding <= set(control["logs"]), control["control_id"]


@pytest.mark.skipif(not SPEC.is_dir(), reason="../shared/spec is not here")
@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_the_promises_are_those_that_were_agreed(folder):
    promises = read(SPEC / "promises.csv")
    assert [(row["clause_id"], row["control_id"]) for row in promises] == [
        (row["clause_id"], row["control_id"]) for row in read(folder / "controls.csv")
    ]
    agreed_limits = {row["clause_id"]: row["limits"] for row in promises}
    for row in read(folder / "clauses.csv"):
        agreed_limit = agreed_limits[row["clause_id"]]
        if row["assessed_by"] != "manual":
            agreed_limit = agreed_limits.get(agreed_limit.removeprefix("as "), agreed_limit)
        assert row["limits"].startswith(agreed_limit)
    agreed, ours = read(SPEC / "control_metrics.csv"), read(folder / "control_metrics.csv")
    amendments = read(SPEC / "control_metrics_10.csv")
    replacing = {(row["control_id"], row.pop("replaces")): row for row in amendments if row["replaces"]}
    for before, row in zip(agreed, ours, strict=False):
        assert row in (before, replacing.get((before["control_id"], before["metric_code"])))
    later = ours[len(agreed) :]
    added = [row for row in amendments if not row.pop("replaces", "") and row in later]
    assert later[: len(added)] == added
    assert {(row["metric_code"], row["operator"]) for row in later[len(added) :]} == {
        ("denial_rate", "<="),
        ("notice_exempt_rate", "<="),
    }, "more than was agreed are limits alone: on what is lawful in single cases and hollows a promise out in all of them"


@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_each_control_can_fail_and_each_finding_counts_against_one(folder):
    """Findings of an authority without an order, or of a deletion that came late, once counted against no promise."""
    assert at_risk(load_pack(folder), figures(), LOGS, {}) == AtRisk((), (), ())


@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_each_measured_promise_says_what_its_metrics_cannot_see(folder):
    measured = [row for row in read(folder / "clauses.csv") if row["assessed_by"] != "manual"]
    assert [row["clause_id"] for row in measured if "unseen: " not in row["limits"].lower()] == []


@pytest.mark.parametrize("folder", [STARTER, DEMO], ids=["starter", "demo"])
def test_who_refuses_everybody_in_time_keeps_no_right(folder):
    """A denial is an answer, so the deadlines alone would be met: each right has a limit on denials, and so has the whole."""
    limits = {row["control_id"] for row in read(folder / "control_metrics.csv") if row["metric_code"] == "denial_rate"}
    on_time = {
        row["control_id"]
        for row in read(folder / "control_metrics.csv")
        if row["dimension"] != "channel" and row["metric_code"] == "deadline_adherence"
    }
    assert limits == on_time


def test_the_starter_pack_asks_for_no_register():
    pack = load_pack(STARTER)
    present = {name for name, register in pack.registers.items() if register.present and not register.shipped}
    assert present == {"clauses", "controls", "control_metrics", "notification_rules"}
    assert {row["dimension"] for row in pack.rows("control_metrics")} <= {
        "all",
        "right_type",
        "channel",
        "collection_type",
        "contract",
    }


def test_every_period_of_notification_says_where_it_stands_and_both_packs_have_the_same():
    rules = [[dict(row.values) for row in load_pack(folder).rows("notification_rules")] for folder in (STARTER, DEMO)]
    assert rules[0] == rules[1]
    assert all(row["citation"] and row["valid_from"] for row in rules[0])
    assert {row["jurisdiction"] for row in rules[0]} >= {"EEA", "GB", "BR", "US-CA", "US-WA"}


def test_the_demo_answers_for_europe_from_dublin_and_changes_no_law():
    shipped = {(r["jurisdiction"], r["valid_from"]): r for r in load_pack(STARTER).rows("jurisdictions")}
    own = {(r["jurisdiction"], r["valid_from"]): r for r in load_pack(DEMO).rows("jurisdictions")}
    assert own.keys() == shipped.keys()
    assert all(
        row["regime_code"] == shipped[key]["regime_code"] and row["valid_to"] == shipped[key]["valid_to"]
        for key, row in own.items()
    )
    assert (own["DE", None]["calendar"], own["DE", None]["time_zone"]) == ("IE", "Europe/Dublin")
