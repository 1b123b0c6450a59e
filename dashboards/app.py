"""The dashboard's front door: `streamlit run dashboards/app.py -- --config promisekept.yml`.

Here: which pages there are, and the last line before the reader when one fails. Not here: anything that a page shows.
"""

from __future__ import annotations

import streamlit as st

from dashboards import figures, frame, page


def pages() -> list[st.Page]:
    """Every page that exists, the first one at `/`."""
    listed = [member for members in page.PAGES.values() for member in members]
    return [
        st.Page(file, title=name, icon=f":material/{icon}:", url_path=path or None, default=position == 0)
        for position, (file, name, icon, path) in enumerate(listed)
    ]


frame.style()
figures.guarded(st.navigation(pages(), position="hidden").run)()
