"""Facts of incremental builds are those of a full refresh, whatever arrives in between and in which
order: late, corrected, contradicted or early rows of all logs, persons who turn out to be one, and time that merely passes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from all_logs import DAYS, FIRST_DAY, history
from arrivals import contradicted, untidily
from incremental_worlds import FACTS, build, changed_subjects, facts, land, prepared

PEOPLE = 80
STEP = 6
EVENINGS = [FIRST_DAY + timedelta(days=day, hours=10) for day in range(0, DAYS + 2 * STEP, STEP)]
SILENT = (3, 6)
Row = dict[str, Any]


def of_somebody_else(row: Row, dice: Random) -> Row:
    """The same event, first recorded of another person or of nobody."""
    other = {"subject_ref": f"person{dice.randrange(PEOPLE)}@example.org"}
    if row["log"] == "disclosures" and dice.random() < 0.5:
        other = {"subject_ref": None}
    return row | other | {"revision": 0}


def deliveries(dice: Random) -> list[list[Row]]:
    """What lands on each evening. Links are never revised: the build of such a day is a full refresh."""
    rows = history(seed=23, people=PEOPLE)
    links = [row for row in rows if row["log"] == "subject_links"]
    others = [row for row in rows if row["log"] != "subject_links"]
    arriving = untidily(others, EVENINGS, dice, SILENT)
    for link in links:
        arriving[dice.choice([evening for evening in range(len(EVENINGS)) if evening not in SILENT])].append(link)
    for row in dice.sample([row for row in others if "subject_ref" in row], 60):
        arriving[0].append(of_somebody_else(row, dice))
    for row in dice.sample(others, 60):
        arriving[dice.choice((0, 1, 2))].append(row)
    answer = next(row for row in others if row["log"] == "requests" and row["event_type"] != "received")
    arriving[2].append(answer | {"event_id": "an orphan", "request_id": "never received"})
    arriving[5] += contradicted([row for row in others if row["log"] != "requests"], dice, 12)
    return arriving


def differing(daily: dict[str, list[Row]], rebuilt: dict[str, list[Row]]) -> dict[str, Sequence[Any]]:
    """A few rows of each fact that stand on one side alone."""
    found = {}
    for fact in FACTS:
        if daily[fact] != rebuilt[fact]:
            ours, theirs = ({str(row) for row in side[fact]} for side in (daily, rebuilt))
            found[fact] = (sorted(ours - theirs)[:2], sorted(theirs - ours)[:2], len(daily[fact]), len(rebuilt[fact]))
    return found


@pytest.mark.slow
def test_after_each_delivery_the_facts_are_those_of_a_build_from_nothing(tmp_path):
    daily, rebuilt = prepared(tmp_path / "daily"), prepared(tmp_path / "rebuilt")
    spared = 0
    for number, (evening, rows) in enumerate(zip(EVENINGS, deliveries(Random(1)), strict=True)):
        for warehouse in (daily, rebuilt):
            land(warehouse, rows)
        build(daily, evening, full_refresh=number == 0)
        build(rebuilt, evening, full_refresh=True)
        ours, theirs = facts(daily), facts(rebuilt)
        assert not differing(ours, theirs), (number, differing(ours, theirs))
        known = {row["subject_key"] for row in theirs["outgoing.marts.fct_processing"]}
        spared += bool(known - changed_subjects(daily)) and number > 0
    assert all(theirs.values())
    assert spared > 2  # a day that computes everybody again proves nothing
