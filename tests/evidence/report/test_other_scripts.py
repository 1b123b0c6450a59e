"""A snapshot whose organisation, sources, purposes and owners are named in other scripts becomes a report that shows them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hostile import hostile
from printed import Page, bare, read_aloud
from pypdf import PdfReader

from promisekept.evidence.report import Report, build_report, write_report
from promisekept.evidence.report.font_fallback import settable
from promisekept.evidence.report.model import Chart
from promisekept.evidence.scope import Scope
from promisekept.publishing.reader import SnapshotReader

NAMES = ("株式会社あおぞら", "数据保护公司", "한빛데이터", "شركة النور", "חברת אור", "डेटा संरक्षण", "คุ้มครองข้อมูล", "𒀀𒀭")


@pytest.fixture(scope="module")
def named(reader: SnapshotReader, scope: Scope, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of that snapshot."""
    return build_report(hostile(reader, tmp_path_factory.mktemp("named"), NAMES), scope)


@pytest.fixture(scope="module")
def files(named: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Its files, by their names."""
    return {file.name: file.read_bytes() for file in write_report(named, tmp_path_factory.mktemp("named-files"))}


def test_every_name_can_be_read_in_both_files(files: dict[str, bytes]):
    page = bare(Page(files["report.html"].decode()).text)
    pdf_text = bare(read_aloud(files["report.pdf"]))
    for name in NAMES[:-1]:
        assert page.count(bare(name)) > 5, name
        assert pdf_text.count(bare(name)) > 5, name
    assert NAMES[-1] in page
    assert "(U+12000)(U+1202D)" in pdf_text
    assert pdf_text.count("(U+") == 2 * pdf_text.count("(U+12000)(U+1202D)"), "the only letters without a face"


def test_the_fonts_are_the_committed_ones(files: dict[str, bytes]):
    found = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in PdfReader(BytesIO(files["report.pdf"])).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert {name for name in found if not name.startswith("Source")} == {
        *("NotoSansJP-Regular", "NotoSansSC-Regular", "NotoSansKR-Regular", "Vazirmatn-Regular", "NotoSansHebrew-Regular"),
        *("NotoSansDevanagari-Regular", "NotoSansThai-Regular"),
    }


def test_the_same_names_are_the_same_bytes(named: Report, files: dict[str, bytes], tmp_path: Path):
    assert {file.name: file.read_bytes() for file in write_report(named, tmp_path)} == files


def test_drawings_hold_words_of_the_report_alone(named: Report):
    """No name is drawn: so a drawing needs no other face, and `settable` may leave it as it is."""
    drawings = [block.svg for part in named.parts for block in part.blocks if isinstance(block, Chart)]
    assert len(drawings) > 10
    assert not [drawing for drawing in drawings if settable(drawing) != drawing or any(name in drawing for name in NAMES)]
