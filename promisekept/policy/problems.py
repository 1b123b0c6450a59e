"""What is wrong with a pack: one problem per place, each with file, line, value and remedy.

Here: the shape of a problem and how several become one error. Not here: finding them (loading.py, coverage.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promisekept.errors import PackError


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a pack.

    Attributes:
        file: name of the file inside the pack, or of the shipped one.
        line: line of that file, 1 for the header, 0 for the file as a whole.
        says: what is wrong, with the value.
        remedy: what to do about it.
    """

    file: str
    line: int
    says: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.says}\n  {self.remedy}"


def refuse(problems: Sequence[Problem]) -> None:
    """Raise them all as one error; nothing happens where there are none.

    Raises:
        PackError: there is at least one; the message holds each, in order of file and line.
    """
    if problems:
        raise PackError("\n".join(str(problem) for problem in sorted(set(problems))))
