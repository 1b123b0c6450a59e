"""The page that adds a source: there for one person on this machine with a project, the wizard's steps, and what is written."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from opened_pages import APP, PUBLISHED, figure, rows_of, texts
from starlette.requests import HTTPConnection
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards import access, bundling, clock, request_filter
from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError
from promisekept.project import scaffold
from promisekept.project.adding import add_source
from promisekept.project.wizard import Wizard

TICKETS = """\
Ticket ID,Opened,Closed,Outcome,Requester Email,Request Type,Land
T-1,03/02/2026,03/20/2026,Granted,ann@example.org,Right to know,IE
T-2,03/03/2026,05/29/2026,Sorted out,bob@example.org,Something,IE
"""


class Upload:
    """A file as the page gets it."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self._content = name, text.encode()

    def getvalue(self) -> bytes:
        return self._content


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which nothing was published: the page needs no snapshot."""
    scaffold(tmp_path / "company", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    return tmp_path / "company"


@pytest.fixture
def opened(project: Path, monkeypatch: pytest.MonkeyPatch):
    def run(upload: Upload | None = None) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", "--config", str(project)])
        monkeypatch.setattr(clock, "now", lambda: PUBLISHED + timedelta(hours=2))
        monkeypatch.setattr(st, "file_uploader", lambda *_, **__: upload)
        app = AppTest.from_file(str(APP), default_timeout=60)
        app._page_hash = calc_hash("add")
        app.run()
        assert not app.exception, app.exception
        return app

    return run


def test_a_person_sees_what_would_land_maps_what_is_open_and_saves_the_mapping(opened, project):
    app = opened(Upload("export.csv", TICKETS))
    assert (figure(app, "Events read"), figure(app, "Would land"), figure(app, "Rejected")) == ("4", "2", "2")
    assert set(rows_of(app, "Value")["Value"]) == {"Something"}
    (asked,) = (one.value for one in app.warning if "To confirm in the mapping" in one.value)
    assert 'What does the status "Sorted out" mean' in asked
    assert set(rows_of(app, "Ticket ID")["Requester Email"]) == {"•••"}
    choose = {box.label: box for box in app.selectbox}
    choose["“Something”, right type"].select("erasure")
    choose["“Sorted out”, event type"].select("fulfilled")
    app.run()
    assert (figure(app, "Would land"), figure(app, "Rejected")) == ("4", "0")
    before = (project / "promisekept.yml").read_text(encoding="utf-8")
    app.text_input(key="source_name").input("desk")
    app.button(key="save").click().run()
    assert "The source desk was added" in "\n".join(one.value for one in app.success)
    source = load_settings(project).source("desk")
    assert (source.log, source.mapping) == ("requests", project / "mappings" / "desk.sql")
    assert "when 'Something' then 'erasure'" in source.mapping.read_text(encoding="utf-8")
    after = (project / "promisekept.yml").read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == [], "comments stay"
    rows = [file for file in project.rglob("*") if file.is_file() and b"bob@example.org" in file.read_bytes()]
    assert rows == [], "no row is copied into the project"


@pytest.mark.parametrize(("name", "text"), [("a.csv", ""), ("a.xlsx", "PK"), ("a.ods", "x")])
def test_a_file_that_can_not_be_read_is_named_with_the_reason(opened, name, text):
    app = opened(Upload(name, text))
    assert "This file can't be read" in "\n".join(one.value for one in app.error)
    assert "Traceback" not in texts(app)


def test_a_file_that_fits_no_log_asks_for_it(opened):
    app = opened(Upload("a.csv", "Apples,Pears\n1,2\n"))
    (log,) = app.selectbox
    assert (log.label, log.value) == ("Log", None)


def test_what_would_break_the_project_changes_nothing(project, tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(TICKETS, encoding="utf-8")
    settings = load_settings(project)
    before = settings.config.read_text(encoding="utf-8")
    for name, path in (("findings_page", "./x/*.csv"), ("Desk 1", "./x/*.csv"), ("desk", "https://example.org/x.csv")):
        with pytest.raises(ConfigError):
            add_source(Wizard(file), settings, name, path)
        assert settings.config.read_text(encoding="utf-8") == before
        assert not (project / "mappings" / f"{name}.sql").exists()


@pytest.mark.parametrize(
    ("origin", "is_open", "is_local", "status"),
    [
        ("http://127.0.0.1:8501", True, True, None),
        ("http://127.0.0.1:9000", True, True, 404),
        (None, True, True, 404),
        ("http://127.0.0.1:8501", False, True, 404),
        ("http://127.0.0.1:8501", True, False, 404),
    ],
)
def test_a_file_is_taken_from_a_page_of_this_server_where_the_page_is_there(monkeypatch, origin, is_open, is_local, status):
    monkeypatch.setattr(bundling, "project", lambda: object() if is_open else None)
    door = type("Door", (), {"sign_in": None if is_local else object()})
    monkeypatch.setattr(access, "configured", lambda: door)
    monkeypatch.setattr(config, "get_option", lambda _: ["127.0.0.1"])
    headers = [(b"host", b"127.0.0.1:8501"), *([(b"origin", origin.encode())] if origin else [])]
    request = HTTPConnection({"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/b", "headers": headers})
    assert request_filter.refusal(request) == status


def test_without_a_project_there_is_no_such_page(open_page):
    app = open_page("/add")
    assert "Add a source" not in texts(app)
