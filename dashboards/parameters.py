"""What may stand in a page's address, and nothing else.

Here: reading and writing `st.query_params` against allow-lists. A value that is not on its list is dropped and the
default used; it is neither reported nor shown again. Defaults are left out of the address. Not here: any query.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

import streamlit as st

SNAPSHOT = re.compile(r"^\d{4,9}-[0-9a-f]{6,64}$")
_KEY = re.compile(r"^[0-9a-f]{32}$")
_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
MOST = 200
"""No parameter of ours is longer."""


def one(name: str, allowed: Collection[str], default: str | None = None) -> str | None:
    """The value of a parameter, if it is on the list."""
    value = st.query_params.get(name)
    return value if value is not None and value in allowed else default


def several(name: str, allowed: Collection[str]) -> tuple[str, ...]:
    """The values of a repeatable parameter that are on the list, in its order, each once."""
    chosen = set(st.query_params.get_all(name))
    return tuple(value for value in allowed if value in chosen)


def text(name: str, limit: int = MOST) -> str:
    """A value that no list can hold (a search, a key): printable, bounded; it only ever becomes a bound parameter."""
    value = st.query_params.get(name, "")
    return value if len(value) <= limit and value.isprintable() else ""


def key(name: str) -> str | None:
    """The key of a finding or a figure, if it has the form of one."""
    value = st.query_params.get(name, "")
    return value if _KEY.match(value) else None


def snapshot() -> str | None:
    """The pinned snapshot's id, if it has the form of one."""
    value = st.query_params.get("snapshot", "")
    return value if SNAPSHOT.match(value) else None


def day(name: str, first: date = date.min, last: date = date.max) -> date | None:
    """A local date written as `2026-09-30`, between two others; a control offers no other and accepts none."""
    value = st.query_params.get(name, "")
    if not _DAY.match(value):
        return None
    try:
        given = date.fromisoformat(value)
    except ValueError:
        return None
    return given if first <= given <= last else None


def number(name: str, least: int, most: int) -> int:
    """A page number within its bounds."""
    value = st.query_params.get(name, "")
    return min(max(int(value), least), most) if value.isascii() and value.isdigit() and len(value) < 9 else least


def printing() -> bool:
    """Whether the page is asked for as a sheet of paper."""
    return one("print", ("1",)) is not None


def others(*without: str) -> dict[str, list[str]]:
    """All parameters of the address but some, for a link to the same page."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in without}


def put(name: str, value: str | Sequence[str] | None, default: str | None = None) -> None:
    """Write a parameter; a default or an empty one leaves the address."""
    if not value or value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = list(value) if not isinstance(value, str) else value


def drop(names: Iterable[str]) -> None:
    """Take parameters out of the address."""
    for name in names:
        st.query_params.pop(name, None)
