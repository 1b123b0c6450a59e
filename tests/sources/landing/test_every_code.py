"""Every closed code of every log lands as it is; every other value is rejected by its name, none is guessed (T4).

Here: the whole contract, so that a code added to it is tested the day it is added. Not here: what one bad row does to its
file (test_bad_rows.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from promisekept.sources.contract import contract

NEAR_MISSES = ("Complete", "error", "in_processing", "FULFILLED", "given ", "fulfilled;denied")
VALUES = {
    "instant": "2026-03-10T10:00:00Z", "place": "IE", "country": "IE", "integer": 7, "revision": 0, "boolean": True,
    "uri": "https://evidence.example/1", "date_text": "2026-03",
    "date": "2026-03-10", "subject": "C-17", "text": "x-1", "list": "contact",
}  # fmt: skip
CLOSED = [(log.name, column.name) for log in contract().values() for column in log.columns if column.codes]


def row(log: str, number: int, **changes: Any) -> dict[str, Any]:
    """A row with a value in every column, so that nothing is missing whatever its event is."""
    values = {column.name: column.codes[0] if column.codes else VALUES[column.kind] for column in contract()[log].columns}
    return values | {"event_id": f"e{number}"} | changes


@pytest.mark.parametrize(("log", "name"), CLOSED)
def test_every_code_of_the_contract_lands_as_it_is_and_what_is_none_is_rejected_by_its_name(project, log, name):
    codes = contract()[log].column(name).codes
    strangers = [value for value in NEAR_MISSES if value.strip() not in codes]
    rows = [row(log, number, **{name: code}) for number, code in enumerate((*codes, *strangers))]
    project.source("any", log=log).file("a.csv", rows)
    project.land()
    rejects = {(reason, column, value) for _, reason, column, value in project.rejects()}
    assert rejects == {("unknown_code", name, value) for value in strangers}
    if name in contract()[log].landed:  # what kind of identifier it is enters the key and is not landed
        assert {value for (value,) in project.query(f"select {name} from landing.{log}")} == set(codes)


@pytest.mark.parametrize(
    ("log", "name"), [(log.name, column.name) for log in contract().values() for column in log.columns if column.unknown]
)
def test_what_a_log_may_not_know_it_says_in_a_word_and_an_empty_cell_is_rejected(project, log, name):
    answers = {"true": True, "no": False, "unknown": None, "Unknown": None}
    rows = [row(log, number, **{name: value}) for number, value in enumerate((*answers, "", "perhaps"))]
    project.source("any", log=log).file("a.csv", rows)
    project.land()
    assert dict(project.query(f"select event_id, {name} from landing.{log}")) == {
        f"e{number}": value for number, value in enumerate(answers.values())
    }
    assert {(reason, column) for _, reason, column, _ in project.rejects()} == {
        ("missing_value", name),
        ("invalid_boolean", name),
    }
