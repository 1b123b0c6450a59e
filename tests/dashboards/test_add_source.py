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
    (asked,) = (one.value for one in app.warning if "Not answered yet" in one.value)
    assert 'What does the status "Sorted out" mean' in asked
    assert 'Is "Ticket ID" request id' not in asked, "what is sure is not asked"
    assert set(rows_of(app, "Ticket ID")["Requester Email"]) == {"•••"}
    assert list(rows_of(app, "Ticket ID")["Rejected"]) == ["", "Unknown code: right type"]
    choose = {box.label: box for box in app.selectbox}
    choose["“Something”, right type"].select("erasure")
    choose["“Sorted out”, event type"].select("fulfilled")
    app.run()
    assert (figure(app, "Would land"), figure(app, "Rejected")) == ("4", "0")
    before = (project / "promisekept.yml").read_text(encoding="utf-8")
    assert app.button(key="save").disabled, "how the dates were read is still open"
    (box,) = app.checkbox
    box.check().run()
    assert not app.button(key="save").disabled
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


def test_each_proposal_says_how_certain_it_is_and_a_check_is_confirmed(opened):
    app = opened(Upload("export.csv", TICKETS))
    shown = "\n".join(one.value for one in (*app.caption, *app.markdown))
    for words in (
        "**Sure**: every row has its own",
        "**Check**: read month first, as 12/31/2026",
        "**Check**: 1 of 2 words have no code",
        "**Check**: no known word; its rows are rejected until it has a code",
        "**2 Columns** 4 to check",
        "**3 Codes** 2 to check",
        "**5 Save** waits",
    ):
        assert words in shown, words
    confirm = next(one for one in app.button if one.label == "Confirm received")
    confirm.click().run()
    assert "**2 Columns** 3 to check" in "\n".join(one.value for one in app.markdown)
    assert "Confirm received" not in [one.label for one in app.button]


def test_a_column_that_is_not_to_be_used_is_left_out(opened):
    app = opened(Upload("export.csv", TICKETS))
    (unused,) = app.multiselect
    assert unused.label == "Do not use these columns"
    unused.select("Outcome").select("Land").run()
    assert "5 of 7 columns are used. Not used: Outcome, Land." in "\n".join(one.value for one in app.caption)
    boxes = {box.label: box for box in app.selectbox}
    assert (boxes["status"].value, boxes["jurisdiction"].value) == ("", "")
    assert "Outcome" not in boxes["received"].options
    (sql,) = app.code
    assert "Outcome" not in sql.value
    assert "Land" not in sql.value


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
