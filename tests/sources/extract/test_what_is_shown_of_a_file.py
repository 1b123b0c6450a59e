"""Nothing that an inbox holds gets into the ledger or a message but what the contract or the configuration holds anyhow."""

import os
import socket

import pytest
from source_project import Project, answered, as_csv, received

from promisekept.errors import LandingError
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.reland import reland

ROW = "Maeve O'Brien,Dublin 4,vegetarian,a complaint about the fees,open"


def everything_shown(project, landed) -> str:
    """What the ledger and the messages hold."""
    return " ".join([(project.folder / "home/landing/ledger.jsonl").read_text(), *(one.says or "" for one in landed)])


def test_the_first_row_of_a_file_without_a_header_is_shown_by_place_length_and_keyed_hash(project):
    project.file("a.csv", f"{ROW}\n{ROW}\n")
    landed = project.land()
    assert [one.held_back for one in landed] == ["unknown_column"]
    assert not [cell for cell in ROW.split(",") if cell in everything_shown(project, landed)]
    (line,) = project.ledger.lines("held_back")
    assert line.body["header"][1] == f"(column 2: 8 characters, hash {project.key.digest('column:Dublin 4')})"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [("select * from source", "mapping_columns"), ("select ticket from source", "mapping_broken")],
)
def test_a_mapping_over_a_file_without_a_header_shows_its_own_names_alone(project, sql, reason):
    project.mapping(sql).file("a.csv", f"{ROW}\n{ROW}\n")
    landed = project.land()
    assert [one.held_back for one in landed] == [reason]
    assert not [cell for cell in ROW.split(",") if cell in everything_shown(project, landed)]
    assert ("ticket" in landed[0].says) == ("ticket" in sql)


def test_names_that_the_configuration_holds_are_shown(project):
    project.mapping("select _row, ticket as event_id, opened from source", reader={"ignore_columns": ["Notes"]})
    project.file("a.csv", [{"ticket": "1", "opened": "2026-01-01", "Notes": "", "mood": ""}])
    assert "yields `opened`, which `requests` does not have" in project.land_one().says
    (line,) = project.ledger.lines("held_back")
    assert line.body["header"][:3] == ["ticket", "opened", "Notes"]
    assert "mood" not in line.body["header"]


def test_two_columns_of_one_name_are_shown_by_their_places(project):
    project.file("a.csv", "event_id,Jane Doe,jane doe\n1,2,3\n")
    landed = project.land_one()
    assert (landed.held_back, "Columns 2 and 3" in landed.says) == ("duplicate_column", True)
    assert "Jane" not in everything_shown(project, [landed])


def test_a_line_of_control_totals_is_never_quoted(project):
    (project.folder / "counts.csv").write_text("daemon:x:1:1,/bin/sh\n")
    project.source(control_total="counts.csv").file("a.csv", [received()])
    with pytest.raises(LandingError) as caught:
        project.land()
    assert "daemon" not in str(caught.value)


def test_a_link_out_of_the_inbox_is_rejected_and_neither_target_nor_content_is_shown(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "passwords.csv"
    outside.write_text(as_csv([received(event_id="stolen")]))
    (project.folder / "inbox/a.csv").symlink_to(outside)
    (project.folder / "inbox/b.csv").symlink_to(project.folder / "nothing.csv")
    os.link(project.file("c.csv", [received(event_id="own")]), project.folder / "c.txt")
    (project.folder / "inbox/d.csv").symlink_to(project.folder / "inbox/gone.csv")
    landed = project.land()
    assert [(one.path, one.held_back) for one in landed] == [
        ("inbox/a.csv", "not_a_file"),
        ("inbox/b.csv", "not_a_file"),
        ("inbox/c.csv", None),
        ("inbox/d.csv", "not_a_file"),
    ]
    assert not [word for word in ("elsewhere", "passwords", "stolen", "nothing.csv") if word in everything_shown(project, landed)]
    assert project.column("event_id") == ["own"]
    assert project.land() == []


def test_below_a_folder_whose_name_is_a_pattern_files_are_found_and_links_out_of_the_inbox_rejected(tmp_path):
    """Such a name matched no folder, so that no file was found."""
    (tmp_path / "Clients [2026]*").mkdir()
    project = Project(tmp_path / "Clients [2026]*")
    (project.folder / "b.csv").write_text(as_csv([answered()]))
    (project.folder / "inbox/b.csv").symlink_to(project.folder / "b.csv")
    project.file("a.csv", [received()])
    sound = dry_run(project.settings, project.settings.sources[0], project.now)
    assert [(one.path, one.held_back) for one in project.land()] == [("inbox/a.csv", None), ("inbox/b.csv", "not_a_file")]
    assert project.settings.sources[0].where == f"{project.folder}/inbox/*"
    assert (sound.files, sound.tried, sound.sound) == (2, "a.csv", True)


def test_a_link_through_a_folder_that_leads_out_is_rejected(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere")
    (outside / "a.csv").write_text(as_csv([received()]))
    (project.folder / "inbox/more").symlink_to(outside)
    project.source(path="inbox/**/*.csv")
    assert [one.held_back for one in project.land()] == ["not_a_file"]


def test_a_link_to_another_file_of_the_inbox_and_an_inbox_that_is_a_link_are_followed(project):
    (project.folder / "inbox/archive").mkdir()
    project.file("archive/1.csv", [received()])
    (project.folder / "inbox/today.csv").symlink_to("archive/1.csv")
    (project.folder / "drop").symlink_to("inbox")
    project.source(path="drop/*.csv")
    assert dry_run(project.settings, project.settings.sources[0], project.now).sound
    assert project.land_one().counts["landed"] == 1


def test_a_pipe_a_socket_and_a_device_are_rejected_and_never_opened(project, monkeypatch):
    inbox = project.folder / "inbox"
    os.mkfifo(inbox / "pipe.csv")
    monkeypatch.chdir(inbox)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.csv")
    project.file("z.csv", [answered()])
    landed = project.land()
    assert [(one.path, one.held_back) for one in landed] == [
        ("inbox/pipe.csv", "not_a_file"),
        ("inbox/socket.csv", "not_a_file"),
        ("inbox/z.csv", None),
    ]
    assert ["a pipe" in landed[0].says, "a socket" in landed[1].says] == [True, True]
    assert project.land() == []
    sound = dry_run(project.settings, project.settings.sources[0], project.now)
    assert sound.tried == "z.csv"


def test_a_file_in_the_place_of_a_pipe_lands(project):
    pipe = project.folder / "inbox/a.csv"
    os.mkfifo(pipe)
    assert project.land_one().held_back == "not_a_file"
    (line,) = project.ledger.lines("held_back")
    assert (line.body["origin"]["bytes"], line.body["rows"], line.body["header"]) == (0, None, [])
    assert "/" not in line.body["says"]
    pipe.unlink()
    project.file("a.csv", [received()])
    assert project.land_one().counts["landed"] == 1
    assert project.query("select count(*) from landing.held_back") == [(0,)]


def test_a_file_named_after_a_person_lands_under_a_name_that_shows_its_length_and_a_keyed_hash(project):
    project.source(path="inbox/*/*")
    for folder in ("jane.doe@example.org", "all"):
        (project.folder / "inbox" / folder).mkdir()
        project.file(f"{folder}/+353 86 123 4567.csv", [received(event_id=folder[:3])])
    landed = project.land()
    file = f"(20 characters, hash {project.key.digest('file:+353 86 123 4567.csv')})"
    folder = f"(20 characters, hash {project.key.digest('file:jane.doe@example.org')})"
    assert [one.path for one in landed] == [f"inbox/all/{file}", f"inbox/{folder}/{file}"]
    assert not [word for word in ("jane", "4567") if word in everything_shown(project, landed)]
    assert project.land() == []
    assert dry_run(project.settings, project.settings.sources[0], project.now).tried == "(20 characters)"
    assert [one.path for one in reland(project.settings, project.ledger, "helpdesk", reason="again", now=project.now)] == [
        one.path for one in landed
    ]


def test_what_the_configuration_names_is_shown_though_it_looks_like_a_person(project):
    (project.folder / "inbox/feeds@example.org").mkdir()
    project.source(path="inbox/feeds@example.org/*").file("feeds@example.org/a.csv", [received()])
    assert project.land_one().path == "inbox/feeds@example.org/a.csv"
