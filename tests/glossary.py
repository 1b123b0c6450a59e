"""What people are not to read any more, and the prose of a module, for the tests that look for the one in the other.

Here: the right column of the glossary's table "What a compliance officer reads", carried in glossary.csv. Not here: assertions.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY: dict[str, str] = {
    row["not"]: row["say"] for row in csv.DictReader((Path(__file__).parent / "glossary.csv").read_text("utf-8").splitlines())
}
_LABELS = {"Place", "Earlier", "Roll", "Not stated", "Numbers: by month"}
"""Terms that are everyday words inside a sentence: there they are looked for as a label, by their capital letter."""
_CODE = re.compile(r"[\w.:;,=\-/*%]*")
_SQL = re.compile(r"\b(select|from marts|case when|order by|count\(|filter \()")


def _pattern(term: str) -> re.Pattern[str]:
    text = re.escape("Numbers:" if term.startswith("Numbers:") else term)
    if term == "Match rate":
        return re.compile(r"(?<!identity )\bmatch rate\b", re.IGNORECASE)
    if term in ("Earlier", "Roll"):
        return re.compile(rf"^{term}$")
    return re.compile(rf"(?<![\w-]){text}(?![\w])", 0 if term in _LABELS else re.IGNORECASE)


_PATTERNS = {term: _pattern(term) for term in GLOSSARY}


def not_to_be_read(texts: Iterable[str], *, labels: bool = False) -> list[str]:
    """Each text that says what the glossary replaced, with what to say; `labels` = only where it stands as a label."""
    return [
        f"{text!r}: say `{GLOSSARY[term]}`, not `{term}`"
        for text in texts
        for term, pattern in _PATTERNS.items()
        if any(
            found.group()[0].isupper() or not labels or term[0].islower() for found in pattern.finditer(" ".join(text.split()))
        )
    ]


def prose(file: Path) -> Iterator[str]:
    """The strings of a module that people may read: no docstring, no code, no SQL."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            is_code = _CODE.fullmatch(text) and (text == text.lower() or "_" in text)
            if not is_code and not _SQL.search(text):
                yield text
