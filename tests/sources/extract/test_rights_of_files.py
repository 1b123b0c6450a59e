"""Deliveries that the account of the run may not read: each is named, and none is taken for nothing."""

from __future__ import annotations

import pytest
from file_rights import enforced
from source_project import Project, answered, received

from promisekept.errors import LandingError
from promisekept.sources.extract.files import find_files


def test_a_file_that_may_not_be_read_is_rejected_once_and_lands_once_it_may(project):
    """It ended every run as a fault of the program, and no figure was published again until somebody saw why."""
    closed = project.file("a.csv", [received()])
    project.file("b.csv", [answered()])
    closed.chmod(0)
    with enforced():
        first, second = project.land()
        assert (first.path, first.held_back, second.held_back) == ("inbox/a.csv", "not_readable", None)
        assert "may not read it" in first.says
        assert project.land() == []
    assert project.query("select reason from landing.held_back") == [("not_readable",)]
    closed.chmod(0o600)
    with enforced():
        assert project.land_one().counts["landed"] == 1
    assert project.query("select count(*) from landing.held_back") == [(0,)]


def test_a_file_that_has_landed_may_be_closed(project):
    closed = project.file("a.csv", [received()])
    project.land()
    closed.chmod(0)
    with enforced():
        assert project.land() == []


@pytest.mark.parametrize(
    ("pattern", "folder", "mode"),
    [
        ("inbox/*.csv", "inbox", 0),
        ("inbox/*.csv", "inbox", 0o300),
        ("inbox/*.csv", "inbox", 0o600),
        ("inbox/today/a.csv", "inbox", 0),
        ("inbox/*/a.csv", "inbox/today", 0),
        ("inbox/*/*.csv", "inbox/today", 0o300),
        ("inbox/**/*.csv", "inbox/today", 0),
        ("inbox/**/*.csv", "inbox/today/more", 0),
        ("inbox/**/a.csv", "inbox/today/more", 0o600),
    ],
)
def test_a_folder_that_may_not_be_listed_is_named_and_not_taken_for_empty(project, pattern, folder, mode):
    """It looked as if nothing had been delivered."""
    (project.folder / "inbox/today/more").mkdir(parents=True)
    project.file("today/a.csv", [received()])
    project.source(path=pattern)
    closed = project.folder / folder
    before = closed.stat().st_mode
    closed.chmod(mode)
    try:
        with enforced(), pytest.raises(LandingError) as caught:
            project.land()
    finally:
        closed.chmod(before)
    assert "helpdesk.reader.path" in str(caught.value)
    assert str(closed) in str(caught.value)
    assert "access rights" in str(caught.value)


def test_a_closed_folder_above_the_inbox_is_named_where_another_has_a_name_like_a_pattern(tmp_path):
    above = tmp_path / "Clients [2026]" / "above"
    (above / "project").mkdir(parents=True)
    project = Project(above / "project")
    project.file("a.csv", [received()])
    source = project.settings.sources[0]
    above.chmod(0)
    try:
        with enforced(), pytest.raises(LandingError, match=r"above'\)"):
            find_files(source, project.now)
    finally:
        above.chmod(0o700)


@pytest.mark.parametrize("pattern", ["inbox/*.csv", "inbox/*/*.csv", "inbox/**/*.csv"])
def test_folders_beside_the_way_and_links_that_are_not_followed_keep_no_delivery_back(project, tmp_path_factory, pattern):
    closed = tmp_path_factory.mktemp("elsewhere") / "closed"
    closed.mkdir()
    (project.folder / "inbox/link").symlink_to(closed)
    (project.folder / "inbox/today").mkdir()
    (project.folder / "beside").mkdir()
    project.file("a.csv", [received()])
    project.file("today/b.csv", [answered()])
    project.source(path=pattern)
    for folder in (closed, project.folder / "beside"):
        folder.chmod(0)
    with enforced():
        landed = project.land()
    for folder in (closed, project.folder / "beside"):
        folder.chmod(0o700)
    assert {one.held_back for one in landed} == {None}
