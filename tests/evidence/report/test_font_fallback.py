"""Names in other scripts are set by committed faces, in the right order, and cost a report in Latin script nothing."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from letter import letter
from printed import bare, read_aloud
from pypdf import PdfReader

from promisekept.evidence.report.font_fallback import FONTS, faces_for, settable
from promisekept.evidence.report.html import to_html
from promisekept.evidence.report.pdf import to_pdf

NOTO = FONTS / "noto"
ROOT = Path(__file__).resolve().parents[3]
NAMES = {
    "株式会社\u3000あおぞら": "NotoSansJP-Regular",
    "数据保护有限公司": "NotoSansSC-Regular",
    "臺灣資料保護": "NotoSansJP-Regular",  # all of it is in JIS X 0208
    "주식회사 한빛": "NotoSansKR-Regular",
    "شركة النور": "Vazirmatn-Regular",
    "חברת אור בע״מ": "NotoSansHebrew-Regular",
    "श्री डेटा लिमिटेड": "NotoSansDevanagari-Regular",
    "তথ্য সুরক্ষা।": "NotoSansBengali-Regular",
    "ਡਾਟਾ ਸੁਰੱਖਿਆ": "NotoSansGurmukhi-Regular",
    "ડેટા સુરક્ષા": "NotoSansGujarati-Regular",
    "தரவு நிறுவனம்": "NotoSansTamil-Regular",
    "డేటా రక్షణ": "NotoSansTelugu-Regular",
    "ಡೇಟಾ ರಕ್ಷಣೆ": "NotoSansKannada-Regular",
    "ഡാറ്റ": "NotoSansMalayalam-Regular",
    "บริษัท ข้อมูล จำกัด": "NotoSansThai-Regular",
    "მონაცემთა დაცვა": "NotoSansGeorgian-Regular",
    "Տվյալների պահպանում": "NotoSansArmenian-Regular",
}
SINDHI = "سنڌي ٻولي"  # two letters that only Noto's Arabic has
PROGRAM = """
import sys
from letter import letter
from promisekept.evidence.report.pdf import to_pdf
sys.stdout.buffer.write(to_pdf(letter(sys.argv[1])))
"""


def fonts(document: bytes) -> set[str]:
    """The faces inside of a PDF, all of them embedded as subsets."""
    found = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(BytesIO(document)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in found), found
    return {name.partition("+")[2] for name in found if not name.partition("+")[2].startswith("Source")}


def families(page: str) -> set[str]:
    """The families inside of a page besides the report's own."""
    return {name for name in re.findall(r"@font-face\{font-family:'([^']+)'", page) if not name.startswith("Source")}


@pytest.mark.skipif(sys.platform != "linux", reason="the hash was written down on Linux")
def test_a_report_in_latin_greek_and_cyrillic_has_the_bytes_that_it_had_before_there_were_other_faces():
    """Written down with the template and the fonts of before: the faces for others must not move a letter of it."""
    report = letter("Larkfield Ltd", owner="Σωκράτης & Привет")
    assert hashlib.sha256(to_pdf(report)).hexdigest() == "048174b738970582ed72d9ed89b52a70baa5b4c750dce9cb31076133e0ac5d1d"
    assert (
        hashlib.sha256(to_html(report).encode()).hexdigest() == "4a9816d751b11ff87ba6db6e9bdde301903d86ce98ad4eddc3eba1211799bd7b"
    )


@pytest.mark.parametrize(("name", "face"), NAMES.items(), ids=NAMES.values())
def test_a_name_is_set_by_the_face_for_its_script_and_can_be_read_back(name: str, face: str):
    document = to_pdf(letter(name, owner=name, promise=name))
    assert fonts(document) == {face}
    text_of_report = bare(read_aloud(document))
    assert text_of_report.count(bare(name)) >= 4
    assert "(U+" not in text_of_report
    assert PdfReader(BytesIO(document)).metadata.author == name


def test_all_scripts_fit_into_one_report():
    assert fonts(to_pdf(letter(" / ".join(NAMES)))) == set(NAMES.values())


def test_a_word_is_not_set_by_two_arabic_faces():
    """Letters join within a face only; so where one name needs Noto's, all of a report are set by it."""
    assert fonts(to_pdf(letter(SINDHI, owner="شركة النور"))) == {"NotoSansArabic-Regular"}
    assert families(to_html(letter(SINDHI, owner="شركة النور"))) == {"Noto Sans Arabic"}


def test_a_script_without_a_face_is_shown_by_its_code_points():
    text_of_report = bare(read_aloud(to_pdf(letter("𒀀𒀭 株式会社", owner="\U0001f600"))))
    assert "(U+12000)(U+1202D)株式会社" in text_of_report
    assert "(U+1F600)" in text_of_report


def test_what_cannot_be_seen_is_shown_too_unless_it_shapes_a_word():
    """Two owners that differ by a joiner or an override alone would else look like one."""
    assert settable("ab\u200cc \u202e \u3164 א\u200e") == "ab(U+200C)c (U+202E) (U+3164) א(U+200E)"
    words = "می\u200cخواهیم क्\u200dष"  # noqa: RUF001 - Persian and Hindi
    assert settable(words) == words
    assert settable("ISO\u3000標準\n") == "ISO\u3000標準\n"


def test_han_letters_are_set_whole_by_the_language_around_them():
    names = {"a": "株式会社あおぞら", "b": "東京都", "c": "数据保护", "d": "주식회사"}
    stretches = faces_for(names).east_asian
    assert {stretch: order[0] for stretch, order in stretches.items()} == {
        "株式会社あおぞら": "Noto Sans JP",
        "東京都": "Noto Sans JP",
        "数据保护": "Noto Sans SC",
        "주식회사": "Noto Sans KR",
    }
    assert faces_for(["平安"]).east_asian["平安"][0] == "Noto Sans SC", "nothing tells that it is Japanese"
    assert faces_for(["東京都"]).east_asian["東京都"][0] == "Noto Sans JP", "the first letter is not in China's standard"


def test_a_date_beside_an_arabic_name_is_not_drawn_into_it():
    """By the rules of direction alone the day stands left of the name and the month right of it: 31 ,name Oct 2026."""
    document = to_pdf(letter("Larkfield", owner="شركة ABC النور"))
    with pypdfium2.PdfDocument(document) as opened:
        page = opened[len(opened) - 1].get_textpage()
        text_of_report = page.get_text_range().replace("\u00a0", " ")
        at = {word: page.get_charbox(text_of_report.index(word)) for word in ("31", "Oct", "ABC")}
    (day, low, _, _), (month, beside, _, _), (name, line, _, _) = at.values()
    assert 0 < month - day < 15
    assert name < day
    assert low == pytest.approx(beside, abs=2) == pytest.approx(line, abs=2)
    page_source = to_html(letter("Larkfield", owner="شركة ABC النور"))
    assert '<bdi dir="rtl">شركة ABC النور</bdi>, 31\u00a0Oct' in page_source
    assert "<bdi" not in page_source.partition("<body>")[0]


def test_a_name_from_right_to_left_is_one_piece_whatever_is_escaped_in_it():
    """Two firms joined by an ampersand would else change places; and no piece of a name becomes markup."""
    assert '<bdi dir="rtl">אור &amp; שות</bdi>' in to_html(letter("אור & שות"))
    text_of_report = to_html(letter("<b>אור</b> &lt;script&gt; 'א'"))
    assert "&lt;b&gt;<bdi" in text_of_report
    assert "&amp;lt;script&amp;gt;" in text_of_report
    assert "<b>א" not in text_of_report


def test_the_page_holds_the_faces_that_it_needs_and_names_those_that_readers_have():
    assert families(to_html(letter("Larkfield"))) == set()
    assert families(to_html(letter("তথ্য সুরক্ষা।"))) == {"Noto Sans Bengali"}, "the danda is in nine faces: one is enough"
    hindi, japanese = to_html(letter("डेटा")), to_html(letter("株式会社あおぞら"))
    assert families(hindi) == {"Noto Sans Devanagari"}
    assert "'Source Sans 3', 'Noto Sans Devanagari', sans-serif" in hindi
    assert families(japanese) == set()
    assert "'Source Serif 4', 'Noto Sans JP', 'Noto Sans CJK JP', 'Hiragino Sans'" in japanese


def test_the_bytes_are_the_same_in_a_process_without_home_or_fonts(tmp_path: Path):
    name = " / ".join(NAMES)
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="ascii")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "TZ": "Asia/Tokyo",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "4711",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent))),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM, name], env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == to_pdf(letter(name))
    assert to_html(letter(name)) == to_html(letter(name))


def test_the_list_of_letters_says_what_the_fonts_hold():
    with (NOTO / "faces.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        file = NOTO / f"{row['family'].replace(' ', '')}-Regular.ttf"
        font = TTFont(file)
        ends = [[int(end, 16) for end in one.split("-")] for one in row["letters"].split()]
        listed = {letter for end in ends for letter in range(end[0], end[-1] + 1)}
        assert listed <= set(font.getBestCmap()), row["family"]
        assert font["name"].getDebugName(1) == row["family"]
        assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert {file.name for file in NOTO.glob("*.ttf")} == {f"{row['family'].replace(' ', '')}-Regular.ttf" for row in rows}
    licence = (NOTO / "OFL.txt").read_text(encoding="utf-8")
    readme = (NOTO / "README.md").read_text(encoding="utf-8")
    for file in NOTO.glob("*.ttf"):
        name = file.stem.removesuffix("-Regular")
        assert f"\n{name}: Copyright" in licence
        assert f"`{name}-Regular`" in readme


@pytest.mark.parametrize(
    ("codec", "lacking"),
    [("euc_jp", "\u2252"), ("gb2312", ""), ("euc_kr", "\u0132\u0133\u0166\u0167\u02d0\u223c\u2252\u25c8\uf95f\uf9aa")],
    ids=["JIS X 0208", "GB 2312", "KS X 1001"],
)
def test_the_national_standards_are_covered(codec: str, lacking: str):
    grid = range(0xA1, 0xFF)
    letters = {letter for lead in grid for trail in grid for letter in bytes([lead, trail]).decode(codec, "ignore")}
    assert len(letters) > 6800
    assert sorted(letter for letter in letters if settable(letter) != letter) == sorted(lacking)
