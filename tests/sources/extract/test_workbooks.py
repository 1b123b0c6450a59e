"""A workbook lands what a CSV of its rows lands; one that can't be read, or would take too much, is named with its reason."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from pydantic import ValidationError
from source_project import Project, answered, received
from workbooks import write_ods, write_xlsx

from promisekept.config.readers import Files
from promisekept.sources.extract.files import RejectedFileError, SourceFile
from promisekept.sources.extract.workbooks import open_sheet

AT = datetime(2026, 3, 10, 10, 30, 1)  # noqa: DTZ001 - a cell has no zone
MIDNIGHT = datetime(2026, 3, 1)  # noqa: DTZ001
EVENTS = [
    received(occurred_at=AT, declared_due_at=date(2026, 4, 9), revision=3),
    received(event_id="e9", request_id="0042", occurred_at=date(2026, 3, 29), subject_ref="Zoë\nRoe", revision=""),
    answered(occurred_at="2026-03-20T10:00:00+02:00"),
    answered(event_id="e4", occurred_at="2026-03-29 01:30"),
]
WRITERS = {".xlsx": write_xlsx, ".ods": write_ods}
each_kind = pytest.mark.parametrize("suffix", WRITERS)


def table(events):
    names = list(dict.fromkeys(name for event in events for name in event))
    return [names, *([event.get(name, "") for name in names] for event in events)]


def read(path: Path, **keys):
    """The header and the rows of a workbook."""
    file = SourceFile(str(path), path.stat().st_size, 0.0, path.suffix[1:], gzipped=False)
    with open_sheet(file, Files(path=str(path), **keys)) as sheet:
        return list(sheet.header), [row for _, row in sheet.rows]


def reason(path: Path, **keys):
    with pytest.raises(RejectedFileError) as error:
        read(path, **keys)
    return error.value.reason, error.value.message


@each_kind
def test_a_workbook_lands_what_a_csv_with_the_same_rows_lands(tmp_path, suffix):
    """Instants, days, persons, rejects and their row numbers are the same; empty rows count in neither."""
    found = []
    for name in ("csv", "workbook"):
        folder = tmp_path / name
        folder.mkdir()
        project = Project(folder).source(time_zone="Europe/Dublin")
        (folder / "pseudonym.key").write_bytes((tmp_path / "csv" / "pseudonym.key").read_bytes())
        rows = table(EVENTS)
        rows.insert(2, [""] * len(rows[0]))
        if name == "csv":
            text = io.StringIO()
            csv.writer(text).writerows(row if any(row) else [] for row in rows)
            project.file("a.csv", text.getvalue())
        else:
            WRITERS[suffix](folder / "inbox" / f"a{suffix}", {"Tabelle1": rows, "Tabelle2": []})
        landed = project.land_one()
        columns = "event_id, subject_key, occurred_at, request_id, declared_due_at, revision, row_number"
        found.append((landed.counts, project.rejects(), project.query(f"select {columns} from landing.requests order by all")))
    assert found[0] == found[1]
    assert found[0][0]["landed"] == 3, "one lies in the hour that the clock leaps over"


@each_kind
def test_cells_are_read_as_a_spreadsheet_shows_them(tmp_path, suffix):
    cells = {
        "007": "007", 7: "7", 1234.5: "1234.5", 0.1 + 0.2: "0.3", 4e15: "4000000000000000", True: "true", "#N/A": "", "": "",
        " a\nb ": " a\nb " if suffix == ".xlsx" else None, date(2026, 3, 10): "2026-03-10", time(9, 15): "09:15:00",
        AT: "2026-03-10 10:30:01", MIDNIGHT: "2026-03-01",
    }  # fmt: skip
    header = [f"c{n}" for n in range(len(cells))]
    path = WRITERS[suffix](tmp_path / f"a{suffix}", {"S": [header, list(cells)]})
    (row,) = read(path)[1]
    assert [one for one, want in zip(row, cells.values(), strict=True) if want is not None] == [
        want for want in cells.values() if want is not None
    ]


def test_the_header_is_the_first_row_with_a_cell_or_the_one_that_is_named(tmp_path):
    """A title above, names merged over two rows, a column without a name and without a cell, one with."""
    rows = [["Requests 2026", "", "", "", ""], [], ["Id", "Dates", "", "", ""], ["", "Opened", "Closed", "", ""]]
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [*rows, ["1", "2", "3", "", "x"]]}, merged=["A1:E1", "A3:A4", "B3:C3"])
    assert read(path, header_row=4) == (["Id", "Opened", "Closed", ""], [["1", "2", "3", "x"]])
    assert read(path)[0] == ["Requests 2026", "", "", ""]
    assert reason(path, header_row=2)[0] == "unreadable_header"
    assert reason(path, header_row=99)[0] == "unreadable_header"


@each_kind
def test_which_of_several_sheets_is_meant_is_asked_with_their_names(tmp_path, suffix):
    sheets = {"Log": [["a"], ["1"]], "ann@example.org": [["b"], ["2"]], "Empty": []}
    path = WRITERS[suffix](tmp_path / f"a{suffix}", sheets)
    code, message = reason(path)
    assert code == "several_sheets"
    assert "`Log`, (15 characters)." in message
    assert "`reader.sheet`" in message
    assert read(path, sheet="Log") == (["a"], [["1"]])
    code, message = reason(path, sheet="log")
    assert (code, "no sheet `log`" in message, "`Log`" in message) == ("no_such_sheet", True, True)


def test_the_empty_rows_and_cells_that_fill_a_sheet_of_libreoffice_take_nothing(tmp_path):
    cells = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rest = '<table:table-cell table:number-columns-repeated="16383"/>'
    rows = "".join(f"<table:table-row>{cells.format(text)}{rest}</table:table-row>" for text in ("a", "1"))
    empty = f'<table:table-row table:number-rows-repeated="1048574"><table:table-cell/>{rest}</table:table-row>'
    assert read(write_ods(tmp_path / "a.ods", {"S": rows + empty})) == (["a"], [["1"]])


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"Shown": [["a"], ["1"]], "Lists": [["b"], ["2"]]}, hidden=["Lists"])
    assert read(path)[0] == ["a"]
    assert read(path, sheet="Lists")[0] == ["b"]


def encrypted_ods(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")


def lying(path: Path) -> None:
    """Its directory claims another size than what it unpacks to."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"x" * 2**20)
    path.write_bytes(path.read_bytes().replace((2**20).to_bytes(4, "little"), (9).to_bytes(4, "little")))


def dense(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"xl/{number}.xml", b" " * 2**23)


REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"'
    ' office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell></table:table-row>'
)
CORNERS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
HOSTILE = {
    "no workbook at all": ("a.xlsx", lambda path: path.write_text("a,b\n1,2\n"), "unreadable_workbook"),
    "cut": ("a.xlsx", lambda path: path.write_bytes(write_xlsx(path, {"S": [["a"]]}).read_bytes()[:700]), "unreadable_workbook"),
    "another archive": ("a.ods", lambda path: zipfile.ZipFile(path, "w").close(), "unreadable_workbook"),
    "a size that is not so": ("a.xlsx", lying, "unreadable_workbook"),
    "an old workbook": (
        "a.xlsx",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x"),
        "unreadable_workbook",
    ),
    "a password": (
        "a.xlsx",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
        "encrypted_workbook",
    ),
    "a password of OpenDocument": ("a.ods", encrypted_ods, "encrypted_workbook"),
    "made to fill a disk": ("a.xlsx", dense, "workbook_too_dense"),
    "two cells in opposite corners": ("a.xlsx", lambda path: write_xlsx(path, {"S": CORNERS}), "workbook_too_large"),
    "one cell repeated": ("a.ods", lambda path: write_ods(path, {"S": REPEATED}), "unreadable_workbook"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_workbook_that_cant_be_read_or_takes_too_much_is_rejected_and_the_next_file_lands(project, kind):
    name, make, expected = HOSTILE[kind]
    make(project.folder / "inbox" / name)
    project.file("z.csv", [received()])
    by_path = {one.path: one for one in project.land()}
    assert by_path[f"inbox/{name}"].held_back == expected
    assert by_path["inbox/z.csv"].counts["landed"] == 1


def test_a_cell_that_takes_too_much_is_rejected_as_a_line_is(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["a"], ["ab" * 2**20]]})
    assert reason(path, longest_line=2**20)[0] == "line_too_long"


def test_settings_of_a_workbook_are_refused_for_other_files():
    with pytest.raises(ValidationError, match="`sheet` is for workbooks"):
        Files(path="inbox/*.csv", sheet="S")
    with pytest.raises(ValidationError, match="`header_row` is for workbooks"):
        Files(path="inbox/*.jsonl", header_row=2)
    Files(path="inbox/*", sheet="S", header_row=2)
    Files(path="inbox/*.csv", header_row=2)
