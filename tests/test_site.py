"""The documentation as a site: it builds strictly, its navigation names every page, and it fetches nothing from elsewhere.

Here: what the generator and a browser make of docs/. Not here: the content of the pages (test_docs.py).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SETTINGS = "zensical.toml"
FETCHED = {"img": "src", "script": "src", "source": "src", "iframe": "src", "link": "href"}


class References(HTMLParser):
    """The addresses that a page fetches by itself, and those that its links lead to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: list[str] = []
        self.classes: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what one element refers to."""
        given = dict(attrs)
        self.classes.update((given.get("class") or "").split())
        if address := given.get(FETCHED.get(tag, "")):
            self.fetched.append(address)
        if tag == "a" and (address := given.get("href")):
            self.linked.append(address)


def build(project: Path, appended: str = "") -> subprocess.CompletedProcess[str]:
    """Build a copy of docs/ as `just site` does, with something appended to one page."""
    shutil.copytree(DOCS, project / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / SETTINGS, project / SETTINGS)
    with (project / "docs" / "upgrade.md").open("a", encoding="utf-8") as page:
        page.write(appended)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    project = tmp_path_factory.mktemp("site")
    built = build(project)
    assert built.returncode == 0, built.stdout + built.stderr
    return project / "site"


def pages_of(navigation: list) -> Iterator[str]:
    for entry in navigation:
        if isinstance(entry, str):
            yield entry
            continue
        for below in entry.values():
            yield from pages_of(below if isinstance(below, list) else [below])


def test_the_navigation_names_every_page_once():
    named = list(pages_of(tomllib.loads((ROOT / SETTINGS).read_text(encoding="utf-8"))["project"]["nav"]))
    assert sorted(named) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_every_page_is_built_and_fetches_nothing_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == len(list(DOCS.rglob("*.md"))) + 1, "one for each, and 404.html"
    elsewhere = {page.name: [it for it in References(page).fetched if urlsplit(it).netloc] for page in pages}
    assert {name: found for name, found in elsewhere.items() if found} == {}
    # The theme fetches a library from elsewhere for a diagram in text, and for nothing else that stands on a page here.
    assert [page.name for page in pages if "mermaid" in References(page).classes] == []
    styles = "".join(style.read_text(encoding="utf-8") for style in site.rglob("*.css"))
    assert styles
    assert re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", styles) == []


def test_everything_that_a_page_refers_to_is_in_the_site(site):
    missing = [
        (page.name, address)
        for page in site.rglob("*.html")
        if page.name != "404.html"  # served at any depth, so that its addresses begin at the root
        for address in References(page).fetched + References(page).linked
        if not urlsplit(address).scheme and (path := unquote(urlsplit(address).path)) and not (page.parent / path).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("link", ["[a page](no-such-page.md)", "[a heading](operate.md#no-such-heading)"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path, link):
    assert build(tmp_path, f"\n{link}\n").returncode != 0
