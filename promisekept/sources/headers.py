"""Column names as a file gives them: whether they can be columns at all, and whether they may be repeated.

Here: a file without a header has its first row of data where names should be; such names are never kept, because one of
them may be a person. Not here: whether a name belongs to the contract (mappings.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from promisekept.sources.files import HeldBack
from promisekept.sources.personal import PATTERN

_PERSON = re.compile(f"@|{PATTERN}")
_BARE = re.compile(r"[\d\s:./,+\-TZ]+")
_LONGEST = 100
RESERVED = ("_n", "_row")


def column_names(header: Sequence[str]) -> list[str]:
    """The names under which the columns of a file are known; an empty one by its position.

    Raises:
        HeldBack: a name looks like a person, comes twice (to SQL, case makes no difference) or is reserved.
    """
    names = [name.strip() or f"column_{position}" for position, name in enumerate(header, start=1)]
    if any(_PERSON.search(name) for name in names):
        raise no_header(names)
    lowered = [name.lower() for name in names]
    for name in names:
        if lowered.count(name.lower()) > 1 or name in RESERVED:
            raise HeldBack("duplicate_column", f"The header names `{name}` twice, or that name is reserved.", header)
    return names


def no_header(names: Sequence[str]) -> HeldBack:
    """What holds a file back whose first row is data."""
    says = f"Its first row of {len(names)} cells looks like data, not like column names. Add a header row."
    return HeldBack("unreadable_header", says)


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether a name is a person, a number, a time or a whole text."""
    return any(_PERSON.search(name) or _BARE.fullmatch(name) or len(name) > _LONGEST for name in names)


def shown(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The names as they may be kept: where one looks like data, all but the contract's by their length alone."""
    if not looks_like_data(names):
        return list(names)
    return [name if name in known else f"({len(name)} characters)" for name in names]
