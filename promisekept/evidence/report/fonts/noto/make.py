"""Make the files of this folder out of the npm packages that README.md names, unpacked side by side: `make.py FOLDER`.

Here: what is copied whole, what is cut down to a national standard, and faces.csv, which lists the letters that each face is for.
Not here: which face a report needs (../../font_fallback.py). Needs fontTools and brotli; the report itself needs neither.
"""

from __future__ import annotations

import csv
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont, woff2

HERE = Path(__file__).parent
WHOLE = (
    "Vazirmatn",  # before Noto's Arabic, which draws the dots of a letter apart: words copied out of the PDF would be garbled
    *(f"Noto Sans {script}" for script in ("Arabic", "Hebrew", "Armenian", "Georgian", "Thai")),
    *(
        f"Noto Sans {script}"
        for script in ("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam")
    ),
)
# What a face for another script brings along: Latin, signs, ligatures.
BESIDE = {*range(0x0530), *range(0x2000, 0x20A0), *range(0x20D0, 0x2C00), *range(0xFB00, 0xFB07)}
# Nothing to see: fillers and selectors would make two names look the same, so they stay code points, as do marks of direction.
UNSEEN = {0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
WIDE_SPACE = 0x3000  # parts the words of Japanese names
# Syllables and kana taken apart, as some file systems do.
JAMO, VOICING = {*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}, {0x3099, 0x309A}


def rows(codec: str, leads: Iterable[int], trails: Iterable[int]) -> set[int]:
    """The letters that a two-byte code has in these rows."""
    trails = tuple(trails)
    found = (bytes([lead, trail]).decode(codec, "ignore") for lead in leads for trail in trails)
    return {ord(letter) for text in found for letter in text if not letter.isascii()}


def file_of(packages: Path, family: str) -> Path:
    """The regular face in the package of a family."""
    name = family.replace(" ", "")
    return packages / family.lower().replace(" ", "-") / "package/400Regular" / f"{name}_400Regular.ttf"


def face_of(family: str) -> Path:
    """Where a family's face lies here."""
    return HERE / f"{family.replace(' ', '')}-Regular.ttf"


def east_asian() -> Iterator[tuple[str, set[int]]]:
    """Three faces whose union is JIS X 0208, GB 2312, KS X 1001 and the frequent letters of Big5, each letter once at least."""
    grid = range(0xA1, 0xFF)
    japan, china, korea = (rows(codec, grid, grid) for codec in ("euc_jp", "gb2312", "euc_kr"))
    taiwan = rows("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *grid))
    yield "Noto Sans JP", japan | VOICING
    yield "Noto Sans SC", china | (taiwan - japan)
    yield "Noto Sans KR", (korea - japan - china - taiwan) | JAMO


def cut(source: Path, letters: set[int], target: Path) -> None:
    """A face with only these letters, under the name that it has, as no name of it is reserved."""
    options = subset.Options()
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.layout_features = ["ccmp", "ljmo", "vjmo", "tjmo", "mark", "mkmk"]
    options.drop_tables += ["BASE", "STAT", "vhea", "vmtx"]
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters & set(font.getBestCmap()))
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def ranges(letters: Iterable[int]) -> str:
    """Code points as `0600-0604 0606 ...`."""
    spans: list[list[int]] = []
    for letter in sorted(letters):
        if spans and letter == spans[-1][1] + 1:
            spans[-1][1] = letter
        else:
            spans.append([letter, letter])
    return " ".join(f"{first:04X}" if first == last else f"{first:04X}-{last:04X}" for first, last in spans)


def shown(face: Path, own: set[int], beside: set[int]) -> set[int]:
    """What a face is for: letters that can be seen, that the report's own faces lack and that don't merely come along."""
    letters = set(TTFont(face).getBestCmap()) - own - UNSEEN - beside
    unseen = ("Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs")
    return {letter for letter in letters if letter == WIDE_SPACE or unicodedata.category(chr(letter)) not in unseen}


def own_letters() -> set[int]:
    """What the report's own faces have, all of them."""
    listed = (HERE.parent / "covered.txt").read_text(encoding="ascii")
    spans = [[int(end, 16) for end in one.split("-")] for one in listed.split()]
    return {letter for bounds in spans for letter in range(bounds[0], bounds[-1] + 1)}


def main(packages: Path) -> None:
    """Write every file but the licences and this one."""
    for family in WHOLE:
        shutil.copyfile(file_of(packages, family), face_of(family))
        woff2.compress(str(face_of(family)), str(face_of(family).with_suffix(".woff2")))
    cuts = dict(east_asian())
    for family, standard in cuts.items():
        cut(file_of(packages, family), standard, face_of(family))
    with (HERE / "faces.csv").open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["family", "letters"])
        letters = {
            family: shown(face_of(family), own_letters(), BESIDE if family in WHOLE else set()) for family in (*WHOLE, *cuts)
        }
        letters["Vazirmatn"] &= letters["Noto Sans Arabic"]  # one of both is enough: a word is never set by two faces
        writer.writerows([family, ranges(covered)] for family, covered in letters.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
