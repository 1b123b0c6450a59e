"""Saved views: a person's own, opened as they were saved, and of nobody else."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from opened_pages import Open

from dashboards import saved_views
from dashboards.saved_views import MOST, View
from promisekept.errors import PromisekeptError


def test_a_view_is_saved_with_its_filters_listed_and_removed(home: Path, open_page: Open) -> None:
    app = open_page("/requests", list="open", right=["access", "erasure"], period="2026-Q2")
    app.text_input(key="view_name").set_value("My rights").run()
    next(one for one in app.button if one.label == "Save this view").click().run()
    (view,) = saved_views.read(home)
    assert (view.person, view.name, view.page) == (getpass.getuser(), "My rights", "Requests")
    assert view.query == {"list": ["open"], "right": ["access", "erasure"], "period": ["2026-Q2"]}
    saved_views.save(home, View("somebody else", "Theirs", "Consent", {}))
    labels = [link.proto.label for link in open_page("/").get("page_link")]
    assert "My rights · Requests" in labels
    assert not any("Theirs" in label for label in labels)
    app = open_page("/")
    app.button(key="remove_view_My rights").click().run()
    assert [one.name for one in saved_views.read(home)] == ["Theirs"]
    saved_views.remove(home, "somebody else", "Theirs")


def test_a_name_is_kept_once_and_no_more_than_a_few_are_kept(tmp_path: Path) -> None:
    for number in range(MOST + 3):
        saved_views.save(tmp_path, View("ann", f"view {number:02d}", "Consent", {}))
    saved_views.save(tmp_path, View("ann", "view 00", "Sharing", {"check": ["not_stopped"]}))
    found = saved_views.read(tmp_path)
    assert [one.name for one in found] == [f"view {number:02d}" for number in range(MOST)]
    assert (found[0].page, found[0].query) == ("Sharing", {"check": ["not_stopped"]})
    (tmp_path / saved_views.FILE).write_text("[]")
    with pytest.raises(PromisekeptError, match="saved again"):
        saved_views.read(tmp_path)
