"""How a question is put to a snapshot.

Here: running SQL with bound values, and the cache that goes by snapshot. Not here: any SQL of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import pandas as pd
import streamlit as st

from dashboards.data import asked
from dashboards.snapshots import Ref, cursor
from promisekept.publishing import reader

Function = TypeVar("Function", bound=Callable[..., Any])
Row = reader.Row
_ALL = 2**62


def cached(question: Function) -> Function:
    """Remember the answers of a question whose first argument is a snapshot's `Ref`; a snapshot never changes."""
    answer = st.cache_data(question, max_entries=512, show_spinner=False)

    @wraps(question)
    def ask(*arguments: Any, **named: Any) -> Any:
        asked.remember(answer, arguments, named)
        return answer(*arguments, **named)

    ask.clear = answer.clear  # type: ignore[attr-defined]
    return cast(Function, ask)


def every(listed: Callable[..., list[Row]], *arguments: Any) -> list[Row]:
    """All rows of a list that a page asks for a few at a time, to be taken away; nothing is kept of them.

    Args:
        listed: a question whose last argument is the first row and the one after the last.
        arguments: its other arguments.
    """
    question: Callable[..., list[Row]] = getattr(listed, "__wrapped__", listed)  # past the cache, where it has one
    return question(*arguments, (0, _ALL))


def rows(ref: Ref, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """Every row of an answer, as dictionaries."""
    return reader.rows(cursor(ref), sql, values)


def first(ref: Ref, sql: str, values: Mapping[str, Any] | None = None) -> Row:
    """The only row of an answer that has exactly one, or an empty dictionary."""
    found = rows(ref, sql, values)
    return found[0] if found else {}


def table(ref: Ref, sql: str, values: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """An answer as a frame, for a chart; names of columns are kept where there is no row."""
    answer = cursor(ref).execute(sql, dict(values or {}))
    names = [column[0] for column in answer.description]
    return pd.DataFrame.from_records(answer.fetchall(), columns=names)
