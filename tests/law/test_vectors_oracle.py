"""The public examples, computed by the oracle: an independent engine is worth something only if it passes the textbook."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from oracles.deadlines import evaluate
from oracles.events import Place
from oracles.law import PUBLIC_LAW, read_law
from oracles.vectors import VECTORS, read_vectors
from world import as_event, plain

MOVED_BY_THEIR_OWN_STATUTE = {
    "UK_GDPR": "Regulation 1182/71 Art. 3(4) as assimilated law, and the ICO's examples",
    "UK_DPA2018_P3": "DPA 2018 s. 205(2)",
    "AU_APP_AGENCY": "Acts Interpretation Act 1901 s. 36(2)",
    "ZA_PAIA_PUBLIC": "Interpretation Act 33 of 1957 s. 4",
    "ZA_POPIA": "the definition of a day in the POPIA regulations",
}


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["id"])
def test_oracle_gives_the_expected_answer(vector: dict[str, Any]) -> None:
    events = [as_event(event) for event in vector["events"]]
    place = Place(vector["regime_code"], vector["calendar"], vector["time_zone"])
    verdict = evaluate(events, vector["right_type"], place, read_law(), datetime.fromisoformat(vector["as_of"]))
    assert verdict is not None
    given = {column: plain(value) for column, value in verdict.as_dict().items()}
    assert {column: given[column] for column in vector["expect"]} == vector["expect"]


def test_every_law_has_two_examples() -> None:
    """An example comes from a text that was found and read: none is made up for the sake of the count."""
    assert [name for name, times in Counter(vector["id"] for vector in read_vectors()).items() if times > 1] == []
    examples = Counter(vector["regime_code"] for vector in read_vectors())
    assert {rule.regime_code for rule in read_law().rules} - {regime for regime, count in examples.items() if count > 1} == set()


def test_every_example_from_the_words_of_a_law_names_its_place_and_its_day() -> None:
    for vector in read_vectors():
        if vector["id"].startswith("S-"):
            assert vector["source"] and vector["text"], vector["id"]
            date.fromisoformat(vector["read_on"])


def test_what_moves_a_due_date_later_has_a_strict_interpretation() -> None:
    """Except where the text itself moves it: no pause, and a statute that moves the last day of periods of this law."""
    silent = {
        rule.regime_code
        for rule in read_law().rules
        if rule.response_n and not rule.conservative
        if rule.roll != "none" or {rule.pause_identity, rule.pause_clarification} != {"none"}
    }
    assert silent == set(MOVED_BY_THEIR_OWN_STATUTE)
    assert all(
        {rule.pause_identity, rule.pause_clarification} == {"none"}
        for rule in read_law().rules
        if rule.response_n and not rule.conservative
    )


@pytest.mark.skipif(not PUBLIC_LAW.is_dir(), reason="../shared/law is not here: nothing to compare the project's own copy with")
def test_the_examples_are_the_public_ones_word_for_word() -> None:
    assert VECTORS.read_bytes() == (PUBLIC_LAW / "vectors.jsonl").read_bytes()
