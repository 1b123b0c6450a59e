"""`init` without a folder: asked in a terminal, an error elsewhere; the project is that of `init --from` with the answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner
from workbooks import write_xlsx

from promisekept.cli import wizard as terminal
from promisekept.cli.app import app
from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError
from promisekept.project import open_questions
from promisekept.project.wizard import Place, Wizard

TICKETS = [
    "Ticket ID,Opened,Closed,Outcome,Requester Email,Request Type,State",
    "T-1,03/02/2026,03/20/2026,Granted,ann@example.org,Right to know,CA",
    "T-2,03/03/2026,05/29/2026,Sorted,bob@example.org,Right to know,CA",
    "T-3,03/04/2026,,Pending,cyd@example.org,Something,TX",
]
SCANS = ["Seen,Box,Topic,Answer,How", "2026-02-01 10:00,d-1,news,Yes,Banner", "2026-02-02 10:00,d-2,news,Nope,Banner"]


def typed(monkeypatch, *lines: str, code: int = 0) -> str:
    """What a terminal shows when these lines are typed."""
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    done = CliRunner().invoke(app, ["init"], input="".join(f"{line}\n" for line in lines), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def written(folder: Path, *lines: str) -> Path:
    file = folder / "export.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def test_a_person_is_led_from_a_file_to_a_project(tmp_path, monkeypatch):
    """Enter accepts a proposal, a number or name names a column, a dash none; words without a code are asked for one."""
    file = written(tmp_path, *TICKETS)
    columns = ["", "", "", "4", "Request Type", "-", "", "", "", ""]
    codes = ["access", "erasure", "", "-", "fulfilled"]
    project = tmp_path / "desk"
    out = typed(
        monkeypatch,
        tmp_path / "nothing.csv",
        file,
        "",
        "Desk Ltd",
        "us",
        "America/Chicago",
        *columns,
        *codes,
        "n",
        "y",
        project,
        "n",
    )
    assert "this file can't be read" in out
    assert re.search(r"1 Ticket ID +2 Opened", out)
    assert "3 source rows, 3 mapped, 5 read, 5 landed" in out
    settings = load_settings(project)
    assert (settings.organisation.name, settings.organisation.time_zone) == ("Desk Ltd", "America/Chicago")
    mapping = (project / "mappings" / "requests.sql").read_text(encoding="utf-8")
    assert "when 'Something' then 'erasure'" in mapping
    assert "when 'Sorted' then 'fulfilled'" in mapping
    asked = [one.says for one in open_questions(project, [project / "mappings" / "requests.sql"])]
    assert not [one for one in asked if one.startswith(("Is ", "What "))], "what was answered is asked no more"
    assert not list(project.rglob("export.csv"))


def test_nothing_is_asked_where_nobody_sits_before_a_terminal():
    done = CliRunner().invoke(app, ["init"], input="y\n" * 50)
    assert isinstance(done.exception, ConfigError)
    assert "File (CSV" not in done.output


def test_headers_that_nobody_knows_are_mapped_by_hand(tmp_path):
    """A file of consents of which not one header is recognised."""
    wizard = Wizard(written(tmp_path, *SCANS), "consents")
    for column, header in {
        "occurred_at": "Seen",
        "subject_ref": "Box",
        "purpose_code": "Topic",
        "event_type": "Answer",
        "mechanism": "How",
    }.items():
        wizard = wizard.with_column(column, header)
    assert {(one.word, one.code) for one in wizard.codes()} == {("Banner", "banner"), ("Yes", "given"), ("Nope", None)}
    wizard = wizard.with_code("event_type", "Nope", "refused")
    trial = wizard.try_out(Place(), datetime(2026, 7, 1, tzinfo=UTC))
    assert [event["event_type"] for event in trial.outcome.events] == ["given", "refused"]
    assert trial.outcome.refused_rows == ()


def test_a_workbook_is_asked_for_its_sheet(tmp_path, monkeypatch):
    rows = [line.split(",") for line in TICKETS]
    file = write_xlsx(tmp_path / "a.xlsx", {"Log": rows, "Other": [["x"]]})
    out = typed(monkeypatch, file, "Log", code=1)
    assert "It has several sheets with cells: `Log`, `Other`" in out
    assert "Ticket ID" not in out.split("Log [requests]")[0]
