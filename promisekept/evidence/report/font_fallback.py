"""Which fonts a report needs besides its own, and what no font of ours can set.

Here: the letters that the report's own faces have (fonts/covered.txt), those that other faces are for (fonts/noto/faces.csv),
the order in which a report asks them, and the two kinds of text that an order of fonts alone gets wrong: Han letters, which
Japan, China and Korea draw each in their way, and words that run from right to left. Not here: how a template uses them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"

# A stretch of East Asian text, for regular expressions of Python and of typst: jamo, kana, Han, Hangul, full width.
EAST_ASIAN = "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uffee]+"
_KANA, _HANGUL = re.compile("[\u3040-\u30ff]"), re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
_EAST = _CHINA, _JAPAN, _KOREA = ("Noto Sans SC", "Noto Sans JP", "Noto Sans KR")

_TURNED = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# A stretch that runs from right to left: from such a letter to the last one that no Latin list or bracket parts from it, so that
# a Latin word inside of a name stays inside, and a date after the name stays outside. For Python and for typst, so no look-ahead.
RIGHT_TO_LEFT = f"[{_TURNED}](?:(?:[^\n,;:|/·()]*|[^\nA-Za-z]*)[{_TURNED}])*(?:[.!]+$)?"


@dataclass(frozen=True, slots=True)
class Face:
    """A face for a script that the report's own lack, and the letters that it is for."""

    family: str
    file: Path
    letters: frozenset[str]

    @property
    def page_file(self) -> Path | None:
        """The same face for the page, or none: readers of East Asian text have fonts, and ours would be most of a page."""
        file = self.file.with_suffix(".woff2")
        return file if file.exists() else None


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces that a report asks in turn after its own, the families for each stretch of East Asian text, and if words turn."""

    chain: tuple[Face, ...]
    east_asian: dict[str, tuple[str, ...]]
    turns: bool


def faces_for(data: Any) -> Faces:
    """What the texts of a report need; nothing for a report in Latin, Greek or Cyrillic script.

    A stretch of East Asian text is set by the first face that has all of it: Japan's if there is kana in it, Korea's if there
    is Hangul, else by what the whole report has of both, else China's.
    """
    whole = "\n".join(text for text in texts_of(data) if _foreign().search(text))
    chain = _needed(set(_foreign().findall(whole)))
    others = [face for face in chain if face.family in _EAST]
    stretches = {
        stretch: _families(stretch, others, _order(stretch) or _order(whole) or _EAST)
        for stretch in sorted(set(re.findall(EAST_ASIAN, whole)))
    }
    default = _order(whole) or _EAST
    chain = sorted(chain, key=lambda face: default.index(face.family) if face.family in default else -1)
    return Faces(tuple(chain), stretches, turns=re.search(RIGHT_TO_LEFT, whole) is not None)


def settable(text: str) -> str:
    """A text in which every letter that no committed face has is written as its code point, `(U+12000)`."""
    return _unsettable().sub(lambda match: "".join(f"(U+{ord(letter):04X})" for letter in match.group(0)), text)


def texts_of(data: Any) -> Iterator[str]:
    """Every text of a report as data, but for drawings, which hold no words but ours."""
    if isinstance(data, str):
        if not data.startswith("<svg "):
            yield data
    elif isinstance(data, (dict, list, tuple)):
        for value in data.values() if isinstance(data, dict) else data:
            yield from texts_of(value)


def _needed(letters: set[str]) -> list[Face]:
    """The fewest faces in their order: those that alone have a letter, then the first for each letter that is left."""
    having = {letter: [face for face in _faces() if letter in face.letters] for letter in letters}
    needed = {faces[0].family for faces in having.values() if len(faces) == 1}
    for _, faces in sorted(having.items()):
        if not needed & {face.family for face in faces}:
            needed.add(faces[0].family)
    if needed & set(_EAST):
        needed |= set(_EAST)
    return [face for face in _faces() if face.family in needed]


def _order(text: str) -> tuple[str, ...]:
    """The East Asian families for a text whose letters determine its language; empty where they don't."""
    if _KANA.search(text):
        return (_JAPAN, _CHINA, _KOREA)
    return (_KOREA, _JAPAN, _CHINA) if _HANGUL.search(text) else ()


def _families(stretch: str, faces: list[Face], order: tuple[str, ...]) -> tuple[str, ...]:
    able = sorted(faces, key=lambda face: (not set(stretch) <= face.letters, order.index(face.family)))
    return tuple(face.family for face in able)


@cache
def _faces() -> tuple[Face, ...]:
    files = ((row, FONTS / "noto" / f"{row['family'].replace(' ', '')}-Regular.ttf") for row in _rows())
    return tuple(Face(row["family"], file, _letters(row["letters"])) for row, file in files)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (FONTS / "noto" / "faces.csv").open(encoding="ascii", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _foreign() -> re.Pattern[str]:
    return re.compile(f"[{_class(*(row['letters'] for row in _rows()))}]")


@cache
def _unsettable() -> re.Pattern[str]:
    """What no committed face has. Joiners shape the word that they stand in, but only after a letter of another script."""
    own, foreign = (FONTS / "covered.txt").read_text(encoding="ascii"), [row["letters"] for row in _rows()]
    return re.compile(f"[^{_class(own, *foreign)}\n\u200c\u200d]+|(?<![{_class(*foreign)}])[\u200c\u200d]+")


def _letters(ranges: str) -> frozenset[str]:
    ends = ([int(end, 16) for end in one.split("-")] for one in ranges.split())
    return frozenset(chr(letter) for end in ends for letter in range(end[0], end[-1] + 1))


def _class(*ranges: str) -> str:
    return "".join("-".join(f"\\U{int(end, 16):08x}" for end in one.split("-")) for some in ranges for one in some.split())
