"""The public examples, computed by the oracle: an independent engine is worth something only if it passes the textbook."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from oracles.deadlines import evaluate
from oracles.events import Place
from oracles.law import PUBLIC_LAW, read_law
from oracles.vectors import VECTORS, read_vectors
from world import as_event, plain

FEW = {
    *("AU_APP_AGENCY", "AU_APP_ORG", "BR_LGPD", "BR_LGPD_SMALL", "CA_QC_L25", "CH_FADP", "DECLARED", "IN_DPDP", "JP_APPI"),
    *("KR_PIPA", "SG_PDPA", "UK_DPA2018_P3", "US_CO_CPA", "US_IA_ICDPA", "US_KY_KCDPA", "US_MD_MODPA"),
    *("US_NH_NHPA", "ZA_PAIA_PUBLIC", "ZA_POPIA"),
}


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["id"])
def test_oracle_gives_the_expected_answer(vector: dict[str, Any]) -> None:
    events = [as_event(event) for event in vector["events"]]
    place = Place(vector["regime_code"], vector["calendar"], vector["time_zone"])
    verdict = evaluate(events, vector["right_type"], place, read_law(), datetime.fromisoformat(vector["as_of"]))
    assert verdict is not None
    given = {column: plain(value) for column, value in verdict.as_dict().items()}
    assert {column: given[column] for column in vector["expect"]} == vector["expect"]


def test_laws_with_fewer_than_two_examples_are_named() -> None:
    """An example comes from a text that was found and read: none is made up for the sake of the count."""
    examples = Counter(vector["regime_code"] for vector in read_vectors())
    assert {rule.regime_code for rule in read_law().rules} - {regime for regime, count in examples.items() if count > 1} == FEW


@pytest.mark.skipif(not PUBLIC_LAW.is_dir(), reason="../shared/law is not here: nothing to compare the project's own copy with")
def test_the_examples_are_the_public_ones_word_for_word() -> None:
    assert VECTORS.read_bytes() == (PUBLIC_LAW / "vectors.jsonl").read_bytes()
