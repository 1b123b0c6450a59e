"""Words that the glossary replaced, and the texts of a module, for the tests that look for the one in the other.

Here: the right column of the glossary's table "What a compliance officer reads", carried in glossary.csv; words that comments and
docstrings do not use, carried in glossary_words.csv; names that hold no noun. Not here: assertions.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY: dict[str, str] = {
    row["not"]: row["say"] for row in csv.DictReader((Path(__file__).parent / "glossary.csv").read_text("utf-8").splitlines())
}
WORDS: dict[str, str] = {
    row["not"]: row["say"]
    for row in csv.DictReader((Path(__file__).parent / "glossary_words.csv").read_text("utf-8").splitlines())
}
NO_NOUNS = {"counted", "given", "held", "judged", "known", "made", "said", "told"}
"""Participles that name no row: a CTE is called by what one row of it is."""
NO_VARIABLES = NO_NOUNS - {"counted", "given", "made"} | {"says"}
"""The same for variables of Python, where the other three have a meaning in some place."""
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
_WORD = re.compile(rf"(?<![\w`./-])({'|'.join(WORDS)})(?![\w`:/-]|\.\w)", re.IGNORECASE)
_SQL_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
_CTE = re.compile(r"(?:\bwith\s+|\),?\s*|^)(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\(", re.MULTILINE)


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


def home_made(text: str) -> list[str]:
    """Each word of a text that the glossary replaced, with what to say; a name in backticks or before a colon is no word."""
    return [f"{found.group()!r}: say {WORDS[found.group().lower()]}" for found in _WORD.finditer(text)]


def comments(file: Path) -> Iterator[str]:
    """The comments and docstrings of a module or a model."""
    source = file.read_text(encoding="utf-8")
    if file.suffix == ".sql":
        yield from _SQL_COMMENT.findall(source)
        return
    yield from (
        token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT
    )
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def ctes(file: Path) -> set[str]:
    """The names of a model's CTEs."""
    return set(_CTE.findall(file.read_text(encoding="utf-8")))


def variables(file: Path) -> set[str]:
    """The names that a module's functions assign or take; a field of a class is none."""
    names = set()
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
                elif isinstance(node, ast.arg):
                    names.add(node.arg)
    return names
