"""What stands at an address that is no page of this reader's: that there is none, and the way back.

Here: the page that app.py registers for such an address. Not here: who may open which page (access.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import layout


def main() -> None:
    """A message, without repeating the address."""
    layout.open_page("Overview")
    st.title("No such page", anchor=False)
    st.markdown("There is no page at this address, or your role may not open it.")
    st.page_link("views/overview/page.py", label="Overview", icon=":material/arrow_forward:", icon_position="right")


if __name__ == "__main__":
    main()
