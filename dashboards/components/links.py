"""Links from one page to the next: only to pages that this reader may open.

Here: one quiet link with an arrow. Not here: the sidebar (layout.py), or who may open what (access.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboards import access, parameters
from dashboards.components import paper
from dashboards.page import file_of


def leads_to(title: str) -> str | None:
    """The file of a page; None where this reader may not open it."""
    reader, file = access.current(), file_of(title)
    return file if reader is not None and access.may_open(reader, file) else None


def link(title: str, label: str, query: Mapping[str, str], icon: str = "arrow_forward") -> None:
    """A link to a page, or nothing where it leads nowhere."""
    file = leads_to(title)
    if parameters.printing():
        paper.words(title, label)
    elif file is not None:
        st.page_link(file, label=label, icon=f":material/{icon}:", icon_position="right", query_params=dict(query))
