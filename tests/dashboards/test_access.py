"""Who may see what: roles out of claims, rights out of roles, and the door in front of everything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import streamlit as st
import yaml
from opened_pages import Open, texts

from dashboards import access, page
from dashboards.access import NEEDED, Reader, may_open, reader_of
from promisekept.config.dashboard import ROLES, SignIn
from promisekept.config.loading import load_settings
from promisekept.config.roles import RIGHTS
from promisekept.errors import ConfigError
from promisekept.project.scaffold import scaffold

SIGN_IN = SignIn(
    secrets=Path("secrets.toml"), roles={"viewer": ("staff",), "officer": ("privacy", "legal"), "auditor": ("audit",)}
)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["staff"], "viewer"),
        ("legal", "officer"),
        (["staff", "audit"], "auditor"),
        (["audit", "privacy"], "officer"),
        (["somebody-else"], None),
        ([], None),
        (None, None),
        ({"staff": True}, None),
        ("privac", None),
    ],
)
def test_the_widest_role_that_a_claim_gives_is_the_role(groups: object, role: str | None) -> None:
    reader = reader_of({"roles": groups, "email": "ada@example.org"}, SIGN_IN)
    assert (reader.name, reader.role) == ("ada@example.org", role)


def test_without_a_role_nothing_may_be_seen() -> None:
    nobody = Reader("ada", None)
    assert not any(nobody.may(right) for right in ("rows", "export", "evidence"))
    assert not any(may_open(nobody, file) for members in page.PAGES.values() for file, *_ in members)


def test_every_role_is_told_what_it_may() -> None:
    assert set(RIGHTS) == set(ROLES)
    widths = [len(RIGHTS[role]) for role in ROLES]
    assert widths == sorted(widths)  # of several roles the last one is the widest


def test_a_viewer_sees_figures_and_no_rows() -> None:
    viewer, officer = Reader("v", "viewer"), Reader("o", "officer")
    assert may_open(viewer, "views/overview/page.py")
    assert not any(may_open(viewer, file) for file in NEEDED)
    assert all(may_open(officer, file) for file in NEEDED)


def test_a_page_that_needs_a_right_is_a_page() -> None:
    assert set(NEEDED) <= {file for members in page.PAGES.values() for file, *_ in members}


@pytest.mark.parametrize(
    ("address", "refused"), [(None, True), ("0.0.0.0", True), ("192.0.2.7", True), ("127.0.0.1", False), ("localhost", False)]
)
def test_without_sign_in_only_this_machine_is_served(monkeypatch: pytest.MonkeyPatch, address: str | None, refused: bool) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--home", "somewhere"])
    monkeypatch.setattr(st.runtime, "exists", lambda: True)
    monkeypatch.setattr(st, "get_option", lambda name: address if name == "server.address" else None)
    if refused:
        with pytest.raises(ConfigError, match=r"dashboard\.sign_in"):
            access.current()
    else:
        assert access.current() == access.LOCAL


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose dashboard asks people to sign in."""
    scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    config = tmp_path / "project" / "promisekept.yml"
    (tmp_path / "project" / "secrets.toml").write_text("[auth]\n", encoding="utf-8")
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["dashboard"] = {"sign_in": {"secrets": "secrets.toml", "roles": {"officer": ["privacy"]}}}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


def test_whoever_has_not_signed_in_gets_the_door_and_no_page(
    open_page: Open, project: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(access, "configured", lambda: load_settings(project).dashboard)
    app = open_page("/")
    assert [title.value for title in app.title] == ["Sign in"]
    assert not app.metric
    assert "Snapshot" not in texts(app)


def test_a_dashboard_for_others_without_sign_in_is_refused(project: Path) -> None:
    settings = yaml.safe_load(project.read_text(encoding="utf-8"))
    settings["dashboard"] = {"address": "0.0.0.0"}
    project.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dashboard: `0\.0\.0\.0` can be reached by others"):
        load_settings(project)


def test_a_role_that_there_is_not_and_a_file_that_there_is_not_are_named(project: Path) -> None:
    settings = yaml.safe_load(project.read_text(encoding="utf-8"))
    settings["dashboard"]["sign_in"]["roles"] = {"owner": ["privacy"]}
    project.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ConfigError, match="owner"):
        load_settings(project)
    settings["dashboard"]["sign_in"] = {"secrets": "gone.toml", "roles": {}}
    project.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dashboard\.sign_in\.secrets: there is no file"):
        load_settings(project)
