"""Pages say what the product does: generated ones are compared, links and commands are followed."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["log-contract.md", "metrics.md"])
def test_a_generated_page_is_what_would_be_generated(name):
    page = generator().PAGES[name]()
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page, "Run `python docs/generate.py`."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_named_exists(page):
    named = set(re.findall(r"(?<![\w/])([a-z][a-z-]+\.md)\b", page.read_text(encoding="utf-8")))
    assert not {name for name in named if not (ROOT / "docs" / name).exists()}


def test_every_page_that_a_message_points_to_exists():
    named = {
        name
        for room in ("promisekept", "orchestration", "expectations", "dashboards")
        for file in (ROOT / room).rglob("*.py")
        for name in re.findall(r"docs/([a-z-]+\.md)", file.read_text(encoding="utf-8"))
    }
    assert not {name for name in named if not (ROOT / "docs" / name).exists()}


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150
