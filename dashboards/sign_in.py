"""What stands before the first page: signing in, and the screen of whom no role lets in.

Here: the two screens, and who reads at the foot of the sidebar. Not here: who somebody is (access.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import access, markdown
from dashboards.access import Reader
from promisekept.config.dashboard import Role

WORDS: dict[Role, str] = {
    "viewer": "Viewer: figures",
    "officer": "Officer: figures, rows, evidence",
    "auditor": "Auditor: figures, rows, downloads",
    "admin": "Administrator",
}


def closed(reader: Reader | None) -> None:
    """Draw the door: a button for who is not signed in, and the way out for who is not let in."""
    with st.container(width=420, gap="medium"):
        if reader is None:
            st.title("Sign in", anchor=False)
            st.markdown(
                "promisekept shows whether the promises of a privacy policy were kept. Your organisation decides who reads it."
            )
            st.button("Sign in", icon=":material/login:", on_click=_log_in)
            return
        st.title("Nothing to show for you", anchor=False)
        st.markdown(
            f"You are signed in as **{markdown.plain(reader.name)}**, and none of your groups has a role here. "
            "Whoever runs promisekept can give you one."
        )
        st.button("Sign out", icon=":material/logout:", on_click=st.logout)


def foot(reader: Reader) -> None:
    """Who reads, in which role; nothing where only this machine can."""
    if reader.local or reader.role is None:
        return
    with st.container(gap=None):
        st.caption(markdown.plain(reader.name))
        st.caption(WORDS[reader.role])
        st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout)


def _log_in() -> None:
    sign_in = access.configured().sign_in
    st.login(sign_in.provider if sign_in else None)
