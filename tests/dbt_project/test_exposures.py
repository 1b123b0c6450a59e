"""Who reads a mart is an exposure: each page, and the bundle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.page import PAGES
from orchestration.dbt_runner import PROJECT, DbtRunner
from promisekept.evidence.audiences import MARTS

ROOT = Path(__file__).resolve().parents[2]
BUILT = {file.stem for room in ("marts", "audit") for file in (PROJECT / "models" / room).rglob("*.sql")}


@pytest.fixture(scope="module")
def exposures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parsed")
    found = DbtRunner(folder, folder / "warehouse.duckdb").manifest().exposures.values()
    return {one.name: (one.label, {node.rsplit(".", 1)[-1] for node in one.depends_on.nodes}) for one in found}


def test_every_page_is_an_exposure(exposures):
    titles = {title for members in PAGES.values() for _, title, *_ in members}
    assert {label for name, (label, _) in exposures.items() if name.startswith("page_")} == titles


def test_every_mart_that_the_dashboard_reads_is_in_an_exposure_and_no_other(exposures):
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "dashboards").rglob("*.py"))
    read = set(re.findall(r"\b(?:fct|dim|rpt|audit)_[a-z0-9_]+\b", code)) & BUILT
    assert set().union(*(marts for name, (_, marts) in exposures.items() if name.startswith("page_"))) == read


def test_the_bundle_holds_the_marts_of_its_exposure(exposures):
    assert exposures["evidence_bundle"][1] == {mart.name for mart in MARTS} & BUILT


def test_no_mart_is_published_for_nobody(exposures):
    assert set().union(*(marts for _, marts in exposures.values())) == BUILT
