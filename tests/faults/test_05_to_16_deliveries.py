"""Fault 5: half-written source file: its whole rows land or the file waits with a reason, and the complete one lands the rest.

Fault 6: gzip CRC wrong: the file is rejected as a whole with its reason, and a sound one under the same name lands.

Fault 9: duplicate file (same bytes, other name): every row counts as a duplicate and nothing lands twice.

Fault 10: duplicate events across files: each is counted as a duplicate once, and the landed rows are those of one delivery.

Fault 13: schema drift: new column: the file is rejected by the allow-list, and none of its values is kept.

Fault 14: schema drift: order swapped: columns are read by name, so that the same rows land.

Fault 15: type drift late in file: exactly one row is quarantined, and all others land.

Fault 16: encoding: BOM, CRLF, NUL, invalid UTF-8, huge field: it lands, or is quarantined with its reason, and nothing crashes.

After each of them the home is sound, rows balance, and one delivery of what should have come leaves what the fault-free
reference has: in landing after each fault, in every published mart after all that leave no reject.
"""

from __future__ import annotations

import gzip
import random

import pytest
from aftermath import claimed, require_balance, require_sound
from mart_hashes import published_hashes
from source_project import Project, answered, as_csv, received
from world import World

ROWS = [row for n in range(20) for row in (received(event_id=f"a{n}", request_id=f"r{n}"),)]
ROWS += [answered(event_id=f"b{n}", request_id=f"r{n}") for n in range(20)]
WHOLE = as_csv(ROWS)
FACTS = """
    select event_id, request_id, event_type, occurred_at, right_type, jurisdiction, channel, collides
    from landing.requests order by all
"""


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """What landed where nothing went wrong."""
    undisturbed = Project(tmp_path_factory.mktemp("undisturbed"))
    undisturbed.file("a.csv", WHOLE)
    undisturbed.land()
    return undisturbed.query(FACTS)


@pytest.fixture(autouse=True)
def aftermath(project):
    """Whatever the fault was: the home is sound, and every row that was read is in one class."""
    yield
    require_sound(project.settings.home, allowed=())
    require_balance(project.settings.home)


def counts(landed):
    return {name: n for name, n in landed.counts.items() if n and name not in ("source_rows", "mapped", "read")}


def test_05_a_file_cut_within_a_row_or_at_its_end_lands_its_whole_rows_and_then_the_rest(project, reference):
    for cut in (WHOLE.index("a7") + 5, WHOLE.index("a9"), WHOLE.index("\n") + 1, 0):
        project.file("a.csv", WHOLE[:cut])
        landed = project.land_one()
        assert landed.quarantined == ({"malformed_row": 1} if cut == WHOLE.index("a7") + 5 else {})
    project.file("a.csv", WHOLE)
    project.land()
    assert project.query(FACTS) == reference


def test_05_a_file_that_declares_a_marker_is_not_read_before_the_marker_lies_beside_it(project, reference):
    project.source(reader={"path": "inbox/*.csv", "done_suffix": ".done"})
    project.file("a.csv", WHOLE[: WHOLE.index("a9")])
    assert project.land() == []
    project.file("a.csv", WHOLE)
    project.file("a.csv.done", "")
    project.land()
    assert project.query(FACTS) == reference


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv.gz", gzip.compress(WHOLE.encode())[:-9], "broken_gzip"),
        ("a.parquet", b"PAR1" + bytes(100), "unreadable_parquet"),
        ("a.csv.gz", gzip.compress(WHOLE.encode())[:-8] + bytes(4) + gzip.compress(WHOLE.encode())[-4:], "broken_gzip"),
    ],
    ids=["05_cut_gzip", "05_parquet_without_footer", "06_wrong_checksum"],
)
def test_a_damaged_file_is_rejected_as_a_whole_and_the_sound_one_lands(project, reference, name, content, reason):
    project.file(name, content)
    assert project.land_one().held_back == reason
    assert project.query(FACTS) == []
    (project.folder / "inbox" / name).unlink()
    project.file("a.csv.gz", gzip.compress(WHOLE.encode()))
    project.land()
    assert project.query(FACTS) == reference


def test_09_the_same_bytes_under_another_name_are_all_duplicates(project, reference):
    project.file("a.csv", WHOLE)
    project.land()
    project.file("b.csv", WHOLE)
    assert counts(project.land_one()) == {"duplicate": 40}
    assert project.land() == []
    assert project.query(FACTS) == reference


def test_10_events_that_two_files_share_count_once_as_duplicates(project, reference):
    shared = random.Random(5).sample(ROWS[:30], 2)
    project.file("a.csv", ROWS[:30])
    project.land()
    project.file("b.csv", shared + ROWS[30:])
    assert counts(project.land_one()) == {"duplicate": 2, "landed": 10}
    assert project.query(FACTS) == reference


def test_13_a_new_column_keeps_the_file_out_and_none_of_its_values_stays(project, reference):
    project.file("a.csv", [row | {"ssn": "219-09-9999"} for row in ROWS])
    assert project.land_one().held_back == "unknown_column"
    for path in project.settings.home.rglob("*"):
        assert path.is_dir() or b"219-09-9999" not in path.read_bytes(), path
    project.file("a.csv", WHOLE)
    project.land()
    assert project.query(FACTS) == reference


def test_14_columns_in_another_order_land_the_same_rows(project, reference):
    names = list(dict.fromkeys(name for row in ROWS for name in row))
    project.file("a.csv", as_csv([{name: row.get(name, "") for name in reversed(names)} for row in ROWS]))
    project.land()
    assert project.query(FACTS) == reference


def test_15_one_value_of_another_type_behind_thirty_thousand_rows_costs_its_row_alone(project):
    rows = [answered(event_id=f"e{n}", revision=1) for n in range(30_000)]
    project.file("a.csv", [*rows, answered(event_id="late", revision="N/A"), *ROWS[20:]])
    landed = project.land_one()
    assert (landed.counts["landed"], landed.counts["quarantined"]) == (30_020, 1)
    assert [row[0] for row in project.rejects()] == [30_001]


ODD = {
    "byte_order_mark": (b"\xef\xbb\xbf" + WHOLE.encode(), None),
    "carriage_returns": (WHOLE.replace("\n", "\r\n").encode(), None),
    "invalid_utf_8": (WHOLE.encode().replace(b"email", b"em\xffil"), "wrong_encoding"),
}


@pytest.mark.parametrize("kind", ODD)
def test_16_an_odd_encoding_lands_whole_or_is_rejected_with_its_reason(project, reference, kind):
    content, reason = ODD[kind]
    project.file("a.csv", content)
    assert project.land_one().held_back == reason
    assert project.query(FACTS) == ([] if reason else reference)
    project.file("a.csv", WHOLE)
    project.land()
    assert project.query(FACTS) == reference


@pytest.mark.parametrize("value", ["fulf\0illed", "x" * 1_000_000], ids=["nul", "huge_field"])
def test_16_a_nul_or_a_huge_field_costs_its_row_alone(project, reference, value):
    project.file("a.csv", [*ROWS[:20], answered(event_id="odd", event_type=value), *ROWS[20:]])
    landed = project.land_one()
    assert (landed.counts["landed"], landed.counts["quarantined"]) == (40, 1)
    assert project.query(FACTS) == reference


def a_world(folder):
    """An organisation whose help desk delivers CSV."""
    world = World(folder)
    (folder / "keys" / "pseudonym.key").write_text("ab" * 32, encoding="ascii")  # people under the same keys
    reader = {"kind": "files", "path": "./inbox/requests/*"}
    world.configure({"name": "helpdesk", "log": "requests", "reader": reader, "time_zone": "Europe/Dublin"})
    return world, world.folder / "inbox" / "requests"


@pytest.mark.slow
def test_what_these_deliveries_leave_is_published_as_the_reference(tmp_path, project):
    """Cut at the end of a row, sent twice, overlapping, columns in another order, a byte order mark: the marts are the same."""
    as_of = project.now
    undisturbed, inbox = a_world(tmp_path / "undisturbed")
    (inbox / "a.csv").write_text(WHOLE, encoding="utf-8")
    reference = published_hashes(undisturbed, as_of, as_of)

    disturbed, inbox = a_world(tmp_path / "disturbed")
    names = list(dict.fromkeys(name for row in ROWS for name in row))
    swapped = [{name: row.get(name, "") for name in reversed(names)} for row in ROWS]
    for content in (
        WHOLE[: WHOLE.index("a9")],
        as_csv(ROWS[5:15]),
        as_csv(swapped[10:30]),
        "\ufeff" + WHOLE,
        WHOLE.replace("\n", "\r\n"),
    ):
        (inbox / "a.csv").write_bytes(content.encode())
        disturbed.land(as_of)
    (inbox / "b.csv").write_text(WHOLE, encoding="utf-8")
    assert claimed(published_hashes(disturbed, as_of, as_of)) == claimed(reference)
    require_balance(disturbed.settings.home)
