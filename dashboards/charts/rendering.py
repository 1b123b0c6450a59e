"""From a chart to what the browser is sent, built once for the same numbers.

Here: `drawn`, which every chart of a page wears. Not here: any chart, or putting one on a page (theme.py).

Altair copies and checks a chart many times while it is put together, which takes longer than all the questions of a page. So
what came of it is remembered by the numbers that were drawn, for all readers, and checked against the schema in the tests.
"""

from __future__ import annotations

import functools
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st
from altair.utils import schemapi

Given = ParamSpec("Given")
CHECKED = False
"""Whether each chart is validated against the schema of Vega-Lite; the tests do."""
_BY_NAME = "by_name"
_ENABLED = threading.Lock()
"""What Altair makes of frames is set for the whole process."""


@dataclass(frozen=True)
class Drawing:
    """A chart in Vega-Lite, without its frames.

    Attributes:
        specification: what is drawn; data by name.
        frames: the named data, as Arrow's stream format.
    """

    specification: dict[str, Any]
    frames: dict[str, bytes]


def drawn(chart: Callable[Given, alt.TopLevelMixin]) -> Callable[Given, Drawing]:
    """Let a function that makes a chart of numbers give the drawing of it."""

    @functools.wraps(chart)
    def remembered(*given: Given.args, **named: Given.kwargs) -> Drawing:
        numbers = pickle.dumps((given, named))
        return _remembered(f"{chart.__module__}.{chart.__qualname__}", numbers, functools.partial(chart, *given, **named))

    return remembered


@st.cache_data(max_entries=512, show_spinner=False)
def _remembered(name: str, numbers: bytes, _chart: Callable[[], alt.TopLevelMixin]) -> Drawing:
    with schemapi.debug_mode(CHECKED):
        return _drawing(_chart())


def _drawing(chart: alt.TopLevelMixin) -> Drawing:
    frames: dict[str, bytes] = {}

    def named(data: Any) -> dict[str, str]:
        if not isinstance(data, pd.DataFrame):
            message = f"A chart is drawn from frames, not from {type(data).__name__}."
            raise TypeError(message)
        name = f"frame_{len(frames)}"
        frames[name] = _stream(data)
        return {"name": name}

    with _ENABLED:
        alt.data_transformers.register(_BY_NAME, named)
        with alt.data_transformers.enable(_BY_NAME), alt.theme.enable("none"):
            specification = chart.to_dict(validate=CHECKED)
    return Drawing(specification, frames)


def _stream(data: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(data, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
