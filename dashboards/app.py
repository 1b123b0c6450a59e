"""The dashboard's front door: what server.py runs for every reader.

Here: which pages there are, and the last line before the reader when one fails. Not here: anything that a page shows.
"""

from __future__ import annotations

import gc
import re
from urllib.parse import urlsplit

import streamlit as st

from dashboards import access, bundling, layout, page, sign_in
from dashboards.access import Reader
from dashboards.components import sections

_PAGE = re.compile(r"^[a-z0-9_-]{1,60}$")


def pages(reader: Reader) -> list[st.Page]:
    """Every page that this reader may open, the first one at `/`."""
    listed = [member for members in page.PAGES.values() for member in members if access.may_open(reader, member[0])]
    listed += [page.SET_UP] if reader.local and bundling.project() else []
    found = [
        st.Page(file, title=name, icon=f":material/{icon}:", url_path=path or None, default=position == 0)
        for position, (file, name, icon, path) in enumerate(listed)
    ]
    asked = _asked()
    if asked and asked not in {path for *_, path in listed}:
        found.append(st.Page("views/missing.py", title="No such page", url_path=asked))
    return found


def _asked() -> str:
    """The page that the address asks for, if it has the form of one: without a page of its own Streamlit shows a dialog."""
    path = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    return path if _PAGE.match(path) else ""


@sections.guarded
def main() -> None:
    """Let in whom a role lets in."""
    reader = access.current()
    if reader is None or reader.role is None:
        sign_in.closed(reader)
        return
    st.navigation(pages(reader), position="hidden").run()
    _set_aside()


@st.cache_resource(show_spinner=False)
def _set_aside() -> None:
    """Once for all readers: what the libraries hold is no garbage, and need not be looked through after each page.

    Streamlit collects all garbage when a script ends, and no message leaves meanwhile: the reader waits for it.
    """
    gc.collect()
    gc.freeze()


layout.style()
main()
