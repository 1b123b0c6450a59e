"""What a person still has to answer in a project: comments that begin with a question mark.

Here: finding them in promisekept.yml and in mappings. A question is answered by removing the
comment. Not here: whether the answer is right; landing validates what the mapping yields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_IN_YAML = re.compile(r"# \? (.+)$")
_IN_SQL = re.compile(r"^\s*-- \? (.+)$")
_MORE_SQL = re.compile(r"^\s*--   (.+)$")


@dataclass(frozen=True)
class Question:
    """One question: its file, relative to the project's folder where it lies below it, its line, and its text."""

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.says}"


def open_questions(base: Path, files: Iterable[Path]) -> list[Question]:
    """All that are left in the given files, in their order.

    Args:
        base: the project's folder.
        files: promisekept.yml and the mappings.
    """
    found: list[Question] = []
    for path in files:
        file = str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
        found += [Question(file, line, message) for line, message in _asked(path)]
    return found


def _asked(path: Path) -> Iterator[tuple[int, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if path.suffix != ".sql":
            if found := _IN_YAML.search(line):
                yield number, found[1]
        elif found := _IN_SQL.match(line):
            message = [found[1]]
            for more in lines[number:]:
                if not (rest := _MORE_SQL.match(more)):
                    break
                message.append(rest[1])
            yield number, " ".join(message)
