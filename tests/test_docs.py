"""Pages match the product: generated ones are compared, files and pages that they name exist. The site: test_site.py."""

from __future__ import annotations

import csv
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from orchestration.dbt_runner import DbtRunner

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = "benchmarks|dashboards|dbt_project|docs|examples|expectations|http_api|orchestration|promisekept|tests"


def _catalogue():
    with (ROOT / "dbt_project" / "seeds" / "metric_catalogue.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = [
    "faults.md",
    "licences.md",
    "log-contract.md",
    "metrics.md",
    "promises.md",
    "../dbt_project/models/semantic_layer.yml",
]


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_would_be_generated(name):
    page = generator().PAGES[name]()
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page, "Run `python docs/generate.py`."


def test_the_lineage_on_the_page_is_that_of_dbt(tmp_path):
    nodes = DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest().nodes
    models = {node.name: node for node in nodes.values() if node.resource_type == "model"}

    def below(name: str) -> set[str]:
        direct = {nodes[one].name for one in models[name].depends_on.nodes if one.startswith("model.")}
        direct = {one for one in direct if not one.endswith("__changed")}
        return direct.union(*map(below, direct))

    shown = generator().models_below
    marts = {mart for row in _catalogue() for mart in row["mart"].split(";")}
    assert {mart: set(shown(mart)) for mart in marts} == {mart: below(mart) for mart in marts}


def test_every_promise_of_the_demo_stands_on_the_page_with_its_figures_and_logs():
    page = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    with (ROOT / "promisekept" / "demo" / "pack" / "control_metrics.csv").open(encoding="utf-8", newline="") as lines:
        asked = list(csv.DictReader(lines))
    assert page.count("\n### ") == 35
    for row in asked:
        after = page.split(f"Control `{row['control_id']}`")[1].split("\n### ")[0]
        assert f"(`{row['metric_code']}`)" in after, row


def test_every_finding_stands_beside_the_metric_that_it_stands_against():
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("| `sale_count` |"))
    assert line.endswith("| `sale`, `consideration_unknown` |")


def test_every_task_of_a_contributor_begins_in_a_file_that_exists():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    begins = re.findall(r"^\| [a-z][^|]* \| `([^`]+)` \|$", page, re.MULTILINE)
    assert len(begins) >= 20
    assert [path for path in begins if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page):
    named = set(re.findall(rf"`((?:{ROOMS})/[\w./-]+\.\w+)`", page.read_text(encoding="utf-8")))
    assert not {name for name in named if not (ROOT / name).exists()}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_page_that_is_named_exists(page):
    named = set(re.findall(r"(?<![\w/-])([a-z][a-z-]+\.md)\b", page.read_text(encoding="utf-8")))
    assert not {name for name in named if not (ROOT / "docs" / name).exists()}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_line_of_prose_is_longer_than_120_characters(page):
    """Tables, headings, code and pictures can't be broken."""
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert [line for line in prose.splitlines() if len(line) > 120 and not line.lstrip().startswith(("|", "#", "!["))] == []


def test_every_page_that_a_message_points_to_exists():
    named = {
        name
        for room in ("promisekept", "orchestration", "expectations", "dashboards")
        for file in (ROOT / room).rglob("*.py")
        for name in re.findall(r"docs/([a-z-]+\.md)", file.read_text(encoding="utf-8"))
    }
    assert not {name for name in named if not (ROOT / "docs" / name).exists()}


def test_the_version_has_a_dated_section_in_the_changelog():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = re.findall(r"^## (\S+) - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert version in sections


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150
