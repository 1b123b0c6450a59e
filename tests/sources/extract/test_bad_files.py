"""A file that can't be taken waits with its reason; of a damaged one the whole rows land."""

import gzip
import json

import pytest
from source_project import answered, as_csv, received

from promisekept.errors import ConfigError, LandingError
from promisekept.sources.landing.land import land


def balanced(landed) -> bool:
    counts = landed.counts
    return counts["read"] == sum(
        counts[name] for name in ("landed", "duplicate", "superseding", "conflicting", "quarantined")
    ) and counts["source_rows"] == sum(counts[name] for name in ("mapped", "skipped", "unmapped", "held_back"))


def test_a_column_that_is_not_in_the_contract_rejects_the_file_and_is_reported_by_its_place(project):
    project.file("a.csv", [received(mood="good")])
    landed = project.land_one()
    assert landed.held_back == "unknown_column"
    assert "column 10 (a name of 4 characters)" in landed.says
    assert "ignore_columns" in landed.says
    assert project.column("event_id") == []
    (line,) = project.ledger.lines("held_back")
    assert line.body["header"] == [*received(), f"(column 10: 4 characters, hash {project.key.digest('column:mood')})"]
    assert line.body["rows"] == 1
    assert line.content_hash == landed.sha256


def test_an_ignored_column_is_never_read(project):
    project.source(reader={"ignore_columns": ["mood"]}).file("a.csv", [received(mood="good")])
    assert project.land_one().counts["landed"] == 1


def test_a_missing_column_that_may_never_be_null_holds_the_file_back_and_is_named(project):
    rows = [received()]
    del rows[0]["request_id"]
    project.file("a.csv", rows)
    landed = project.land_one()
    assert (landed.held_back, "`request_id`" in landed.says) == ("missing_column", True)


def test_a_wrong_header_is_retried_once_the_settings_change_and_recorded_once_until_then(project):
    project.file("a.csv", [received(mood="good")])
    project.land()
    assert project.land() == []
    project.source(reader={"ignore_columns": ["mood"]})
    assert project.land_one().counts["landed"] == 1
    assert project.query("select count(*) from landing.held_back") == [(0,)]


def test_a_rejected_file_is_replaced_once_another_has_landed_from_its_place(project):
    asked = "select origin_name, is_replaced from landing.held_back"
    project.file("a.csv.gz", b"cut")
    project.file("b.csv", [received(event_id="e2")])
    project.land()
    project.file("c.csv", [received(event_id="e3")])
    project.land()
    assert project.query(asked) == [("inbox/a.csv.gz", False)]
    project.file("a.csv.gz", gzip.compress(as_csv([received()]).encode()))
    project.land()
    assert project.query(asked) == [("inbox/a.csv.gz", True)]
    project.file("a.csv.gz", b"cut again")
    project.land()
    assert sorted(project.query(asked)) == [("inbox/a.csv.gz", False), ("inbox/a.csv.gz", True)]


def test_two_columns_of_one_name_hold_the_file_back(project):
    project.file("a.csv", "event_id,occurred_at,request_id,event_type,event_id\ne1,2026-01-01T00:00Z,r1,fulfilled,e2\n")
    assert project.land_one().held_back == "duplicate_column"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_an_empty_file_has_no_rows_and_is_no_error(project, name):
    project.file(name, b"")
    landed = project.land_one()
    assert landed.held_back is None
    assert set(landed.counts.values()) == {0}
    assert project.land() == []


def test_an_empty_gzip_has_no_rows_and_is_no_error(project):
    project.file("a.csv.gz", gzip.compress(b""))
    assert project.land_one().counts["read"] == 0


def test_a_header_alone_has_no_rows_and_is_no_error(project):
    project.file("a.csv", as_csv([received()]).splitlines()[0])
    assert project.land_one().counts["read"] == 0


def test_a_csv_file_cut_anywhere_lands_its_whole_rows_and_the_rest_is_one_row(project):
    text = as_csv([received(), *(answered(event_id=f"e{n}", evidence_ref="https://dms.example.org/1") for n in range(2, 5))])
    columns = text.split("\n", 1)[0].count(",")
    header = text.index("\n") + 1
    for cut in range(header + 1, len(text), 7):
        project.file(f"{cut:04d}.csv", text[:cut])
    for landed in project.land():
        cut = int(landed.path[-8:-4])
        rest = text[:cut].rsplit("\n", 1)[-1]
        assert balanced(landed)
        assert landed.counts["read"] == text[header:cut].count("\n") + bool(rest)
        if rest.count(",") < columns:
            assert landed.quarantined == ({"malformed_row": 1} if rest else {})


def test_a_file_may_end_without_a_line_feed(project):
    project.file("a.csv", as_csv([received(), answered()]).rstrip("\n"))
    assert project.land_one().counts["landed"] == 2


def test_json_lines_cut_in_an_object_land_their_whole_rows(project):
    text = json.dumps(answered(purpose_codes=["a", "b"])) + "\n"
    project.file("a.jsonl", text + text.replace("e2", "e3")[:-9])
    landed = project.land_one()
    assert (landed.counts["landed"], landed.quarantined) == (1, {"malformed_row": 1})
    assert project.column("purpose_codes") == [["a", "b"]]


def test_a_row_with_too_many_or_too_few_columns_stands_alone(project):
    lines = as_csv([received(), answered(), answered(event_id="e3")]).splitlines()
    project.file("a.csv", "\n".join([lines[0], lines[1], lines[2] + ",more", "e9,short", lines[3]]))
    landed = project.land_one()
    assert (landed.counts["landed"], landed.quarantined) == (2, {"malformed_row": 2})
    assert [row[0] for row in project.rejects()] == [2, 3]
    assert project.column("row_number") == [1, 4]


def test_what_is_no_gzip_is_held_back(project):
    project.file("a.csv.gz", b"no gzip at all")
    landed = project.land_one()
    assert (landed.held_back, len(landed.sha256)) == ("broken_gzip", 64)


def test_a_sound_gzip_of_several_members_lands(project):
    lines = as_csv([received(), answered()]).splitlines(keepends=True)
    project.file("a.csv.gz", gzip.compress("".join(lines[:2]).encode()) + gzip.compress(lines[2].encode()))
    assert project.land_one().counts["landed"] == 2


@pytest.mark.parametrize("content", [b"PAR1 but nothing else", b"x" * 100])
def test_parquet_without_a_footer_is_held_back(project, content):
    project.file("a.parquet", content)
    assert project.land_one().held_back == "unreadable_parquet"


def test_parquet_with_a_damaged_page_is_held_back(project):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [answered(event_id=f"e{number}", occurred_at=f"2026-03-20T10:00:{number % 60:02d}Z") for number in range(5000)]
    path = project.folder / "inbox/a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[2000:2400] = b"\xff" * 400
    path.write_bytes(content)
    assert project.land_one().held_back == "unreadable_parquet"
    assert project.column("event_id") == []


def test_a_byte_order_mark_is_no_part_of_the_first_column(project):
    project.file("a.csv", b"\xef\xbb\xbf" + as_csv([received()]).encode())
    project.file(
        "b.jsonl",
        b'\xef\xbb\xbf{"event_id":"e2","occurred_at":"2026-03-20T10:00:00Z","request_id":"r1","event_type":"fulfilled"}',
    )
    project.land()
    assert project.column("event_id") == ["e1", "e2"]


def test_windows_line_ends_are_line_ends(project):
    project.file("a.csv", as_csv([received(), answered(role="processor")], end="\r\n"))
    project.land()
    assert project.column("role") == ["controller", "processor"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_bytes_that_are_not_utf_8_hold_the_file_back(project, name):
    project.file(name, as_csv([received(system="Zürich")]).encode("cp1252"))
    landed = project.land_one()
    assert landed.held_back == "wrong_encoding"
    assert "utf-8" in landed.says


def test_a_declared_encoding_and_delimiter_are_read(project):
    project.source(reader={"encoding": "cp1252", "delimiter": ";"})
    project.file("a.csv", as_csv([received(system="Zürich €")]).replace(",", ";").encode("cp1252"))
    project.land()
    assert project.column("system") == ["Zürich €"]


def test_a_file_that_lands_once_is_silent_afterwards_whatever_its_time(project):
    path = project.file("a.csv", [received()])
    project.land()
    path.touch()
    assert project.land() == []


def test_a_name_that_implies_no_format_is_named_with_the_remedy(project):
    project.file("tickets.docx", b"PK")
    with pytest.raises(LandingError, match=r"tickets\.docx.*\n.*format: csv"):
        project.land()


def test_a_key_that_others_may_read_is_rejected(project):
    (project.folder / "pseudonym.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        land(project.settings, project.ledger, project.now)


@pytest.mark.parametrize("subject", ["jane@example.org", "4711"])
def test_a_file_without_a_header_is_held_back_and_its_first_row_is_not_kept(project, subject):
    project.file("a.csv", f"e1,2026-03-10T10:00:00Z,{subject},r1,received\ne2,2026-03-10T10:00:00Z,x,r1,fulfilled\n")
    landed = project.land_one()
    assert landed.held_back == "unreadable_header"
    assert subject not in (project.folder / "home/landing/ledger.jsonl").read_text()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_header_of_more_columns_than_any_table_has_holds_the_file_back(project, name):
    row = received() | {f"c{number}": "" for number in range(5000)}
    if name == "a.parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist([row]), project.folder / "inbox" / name)
    else:
        project.file(name, [row] if name == "a.csv" else json.dumps(row))
    assert project.land_one().held_back == "too_many_columns"
    (line,) = project.ledger.lines("held_back")
    assert line.body["header"] == []


def test_blank_lines_before_the_header_are_none_of_it_however_many(project):
    project.file("a.csv", "\n" * 5_000_000 + as_csv([received()]))
    assert project.land_one().counts["landed"] == 1


@pytest.mark.parametrize("above", ["\n", "\n\n", "\r\n"], ids=repr)
def test_the_header_below_a_blank_line_is_no_row(project, above):
    """It was read as a first row, which was rejected for its `occurred_at`, and every row had the number of the next one."""
    project.file("a.csv", above + as_csv([received(), answered()], "\r\n" if "\r" in above else "\n"))
    counts = project.land_one().counts
    assert (counts["source_rows"], counts["landed"], counts["quarantined"]) == (2, 2, 0)
    assert project.column("row_number") == [1, 2]
