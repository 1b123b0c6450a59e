"""The glossary's table of what a compliance officer reads, held by every surface."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from glossary import GLOSSARY, ROOT, not_to_be_read, prose

from promisekept.presentation import labels, statuses

SPEC = ROOT.parent / "shared" / "spec" / "08-glossary.md"
SEEDS = ROOT / "dbt_project" / "seeds"
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
    texts = list(tables())
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
