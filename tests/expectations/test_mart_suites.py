"""Guard the guards: each shipped suite passes sound marts, and sees what it is there to see."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml
from good_marts import GOOD
from small_snapshots import a_provenance

from expectations.contracts import MartContract, mart_contracts
from expectations.loading import SUITES, load_suites
from expectations.publish_gate import run_publish_gate
from expectations.rules import is_about_single_rows
from promisekept.publishing.candidate import write_candidate

LANDED = dict.fromkeys(("units", "incidents", "policy_versions", "collections", "processing"), 2)
LANDED |= dict.fromkeys(("disclosures", "records", "remediation_events"), 3)


def of_columns(mart, contract):
    """The contract of the columns that the sound rows have: these are the ones that matter."""
    there = {name for name, *_ in duckdb.sql(f"describe {GOOD[mart]}").fetchall()} if mart in GOOD else set()
    accepted = {name: values for name, values in contract.accepted_values.items() if name in there}
    return MartContract(tuple(name for name in contract.not_null if name in there), accepted)


CONTRACTS = {mart: of_columns(mart, contract) for mart, contract in mart_contracts().items()}


NAMED = {
    mart: set(re.findall(r"\w+", (SUITES / "marts" / f"{mart}.yml").read_text(encoding="utf-8"))) & GOOD.keys() | {mart}
    for mart in GOOD
}


def gate_verdict(home, marts=(), corruption=None, landed=LANDED, thresholds=None):
    """The verdict on sound marts of which some are corrupted: of all shipped suites, or of those of some marts."""
    suites = SUITES / "marts"
    if marts:
        suites = home / "suites"
        suites.mkdir()
        for mart in marts:
            shutil.copy(SUITES / "marts" / f"{mart}.yml", suites)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        for name in set().union(*map(NAMED.get, marts)) if marts else GOOD:
            connection.execute(f"create table marts.{name} as {GOOD[name]}")
        if corruption:
            connection.execute(corruption)
    candidate = write_candidate(home / "warehouse.duckdb", home / "snapshots", a_provenance(home))
    return run_publish_gate(candidate, landed, suites, thresholds=thresholds, contracts=CONTRACTS)


def test_a_rule_about_single_rows_depends_on_nothing_but_the_row():
    """A row that keeps it today keeps it on every later day, too: it calls no clock and nothing random."""
    called = set()
    with duckdb.connect() as connection:
        for suite in load_suites(SUITES / "marts", "mart").values():
            for rule in suite.rules:
                query = f"select 1 as one {rule.query}".replace("{batch}", "batch")
                if is_about_single_rows(connection, query):
                    ((parsed,),) = connection.execute("select json_serialize_sql($1)", [query]).fetchall()
                    called |= set(re.findall(r'"function_name":"([^"]+)"', parsed))
        changing = connection.execute(
            "select function_name from duckdb_functions() where function_name in (select unnest($1))"
            " group by function_name having bool_and(stability <> 'CONSISTENT')",
            [list(called)],
        ).fetchall()
        macros = connection.execute(
            "select distinct function_name from duckdb_functions()"
            " where function_type = 'macro' and function_name in (select unnest($1))",
            [list(called)],
        ).fetchall()
    assert "list_has_all" in called
    assert {name for (name,) in macros} == {"array_to_string", "if", "nullif"}  # which call nothing that changes
    assert changing == []


def failed(verdict, mart=None):
    return {check.column or check.type for suite in verdict.suites if mart in (None, suite.suite) for check in suite.failed}


def test_sound_marts_pass_every_shipped_suite(tmp_path):
    verdict = gate_verdict(tmp_path)
    assert failed(verdict) == set()
    assert verdict.success
    assert {suite.suite for suite in verdict.suites} == set(GOOD)


def statement(mart, way):
    """A way to corrupt a mart as SQL."""
    if way.split()[0] == "delete":
        return way.replace("delete", f"delete from marts.{mart}", 1)
    return way if way.startswith("update ") else f"update marts.{mart} set {way}"


CORRUPTED = [
    (mart, statement(mart, way), check)
    for mart, checks in yaml.safe_load(Path(__file__).with_name("corrupted_marts.yml").read_text(encoding="utf-8")).items()
    for check, ways in checks.items()
    for way in ([ways] if isinstance(ways, str) else ways)
]


def rounds():
    """Ways that are tried on one candidate: no suite of them names a mart that another one of them corrupts."""
    found = []
    for mart, corruption, check in CORRUPTED:
        marts = set(re.findall(r"marts\.(\w+)", corruption))
        for ways in found:
            if all(marts.isdisjoint(NAMED[other]) and others.isdisjoint(NAMED[mart]) for other, _, _, others in ways):
                ways.append((mart, corruption, check, marts))
                break
        else:
            found.append([(mart, corruption, check, marts)])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("ways", rounds(), ids=lambda ways: f"{len(ways)} ways")
def test_a_corrupted_mart_fails_its_guard(tmp_path, ways):
    verdict = gate_verdict(tmp_path, [mart for mart, *_ in ways], "; ".join(corruption for _, corruption, *_ in ways))
    for mart, corruption, check, _ in ways:
        found = failed(verdict, mart)
        assert any(name.startswith(check) for name in found), (corruption, check, found)


NO_RULE = "status = 'no_rule', strict_status = 'no_rule', rule_id = null, due_date = null, base_due_date = null"


def test_a_law_without_a_rule_for_many_is_shown_beside_the_figures_and_keeps_nothing_from_being_published(tmp_path):
    verdict = gate_verdict(tmp_path, ["fct_requests"], f"update marts.fct_requests set {NO_RULE} where request_id = 'r1'")
    assert failed(verdict) == {"no more requests are without a rule than the pack allows"}
    assert replace(verdict, missing=()).success
    assert verdict.suites[0].verdict == "failed"


def test_how_many_may_be_without_a_rule_is_the_packs(tmp_path):
    corruption = f"update marts.fct_requests set {NO_RULE} where request_id = 'r1'"
    assert failed(gate_verdict(tmp_path, ["fct_requests"], corruption, thresholds={"no_rule_ceiling": 0.5})) == set()


def test_one_request_in_a_hundred_without_a_rule_is_no_warning(tmp_path):
    copies = "select * exclude (n) replace (request_key || n as request_key) from marts.fct_requests, range(98) as r (n)"
    corruption = f"insert into marts.fct_requests {copies} where request_id = 'r1';"
    corruption += f"update marts.fct_requests set {NO_RULE} where request_id <> 'r1'"
    assert failed(gate_verdict(tmp_path, ["fct_requests"], corruption, LANDED | {"units": 100})) == set()


def test_an_empty_log_makes_empty_marts_rightly(tmp_path):
    empty = "; ".join(
        f"delete from marts.{mart}"
        for mart in (
            *("fct_requests", "fct_request_traces", "fct_consents", "fct_withdrawal_systems", "fct_records", "fct_incidents"),
            *("fct_erasures", "fct_policy_versions", "fct_collections", "fct_disclosures", "fct_processing"),
            *("rpt_waterfall", "fct_findings", "rpt_finding_ages", "audit_sources", "rpt_ccpa_7101", "rpt_ccpa_7102"),
            *("rpt_gdpr_art12_requests", "rpt_gdpr_art33_incidents", "rpt_gdpr_art30", "rpt_roll_forward"),
            *("fct_source_completeness", "fct_remediations", "fct_remediation_events"),
        )
    )
    verdict = gate_verdict(tmp_path, corruption=empty, landed=dict.fromkeys(LANDED, 0))
    assert failed(verdict) == set()
    assert verdict.success


def test_every_shipped_suite_of_a_mart_has_a_corrupted_mart_here():
    assert {mart for mart, _, _ in CORRUPTED} == {path.stem for path in (SUITES / "marts").glob("*.yml")}
