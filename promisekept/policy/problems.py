"""What is wrong with a pack: one problem per place, each with file, line, value and remedy.

Here: the shape of a problem, the remedy for a mistyped code, and how several become one error. Not here: finding them
(loading.py, coverage.py, catalogue.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from promisekept.errors import PackError


@dataclass(frozen=True, order=True)
class PackProblem:
    """One thing that is wrong with a pack.

    Attributes:
        file: name of the file inside the pack, or of the shipped one.
        line: line of that file, 1 for the header, 0 for the file as a whole.
        message: what is wrong, with the value.
        remedy: what to do about it.
    """

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message}\n  {self.remedy}"


def nearest(value: object, choices: Collection[str], otherwise: str = "Add it there first.") -> str:
    """The remedy for a code that is not known: the one that was probably meant, all of them where they are few, or another."""
    near = get_close_matches(str(value), list(choices), n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    if len(choices) > 12 or not choices:
        return otherwise
    return f"Known: {', '.join(sorted(choices))}"


def raise_problems(problems: Sequence[PackProblem]) -> None:
    """Raise them all as one error; nothing happens where there are none.

    Raises:
        PackError: there is at least one; the message holds each, in order of file and line.
    """
    if problems:
        raise PackError("\n".join(str(problem) for problem in sorted(set(problems))))
