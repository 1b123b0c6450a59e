"""Column names as a file gives them: whether they can be columns at all, and which of them may be shown.

Here: a file without a header has its first row of data where names should be, and one of them may be a person; so a name is
shown only where the contract or the source's own configuration has it, any other by position, length and keyed hash. Not
here: whether a name belongs to the contract (landing/mapping.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from promisekept.config.source import Source
from promisekept.sources.contract import Log
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.personal_data import PATTERN
from promisekept.sources.zone.keys import Key

_PERSON = re.compile(f"@|{PATTERN}")
_BARE = re.compile(r"[\d\s:./,+\-TZ]+")
_WORD = re.compile(r'"((?:[^"]|"")+)"|(\w+)')
_LONGEST = 100
MOST_COLUMNS = 4096
RESERVED = ("_n", "_row")


def column_names(header: Sequence[str]) -> list[str]:
    """The names of the columns of a file as messages show them; an empty one by its position.

    Raises:
        RejectedFileError: there are too many; a name looks like a person, comes twice (to SQL, case makes no difference) or
            is reserved.
    """
    require_few(header)
    names = [name.strip() or f"column_{position}" for position, name in enumerate(header, start=1)]
    if any(_PERSON.search(name) for name in names):
        raise no_header(names)
    first: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if name in RESERVED:
            raise RejectedFileError(
                "duplicate_column", f"Column {position} of its header is called `{name}`, which is reserved.", header
            )
        if (before := first.setdefault(name.lower(), position)) != position:
            message = f"Columns {before} and {position} of its header have one name. Name each column once."
            raise RejectedFileError("duplicate_column", message, header)
    return names


def require_few(header: Sequence[str]) -> None:
    """Reject a header that would make a table which no database holds.

    Raises:
        RejectedFileError: it has more than `MOST_COLUMNS` names.
    """
    if len(header) > MOST_COLUMNS:
        message = f"It has more than {MOST_COLUMNS:,} columns. Set `reader.delimiter`, or deliver a table of fewer."
        raise RejectedFileError("too_many_columns", message)


def no_header(names: Sequence[str]) -> RejectedFileError:
    """What rejects a file whose first row is data."""
    message = f"Its first row of {len(names)} cells looks like data, not like column names. Add a header row."
    return RejectedFileError("unreadable_header", message)


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether a name is a person, a number, a time or a whole text."""
    return any(_PERSON.search(name) or _BARE.fullmatch(name) or len(name) > _LONGEST for name in names)


def showable(log: Log, source: Source) -> set[str]:
    """The names that the contract or the source's configuration holds anyhow, in lower case."""
    mapping = "" if source.mapping is None else source.mapping.read_text(encoding="utf-8", errors="replace")
    history = () if source.history is None else (*source.history.key, *source.history.watch, source.history.changed_at or "")
    words = (quoted or word for quoted, word in _WORD.findall(f"{mapping} {source.skip or ''}"))
    configured = (*source.reader.ignore_columns, *source.own_columns, *history, *(one.column for one in source.decode), *words)
    return {name.lower() for name in (*log.names, *configured)}


def shown(position: int, name: str, showable_names: set[str]) -> str:
    """A name as a message may show it: as it is, or by position (from 1) and length."""
    return f"`{name}`" if name.lower() in showable_names else f"column {position} (a name of {len(name)} characters)"


def ledger_names(names: Sequence[str], showable_names: set[str], key: Key) -> list[str]:
    """The names as the ledger keeps them: an unknown one by position, length and keyed hash, by which it is recognised again."""
    return [
        name
        if name.lower() in showable_names
        else f"(column {position}: {len(name)} characters, hash {key.digest(f'column:{name}')})"
        for position, name in enumerate(names, start=1)
    ]
