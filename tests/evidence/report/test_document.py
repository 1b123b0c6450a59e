"""The PDF has the content of the HTML, is tagged and dated, and brings its own fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hostile import NAMES, hostile
from printed import Page, bare, pages_aloud, read_aloud
from pypdf import PdfReader

from promisekept.evidence.report import Report, build_report
from promisekept.evidence.report.model import Band, Formula, Mark, Table
from promisekept.evidence.report.pdf import to_pdf, to_pictures
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import SnapshotReader

FAMILIES = {
    "SourceSerif4-Regular",
    "SourceSerif4-SemiBold",
    "SourceSans3-Regular",
    "SourceSans3-SemiBold",
    "SourceCodePro-Regular",
}


@pytest.fixture(scope="module")
def document(written: Path) -> PdfReader:
    return PdfReader(written / "report.pdf")


@pytest.fixture(scope="module")
def page_text(written: Path) -> str:
    return bare(read_aloud((written / "report.pdf").read_bytes()))


def figures(report: Report) -> Iterator[str]:
    """Every cell of every table and every figure of a band or a formula."""
    for part in report.parts:
        for block in part.blocks:
            if isinstance(block, Table):
                yield f"Table {block.number}. {block.caption}"
                for row in block.rows:
                    yield from (cell.word if isinstance(cell, Mark) else cell for cell in row.cells)
            elif isinstance(block, Band):
                yield from (one.value.word if isinstance(one.value, Mark) else one.value for one in block.fields)
            elif isinstance(block, Formula):
                yield from (block.numerator, block.denominator, block.result)


def test_both_renderings_hold_every_figure_and_every_cell(report: Report, page: Page, page_text: str):
    words = bare(page.text)
    printed_figures = {bare(text) for text in figures(report)}
    assert len(printed_figures) > 1000
    assert sorted(text for text in printed_figures if text not in page_text) == []
    assert sorted(text for text in printed_figures if text not in words) == []


def test_the_document_is_tagged_dated_and_named(document: PdfReader, report: Report):
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {})) == set()
    assert "/AcroForm" not in root
    assert document.metadata is not None
    assert document.metadata.author == "Larkfield Communications"
    assert document.metadata.subject == "Q3 2026, snapshot " + report.cover.identity[0][1] + ", for regulator"
    assert document.metadata["/CreationDate"] == document.metadata["/ModDate"] == "D:20261001035900Z"


def test_only_the_committed_fonts_are_used_and_all_are_embedded(document: PdfReader):
    fonts = {
        font.get_object()["/BaseFont"].removeprefix("/")
        for page in document.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert {name.partition("+")[2] for name in fonts} <= FAMILIES
    assert all(re.match(r"[A-Z]{6}\+", name) for name in fonts)


def test_parts_and_promises_have_bookmarks(document: PdfReader, report: Report):
    def titles(items: list) -> Iterator[str]:
        for item in items:
            yield from titles(item) if isinstance(item, list) else [item.title]

    found = list(titles(document.outline))
    assert [title for title in found if title in {part.title for part in report.parts}] == [part.title for part in report.parts]
    assert "A person can obtain their information" in found


def test_the_board_has_one_page_in_every_copy(reader: SnapshotReader, report: Report):
    for period in ("2026-Q3", "2026-08", "2025"):
        built = build_report(reader, Scope(reader.id, read_period(period), "regulator"))
        pages = pages_aloud(to_pdf(built))
        assert sum("1 For the board: one page" in text.splitlines()[0] for text in pages) == 1, period


def test_hostile_names_are_words_in_the_document_too(reader: SnapshotReader, scope: Scope, tmp_path: Path):
    built = build_report(hostile(reader, tmp_path), scope)
    raw = to_pdf(built)
    page_text = bare(read_aloud(raw))
    for name in NAMES[:-1]:
        assert bare(name) in page_text, name
    assert "(U+202E)righttoleft漢字(U+0007)bell" in page_text
    assert not [
        annotation
        for page in PdfReader(BytesIO(raw)).pages
        for annotation in page.get("/Annots", [])
        if "/URI" in str(annotation.get_object())
    ]


def test_pages_can_be_looked_at(report: Report):
    pictures = to_pictures(report, 20)
    assert len(pictures) > 30
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
