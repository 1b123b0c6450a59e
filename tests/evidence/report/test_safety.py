"""Names in packs and logs are text, whatever they look like, and the page asks nothing of anybody."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hostile import NAMES, hostile
from printed import Page

from promisekept.evidence.report import Report, build_report, write_report
from promisekept.evidence.scope import Scope
from promisekept.publishing.reader import SnapshotReader

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "section", "nav", "header", "footer", "figure", "figcaption"),
    *("h1", "h2", "h3", "h4", "p", "b", "span", "br", "a", "code", "ol", "ul", "li", "dl", "dt", "dd", "div"),
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tr", "th", "td"),
    *("svg", "rect", "line", "circle", "text"),
}


@pytest.fixture(scope="module")
def hostile_report(reader: SnapshotReader, scope: Scope, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a snapshot whose names are all markup."""
    return build_report(hostile(reader, tmp_path_factory.mktemp("hostile")), scope)


@pytest.fixture(scope="module")
def hostile_folder(hostile_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its files."""
    folder = tmp_path_factory.mktemp("hostile-files")
    write_report(hostile_report, folder)
    return folder


def test_hostile_names_are_words_on_the_page(hostile_folder: Path):
    page = Page((hostile_folder / "report.html").read_text(encoding="utf-8"))
    for name in NAMES[:-1]:
        assert " ".join(name.split()) in page.text, name
    assert {tag for tag, _ in page.tags} <= TAGS
    assert not [given for _, given in page.tags if any(name.startswith("on") for name in given)]


def test_the_page_runs_nothing_and_fetches_nothing(page: Page):
    assert {tag for tag, _ in page.tags} <= TAGS
    policy = next(given for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
    addresses = [given.get(name) for _, given in page.tags for name in ("href", "src", "action") if name in given]
    assert addresses
    assert all(address and address.startswith("#") for address in addresses)
    assert set(re.findall(r"url\((\w+:)", page.source)) == {"data:"}
    assert "http://" not in page.source.replace("http://www.w3.org/2000/svg", "")


def test_every_link_leads_somewhere_and_every_picture_says_what_it_shows(page: Page):
    names = [given["id"] for _, given in page.tags if "id" in given]
    assert len(names) == len(set(names))
    assert {given["href"] for tag, given in page.tags if tag == "a"} <= {f"#{name}" for name in names}
    pictures = [given for _, given in page.tags if given.get("role") == "img"]
    assert len(pictures) == sum(tag == "svg" for tag, _ in page.tags)
    assert all(len(given["aria-label"] or "") > 20 for given in pictures)


def test_headings_leave_no_rank_out_and_head_cells_say_what_they_head(page: Page):
    ranks = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert all(given.get("scope") in ("col", "row", "rowgroup") for tag, given in page.tags if tag == "th")
    assert all(table.caption for table in page.tables)


def test_no_person_and_no_key_of_a_person_is_printed(page: Page, reader: SnapshotReader):
    keys = reader.cursor().execute("select distinct subject_key from marts.fct_requests where subject_key is not null").fetchall()
    assert len(keys) > 1000
    there = set(re.findall(r"[0-9a-f]{16,}", page.text))
    assert not {key for (key,) in keys if any(key[:16] == one[:16] for one in there)}


def test_words_that_promise_too_much_are_not_used(page: Page):
    assert "Not audited; no assurance is expressed." in page.text
    own = page.text.lower().replace("compliance evidence report", "")
    assert not [word for word in ("compliant", "certified", "guaranteed", "audit opinion", "100 % compliance") if word in own]
