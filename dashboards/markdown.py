"""Text of a snapshot as Markdown: a value shows exactly its characters, whatever they are.

Here: escaping, and the two lines about a promise that hold text of the pack. Not here: how numbers and dates are written
(promisekept/presentation/formats.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from promisekept.presentation import formats
from promisekept.presentation.labels import NO_OWNER

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&])")


def plain(text: object) -> str:
    """A value as Markdown that shows exactly its characters: no link, no badge, no formula, no tag."""
    flat = " ".join(str(text).split())
    return _MARKDOWN.sub(r"\\\1", flat)


def code(text: object) -> str:
    """A code, or the id of a system, recipient or source, for which a snapshot holds no name; what would end it is left out."""
    return "`" + " ".join(str(text).replace("`", "").split()) + "`"


def opens(text: object, path: str, query: Mapping[str, str]) -> str:
    """A link to a page of ours by its path (`./` is the overview), with what its address carries."""
    return f"[{plain(text)}]({path}{'?' + urlencode(query) if query else ''})"


def owner(name: str | None, due: date | None) -> str:
    """The owner of a promise and the day by which what is missed is to be remedied, as the pack names them."""
    return (plain(name) if name else NO_OWNER) + (f", remedy due {formats.day(due)}" if due else "")


def exception(row: Mapping[str, Any]) -> str:
    """An exception that the organisation granted itself, and that it changes no verdict."""
    scope = plain(row["scope"]) if row["scope"] else "the whole control"
    return (
        f"Exception {plain(row['exception_id'])} ({scope}): {plain(row['reason'])}. Approved by: {plain(row['approved_by'])}, "
        f"until {formats.day(row['last_day'])}. The verdict is what it would be without it."
    )
