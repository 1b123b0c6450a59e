"""Which code a word of a file probably stands for, in English, German, French and Spanish.

Here: the words of each code (code_words.csv) and the names of jurisdictions. A proposal is written into a draft as a question.
Not here: the draft (draft.py, event_draft.py), or whether a code is allowed.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from promisekept.presentation.labels import jurisdictions
from promisekept.project.sample import plain

_ALIKE = 0.8
_ALIKE_WORDS = 0.9
"""Of a word that stands for a code: `sorted out` is not `opted out`."""
_COUNTRIES = ("country", "country code", "land", "pays", "pais")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def propose(column: str, value: str, codes: Collection[str]) -> str | None:
    """The code that a word probably stands for; None where none does.

    Args:
        column: of the contract.
        value: as the file has it.
        codes: that the column may hold; empty for a jurisdiction.
    """
    if (code := stands_for(column, value, codes)) is not None or column == "jurisdiction":
        return code
    text, words = plain(value), _codes(column, codes)
    named = {plain(code) for code in codes}
    if likely := get_close_matches(text, named, 1, _ALIKE) or get_close_matches(text, words, 1, _ALIKE_WORDS):
        return words[likely[0]]
    inside = [word for word in words if f" {word} " in f" {text} "]
    longest = max(inside, key=len, default=None)
    # Of two codes in one text neither is meant: `access and deletion`.
    others = {words[word] for word in inside if longest is not None and word not in longest}
    return words[longest] if longest is not None and not others - {words[longest]} else None


def stands_for(column: str, value: str, codes: Collection[str]) -> str | None:
    """The code of which a word is a name, as it is written; None where it only resembles one."""
    if column == "jurisdiction":
        return None if _PLACE.fullmatch(value) else _places().get(plain(value))
    return _codes(column, codes).get(plain(value))


def _codes(column: str, codes: Collection[str]) -> Mapping[str, str]:
    """The code of each word."""
    words = {word: code for code, several in _words().get(column, {}).items() if code in codes for word in several}
    return words | {plain(code): code for code in codes}


def is_us_state(header: str, values: Collection[str]) -> bool:
    """Whether all are the letters of states, which alone would be countries: `CA` is Canada, as a column of countries has it."""
    if plain(header) in _COUNTRIES:
        return False
    return bool(values) and all(len(value) == 2 and f"US-{value}" in jurisdictions() for value in values)


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    words: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with (Path(__file__).parent / "code_words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            words[row["column"]][row["code"]] += [plain(one) for one in row["words"].split(";")]
    return words


@cache
def _places() -> Mapping[str, str]:
    """The jurisdiction of each name that only one has: Georgia is a country and a state."""
    named: dict[str, set[str]] = defaultdict(set)
    for code, name in jurisdictions().items():
        named[plain(name)].add(code)
    for code, words in _words()["jurisdiction"].items():
        for word in words:
            named[word].add(code)
    return {name: next(iter(codes)) for name, codes in named.items() if len(codes) == 1}
