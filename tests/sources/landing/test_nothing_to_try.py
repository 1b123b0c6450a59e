"""What `check` reports about a source that has nothing yet: where its files belong, or that a database has no row."""

from __future__ import annotations

import sqlite3

import pytest
from source_project import Project

from promisekept.cli.checking import check_project


def report_of(project: Project) -> str:
    assert project.settings
    wrong, _, text = check_project(project.folder)
    assert wrong
    return text


def test_an_inbox_without_a_file_is_named_with_what_to_do(project: Project):
    text = report_of(project.source(path="inbx/*.csv"))
    assert f"no finished file matches {project.folder}/inbx/*.csv; put one there, or correct reader.path" in text


def test_a_database_without_a_row_is_not_said_to_lack_a_file(project: Project, monkeypatch: pytest.MonkeyPatch):
    """An empty table of a database was reported as a file that nobody had found."""
    database = project.folder / "desk.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table cases (event_id text)")
    monkeypatch.setenv("DESK_URL", f"sqlite:///{database}")
    project.sources = [
        {"name": "desk", "log": "requests", "reader": {"kind": "sql", "url_env": "DESK_URL", "query": "select * from cases"}}
    ]
    text = report_of(project)
    assert "sql:desk was asked and has no row, so that nothing could be tried" in text
    assert "no finished file" not in text
