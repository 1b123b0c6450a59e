"""A person's saved views: a page with what its address carries, under a name of their own; `views.json` below home.

Here: the file, and the popover that lists, saves and removes. Not here: what an address may carry (parameters.py checks each
value whenever a page is opened, so a view that a snapshot no longer holds opens the page with its defaults).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import export
from dashboards.components.links import leads_to
from dashboards.page import PAGES, Page
from promisekept.durable import json_bytes, replace_durably
from promisekept.errors import PromisekeptError
from promisekept.system_errors import GRANT

FILE = "views.json"
MOST = 20
"""How many views a person may keep."""
_NAME = 60
_LEFT_OUT = ("print", "page")


@dataclass(frozen=True, slots=True)
class View:
    """One view: whose, under which name, which page, and the parameters of its address."""

    person: str
    name: str
    page: str
    query: dict[str, list[str]]


def read(home: Path) -> list[View]:
    """Every view, by person and name.

    Raises:
        PromisekeptError: the file is not what it was.
    """
    try:
        return [View(**one) for one in json.loads((home / FILE).read_bytes())["views"]]
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise PromisekeptError(f"{home / FILE}: this account may not read it.\n  {GRANT}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PromisekeptError(f"{home / FILE}: it can't be read.\n  Remove it; saved views are saved again.") from error


def save(home: Path, view: View) -> None:
    """Keep a view, in place of one of the same name; beyond MOST views of a person nothing is kept."""

    def with_view(found: list[View]) -> list[View]:
        others = [one for one in found if (one.person, one.name) != (view.person, view.name)]
        return [*others, view] if sum(one.person == view.person for one in others) < MOST else found

    _change(home, with_view)


def remove(home: Path, person: str, name: str) -> None:
    """Remove a view of a person, if there is one."""
    _change(home, lambda found: [one for one in found if (one.person, one.name) != (person, name)])


def _change(home: Path, change: Callable[[list[View]], list[View]]) -> None:
    descriptor = os.open(home / ".views", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        found = sorted(change(read(home)), key=lambda one: (one.person, one.name))
        replace_durably(home / FILE, json_bytes({"views": [asdict(one) for one in found]}))
    finally:
        os.close(descriptor)


def popover(page: Page, title: str) -> None:
    """The reader's views, each a link, and saving what is shown just now."""
    home, (person, _) = Path(page.ref.home), export.reader()
    titles = {name for members in PAGES.values() for _, name, _, _ in members}
    with st.popover("Views", type="tertiary", icon=":material/bookmark:"):
        own = [one for one in read(home) if one.person == person and one.page in titles]
        if not own:
            st.caption("No view is saved yet. A view keeps this page with its period and filters")
        for one in own:
            file = leads_to(one.page)
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                if file is not None:
                    st.page_link(file, label=f"{markdown.plain(one.name)} · {one.page}", query_params=one.query)
                st.button(
                    "Remove", key=f"remove_view_{one.name}", type="tertiary", on_click=remove, args=(home, person, one.name)
                )
        name = st.text_input("Name of this view", max_chars=_NAME, key="view_name").strip()
        query = parameters.others(*_LEFT_OUT)
        view = View(person, name, title, query)
        st.button("Save this view", disabled=not (name and name.isprintable()), on_click=save, args=(home, view))
