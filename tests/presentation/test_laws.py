"""Citations lead to the official texts of the laws that they name."""

from __future__ import annotations

import csv

import pytest
from oracles.law import PACKAGED_LAW

from promisekept.presentation import laws

WITHOUT = {"DECLARED"}
"""Regimes that are no law."""


def rules() -> list[dict[str, str]]:
    with (PACKAGED_LAW / "regimes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_regime_has_its_law_or_is_known_to_have_none():
    assert {row["regime_code"] for row in rules()} - set(laws.laws()) == WITHOUT
    assert set(laws.laws()) <= {row["regime_code"] for row in rules()}


def test_every_law_is_named_by_a_citation_of_its_regime_and_has_an_address_and_its_days():
    cited = {(row["regime_code"], row["citation"]) for row in rules()}
    for regime, texts in laws.laws().items():
        for law in texts:
            assert any(code == regime and law.cited_as in citation for code, citation in cited), law
            assert law.url.startswith("https://"), law
            assert law.read_on <= law.address_checked_on


@pytest.mark.parametrize(
    ("regime", "citation", "named"),
    [
        ("EU_GDPR", "GDPR Art. 15; Art. 12(3)-(4),(6); Reg. 1182/71 Art. 3(1)", ["GDPR", "GDPR", "Reg. 1182/71"]),
        ("US_CA_CCPA", "Civ. Code 1798.120, .135; 11 CCR 7025, 7026(f)", ["Civ. Code", "11 CCR"]),
        ("UK_GDPR", "UK GDPR Art. 15; Art. 12(3)", ["UK GDPR", "UK GDPR"]),
        ("SG_PDPA", "PDPA s. 21; PDP Regulations 2021 (S 63/2021) regs 4-5", ["PDPA", None]),
        ("KR_PIPA", "PIPA Art. 35(3); Enforcement Decree Art. 41(4)", ["PIPA", "Enforcement Decree"]),
        ("US_FL_FDBR", "Fla. Stat. 501.705, 501.706(2)", ["Fla. Stat."]),
        ("US_FOIA", "5 U.S.C. 552(a)(6)(A)(i)-(ii), (B)(i); OPEN Government Act 2007 s. 6", ["5 U.S.C. 552", None]),
        ("DECLARED", "none (no law)", [None]),
        (None, "a text of the pack", [None]),
    ],
)
def test_each_part_of_a_citation_leads_to_the_law_that_it_is_of(regime, citation, named):
    found = laws.cited(regime, citation)
    assert "; ".join(part for part, _ in found) == citation
    assert [law.cited_as if law else None for _, law in found] == named
