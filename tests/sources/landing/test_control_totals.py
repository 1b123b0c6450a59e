"""What somebody else counted, and the numbers that a source hands out without a gap: as landing reads and remembers them."""

from datetime import date

import pytest
from source_project import answered, received

from promisekept.errors import LandingError
from promisekept.sources.landing.reland import reland


def stated(project, content: str, **keys):
    (project.folder / "counts.csv").write_text(content, encoding="utf-8")
    return project.source(control_total="counts.csv", **keys)


def totals(project, **keys):
    return project.query("select day, stated from landing.control_totals order by day", **keys)


def confirmed(project) -> bool:
    return project.query("select has_control_total from landing.sources") == [(True,)]


def lines(project):
    return [dict(line.body["days"]) for line in project.ledger.lines("control_total")]


def test_the_ledger_learns_of_a_total_once_and_a_look_back_sees_what_was_stated_then(project):
    project.file("a.csv", [received()])
    stated(project, "day,count\n2026-03-10,1\n2026-03-11,0\n")
    project.land()
    before = project.ledger.seq
    assert lines(project) == [{"2026-03-10": 1, "2026-03-11": 0}]
    project.land()
    assert project.ledger.seq == before
    stated(project, "day,count\n2026-03-10,2\n2026-03-12,5\n")
    project.land()
    assert lines(project)[1:] == [{"2026-03-10": 2, "2026-03-11": None, "2026-03-12": 5}]
    assert totals(project) == [(date(2026, 3, 10), 2), (date(2026, 3, 12), 5)]
    assert totals(project, known_seq=before) == [(date(2026, 3, 10), 1), (date(2026, 3, 11), 0)]


def test_totals_that_nobody_states_any_more_are_withdrawn(project):
    project.file("a.csv", [received()])
    stated(project, "day,count\n2026-03-10,1\n")
    project.land()
    project.source()
    project.land()
    project.land()
    assert (totals(project), lines(project)[1:]) == ([], [{"2026-03-10": None}])


def test_a_file_of_totals_that_is_no_text_is_named_once(project):
    stated(project, "day,count\n")
    (project.folder / "counts.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(LandingError, match=r"control_total: [^:]*counts\.csv: it is not UTF-8"):
        project.land()


@pytest.mark.parametrize("count", [-1, 2**63])
def test_a_count_that_no_column_holds_is_named_and_not_recorded(project, count):
    """One above 64 bits was recorded, and each build ended until the file was corrected."""
    stated(project, f"day,count\n2026-03-10,{count}\n")
    with pytest.raises(LandingError, match=f"line 2 counts {count}"):
        project.land()
    assert lines(project) == []


def test_a_source_without_totals_has_none_and_so_has_one_whose_totals_stop_short(project):
    project.file("a.csv", [received(), answered()])
    project.source()
    project.land()
    assert (totals(project), confirmed(project)) == ([], False)
    stated(project, "day,count\n2026-03-10,1\n")
    project.land()
    assert not confirmed(project)
    stated(project, "day,count\n2026-03-11,0\n2026-03-20,1\n")
    project.land()
    assert not confirmed(project)
    stated(project, "day,count\n2026-03-10,1\n2026-03-20,1\n")
    project.land()
    assert confirmed(project)


def test_a_day_on_which_rows_still_arrive_need_not_be_stated(project):
    stated(project, "day,count\n2026-07-01,1\n")
    project.file("a.csv", [received(occurred_at="2026-07-01T10:00:00Z"), answered(occurred_at="2026-07-02T02:00:00Z")])
    project.land()
    assert project.now.date() == date(2026, 7, 2)
    assert confirmed(project)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("date,rows\n2026-03-10,1\n", r"its header of 2 cells is another\.\n  Begin it with  day,count"),
        ("day,count\n10.03.2026,1\n", "line 2 of 2 cells is no day with a count"),
        ("day,count\n2026-03-10,many\n", "line 2 of 2 cells is no day with a count"),
        ("day,count\n2026-03-10,1,2\n", "line 2 of 3 cells is no day with a count"),
        ("day,count\n2026-03-10,-1\n", "line 2 counts -1"),
        ("day,count\n2026-03-10,1\n\n2026-03-10,1\n", "line 4 states 2026-03-10 twice"),
    ],
)
def test_totals_that_are_none_are_named_by_their_line_and_what_landed_stays(project, content, message):
    project.file("a.csv", [received()])
    stated(project, content)
    with pytest.raises(LandingError, match=rf"sources\.helpdesk\.control_total: .*counts\.csv: {message}"):
        project.land()
    assert (project.column("event_id"), totals(project)) == (["e1"], [])


def numbered(*numbers, **changes):
    return [answered(event_id=f"e{number}", ticket=number) | changes for number in numbers]


def missing(project, **keys):
    return project.query("select first_missing, last_missing, missing, batch_id from landing.sequence_gaps order by 1", **keys)


def test_numbers_that_never_came_are_known_until_a_late_file_brings_them(project):
    project.source(sequence="ticket")
    project.file("a.csv", numbered(7, 8, 10, 9, 13))
    first = project.land_one()
    assert missing(project) == [(11, 12, 2, first.batch_id)]
    project.file("c.csv", numbered(20, 16))
    third = project.land_one()
    assert missing(project) == [(11, 12, 2, first.batch_id), (14, 15, 2, third.batch_id), (17, 19, 3, third.batch_id)]
    project.file("b.csv", numbered(12, 14, 15))
    project.land_one()
    assert missing(project) == [(11, 11, 1, first.batch_id), (17, 19, 3, third.batch_id)]
    assert missing(project, known_seq=1) == [(11, 12, 2, first.batch_id)]


def test_a_gap_between_two_files_is_one_of_the_source(project):
    project.source(sequence="ticket")
    project.file("a.csv", numbered(1, 2))
    project.file("b.csv", numbered(5, 6))
    _, second = project.land()
    assert missing(project) == [(3, 4, 2, second.batch_id)]


def test_numbers_whose_distance_can_not_be_counted_end_neither_landing_nor_the_builds(project):
    """The least number of 64 bits could not be landed at all, and the gap between two far ones ended each build from then on."""
    project.source(sequence="ticket")
    project.file("a.csv", numbered(-(2**63), 2**63 - 1, -(10**18), 5, 6, 10**18, 10**40))
    assert project.land_one().counts["landed"] == 7
    (line,) = project.ledger.lines("batch")
    assert line.body["sequence"]["unreadable"] == 3
    assert missing(project) == [(1 - 10**18, 4, 10**18 + 4, "b-0001"), (7, 10**18 - 1, 10**18 - 7, "b-0001")]


def test_rows_without_a_number_are_counted_and_open_no_gap(project):
    project.source(sequence="ticket")
    project.file("a.csv", [*numbered(1, 2, 4), answered(event_id="x", ticket="none"), answered(event_id="y", ticket="3.0")])
    project.land()
    (line,) = project.ledger.lines("batch")
    assert line.body["sequence"] == {"column": "ticket", "stretches": [[1, 2], [4, 4]], "unreadable": 2}
    assert missing(project) == [(3, 3, 1, "b-0001")]


def test_the_column_of_a_sequence_is_no_column_of_the_log_and_may_be_mapped_all_the_same(project):
    project.mapping("select * exclude (ticket) from source", sequence="ticket")
    project.file("a.csv", numbered(1, 3))
    assert project.land_one().counts["landed"] == 2
    assert missing(project) == [(2, 2, 1, "b-0001")]


def test_a_file_without_the_column_or_with_numbers_of_another_kind_is_held_back(project, monkeypatch):
    project.source(sequence="ticket")
    project.file("a.csv", [received()])
    landed = project.land_one()
    assert (landed.held_back, landed.says) == (
        "missing_column",
        "The header lacks `ticket`, which `sequence` names. Add it, or correct the key.",
    )
    monkeypatch.setattr("promisekept.sources.landing.sequences.MOST_RANGES", 3)
    project.file("b.csv", numbered(1, 3, 5, 7))
    assert project.land_one().held_back == "no_sequence"
    project.source()
    project.file("a.csv", [received()])
    assert [one.held_back for one in project.land()] == [None, "unknown_column"]


def test_a_file_that_was_landed_again_counts_with_the_numbers_that_it_has_now(project):
    project.file("a.csv", [received()])
    project.source()
    project.land()
    project.source(sequence="ticket")
    project.file("b.csv", numbered(4))
    project.land()
    project.file("a.csv", [received() | {"ticket": 1}])
    project.land()
    assert missing(project) == [(2, 3, 2, "b-0002")]
    again = reland(project.settings, project.ledger, "helpdesk", "b-0002", reason="fixed", now=project.now)
    assert missing(project) == [(2, 3, 2, again[0].batch_id)]
