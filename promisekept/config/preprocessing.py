"""What is done to the rows of a source before its mapping sees them: encoded columns are decoded, changes are captured.

Here: the two keys of a source that ask for it. Not here: doing it (sources/extract/decoding.py,
sources/landing/table_changes.py) and how the rows are read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from promisekept.frozen import Frozen


class Decode(Frozen):
    """A column that holds an encoded consent string; its decoded values are added as columns of its own."""

    column: str
    kind: Literal["tcf", "gpp"] = Field(alias="as")


class History(Frozen):
    """A source that keeps no history of its own: each delivery is compared with what was seen before.

    Attributes:
        kind: how changes are found.
        key: the columns that name a row.
        watch: the columns whose change is a change; all but the key and `changed_at` where empty.
        changed_at: the row's own account of when it changed.
        gone: the event that a row's disappearance is. Set it only where each delivery is the whole table;
            a source that is asked gives it without a cursor, on one page.
    """

    kind: Literal["snapshot"]
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    watch: tuple[str, ...] = ()
    changed_at: str | None = None
    gone: str | None = None
