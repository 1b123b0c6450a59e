"""Search from anywhere by reference (`/` or Ctrl+K), and the link to what is on the screen: two quiet controls above every page.

Here: the controls and where a result leads. Not here: what matches (data/search.py), the search of a list (controls.py).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboards import access, markdown
from dashboards.components import links
from dashboards.components.sections import guarded
from dashboards.data import search as data
from dashboards.page import Page, title_path
from promisekept.presentation import labels

_LEADS = {
    "request": ("Requests", "request"),
    "record": ("Retention", "record"),
    "recipient": ("Sharing", "recipient"),
    "finding": ("Findings", "finding"),
}
"""Kind of result -> the page that shows it, and the parameter that holds its key."""


def controls(page: Page, title: str) -> None:
    """Both of them, for the line above a page; only who may see rows can look for one."""
    drawn: dict[str, Any] = {"icon": ":material/search:", "type": "tertiary", "shortcut": "ctrl+k"}
    drawn["help"] = "The key / opens it, too"  # static/page.js
    if access.may("rows") and st.button("Search", key="open_search", **drawn):
        st.dialog("Search", width=560)(_search)(page)
    with st.container(width="content"):  # a fragment has a block of its own, which would take the rest of the line
        _copy(title)


@guarded
def _search(page: Page) -> None:
    words = st.text_input("Request, record set, recipient or finding", key="search_words", max_chars=80, placeholder="HD-10")
    found = data.found(page.ref, words)
    if not found:
        short = len(words.strip()) < data.LEAST
        st.caption(f"Enter at least {data.LEAST} characters of a reference" if short else "Nothing has such a reference")
        return
    with st.container(gap="xxsmall"):
        for row in found:
            title, parameter = _LEADS[row["kind"]]
            more = f" · {labels.label(labels.RIGHTS, row['more'])}" if row["more"] else ""
            label = f"{row['kind'].capitalize()} **{markdown.plain(row['name'])}**{markdown.plain(more)}"
            links.link(title, label, page.carried | {parameter: row["key"]})
    if len(found) >= data.MOST:
        st.caption(f"At most {data.MOST} of a kind are shown")


@st.fragment
def _copy(title: str) -> None:
    """The address of what is on the screen, with a button that copies it; made again when it is opened."""
    with st.popover("Copy link", type="tertiary", icon=":material/link:", key="copy_link", on_change="rerun"):
        here = urlsplit(st.context.url or "")
        query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
        base = f"{here.scheme}://{here.netloc}" if here.netloc else ""
        path = here.path if here.netloc else title_path(title)
        st.code(f"{base}{path}{'?' if query else ''}{query}", language=None, wrap_lines=True)
        st.caption("Opens the same rows for whoever may read them; without a snapshot in it, those of the newest")
