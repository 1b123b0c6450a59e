"""The glossary, held: its labels by every surface, its words by comments and docstrings, its nouns by CTEs and variables."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from glossary import (
    GLOSSARY,
    NO_NOUNS,
    NO_VARIABLES,
    ROOT,
    WORDS,
    comments,
    ctes,
    home_made,
    not_to_be_read,
    prose,
    variables,
)

from promisekept.presentation import glossary, labels, statuses

SPEC = ROOT.parent / "shared" / "spec" / "08-glossary.md"
SEEDS = ROOT / "dbt_project" / "seeds"
ROOMS = ("promisekept", "orchestration", "expectations", "dashboards", "http_api", "dbt_project", "benchmarks")
SURFACES = ("dashboards", "promisekept/presentation", "promisekept/evidence/report", "promisekept/cli")


def modules() -> list[Path]:
    return [file for surface in SURFACES for file in sorted((ROOT / surface).rglob("*.py")) if "fonts" not in file.parts]


def tables() -> Iterator[str]:
    for table in vars(statuses).values():
        if isinstance(table, Mapping):
            yield from (status.text for status in table.values() if isinstance(status, statuses.Status))
    for table in vars(labels).values():
        if isinstance(table, Mapping):
            yield from (text for text in table.values() if isinstance(text, str))


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not SPEC.exists(), reason="the specification is not beside the checkout")
def test_the_list_holds_every_row_of_the_glossary():
    table = SPEC.read_text(encoding="utf-8").partition("## What a compliance officer reads")[2].partition("## Sentences")[0]
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ")][1:]
    terms = {term.strip().lower() for row in rows for term in re.split(r"·|, (?=[A-Z])", row)}
    assert terms == {term.lower() for term in GLOSSARY}


@pytest.mark.parametrize("term", GLOSSARY)
def test_the_guard_sees_each_term(term: str):
    assert not_to_be_read([term])


def test_no_label_says_what_the_glossary_replaced():
    texts = [*tables(), *(text for entry in glossary.definitions().items() for text in entry)]
    assert len(texts) > 150
    assert not_to_be_read(texts) == []


def test_no_title_of_a_metric_finding_or_verdict_says_it():
    titles = [row["name"] for row in seed("metric_catalogue")] + [row["word"] for row in seed("finding_catalogue")]
    titles += [row["description"] for row in seed("metric_catalogue")] + [row["word"] for row in seed("control_statuses")]
    assert not_to_be_read(titles) == []


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_page_report_or_command_says_it(file: Path):
    assert not_to_be_read(prose(file)) == []


def test_the_catalogue_of_verdicts_has_the_labels_that_people_read():
    assert {row["status"]: row["word"] for row in seed("control_statuses")} == {
        code: status.text for code, status in statuses.VERDICTS.items()
    }


def test_every_law_of_the_shipped_pack_has_a_name():
    with (ROOT / "promisekept" / "policy" / "default_pack" / "regimes.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["regime_code"] for row in csv.DictReader(file)}
    assert {code for code in codes if labels.regime(code) == code} == set()


def files(room: str, suffix: str) -> list[Path]:
    """Those of a room, without what dbt installs or writes."""
    found = sorted((ROOT / room).rglob(f"*{suffix}"))
    return [file for file in found if not {"target", "dbt_packages"} & set(file.relative_to(ROOT).parts)]


@pytest.mark.parametrize("word", WORDS)
def test_the_guard_sees_each_word(word: str):
    assert home_made(f"What a model {word} of it.")


def test_a_key_or_a_name_is_no_word():
    assert home_made("Its key `says`.\n    says: a sentence.\n    docs/told.md") == []


@pytest.mark.parametrize("room", ROOMS)
def test_comments_and_docstrings_use_the_words_of_the_field(room: str):
    every = [*files(room, ".py"), *files(room, ".sql")]
    assert every
    found = {str(file.relative_to(ROOT)): [word for text in comments(file) for word in home_made(text)] for file in every}
    assert {file: words for file, words in found.items() if words} == {}


def test_a_cte_is_called_by_what_one_row_is():
    models = files("dbt_project", ".sql")
    assert sum(len(ctes(model)) for model in models) > 800
    assert {model.name: names for model in models if (names := ctes(model) & NO_NOUNS)} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_variable_is_called_by_what_it_holds(room: str):
    assert {str(file.relative_to(ROOT)): names for file in files(room, ".py") if (names := variables(file) & NO_VARIABLES)} == {}
