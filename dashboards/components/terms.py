"""The definition behind a term: a quiet link in a sentence, and all terms in a drawer.

Here: which terms a sentence links, and the drawer. Not here: the definitions (promisekept/presentation/glossary.py), showing one
when its link is clicked (static/page.js). A pointer that rests on the link and a screen reader get it without that.
"""

from __future__ import annotations

import re

import streamlit as st

from dashboards import markdown, parameters
from promisekept.presentation import glossary

_EVERYDAY = frozenset(
    {
        "Accepted",
        "As of",
        "Bundle",
        "Cause",
        "Control",
        "Excluded",
        "Finding",
        "Kept",
        "Missed",
        "No case",
        "Not yet due",
        "Snapshot",
    }
)
"""Terms that are ordinary words inside a sentence, too: the drawer has them, a sentence links none."""
_DEFINED = {term.casefold(): (term, text) for term, text in glossary.definitions().items()}
_LINKED = sorted((key for key, (term, _) in _DEFINED.items() if term not in _EVERYDAY), key=len, reverse=True)
_FOUND = re.compile(
    r"`[^`]*`|!?\[[^\]]*\]\([^)]*\)|:[a-z-]+\[[^\]]*\]|(?<![\w-])(" + "|".join(map(re.escape, _LINKED)) + r")(?![\w-])",
    re.IGNORECASE,
)
"""Code, links and badges, which stay as they are, or a term."""


def definition(term: str) -> str | None:
    """What a term means, if the glossary has it and this is no paper."""
    found = None if parameters.printing() else _DEFINED.get(term.casefold())
    return found[1] if found else None


def linked(text: str) -> str:
    """Markdown whose terms lead to their definitions, each where it stands first; on paper as it is."""
    if parameters.printing():
        return text
    before: set[str] = set()

    def link(found: re.Match[str]) -> str:
        key = (found[1] or "").casefold()
        if not key or key in before:
            return found[0]
        before.add(key)
        term, meaning = _DEFINED[key]
        anchor = re.sub(r"[^a-z0-9]+", "-", term.casefold()).strip("-")
        quoted = meaning.replace('"', '\\"')
        return f'[{found[0]}](#term-{anchor} "{quoted}")'

    return _FOUND.sub(link, text)


@st.fragment
def control() -> None:
    """The button that opens all of them."""
    if st.button("Glossary", icon=":material/menu_book:", type="tertiary", key="glossary"):
        st.dialog("Glossary", width=560, position="right")(_every)()


def _every() -> None:
    entries = [f"**{markdown.plain(term)}**  \n{markdown.plain(text)}" for term, text in glossary.definitions().items()]
    with st.container(gap="small"):
        for entry in entries:
            st.markdown(entry)
