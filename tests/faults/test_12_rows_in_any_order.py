"""Fault 12: out-of-order / late events: late, repeated, shuffled and corrected rows of all logs end in the marts of sorted input.

What is published is a function of what happened, not of how the rows came: over all ten logs.

What it protects: nobody's figure depends on which file was late, which was sent twice, or on which day somebody looked before.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import duckdb
import pytest
from aftermath import claimed
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver, untidily
from mart_hashes import published_hashes

from orchestration import pipeline
from orchestration.dbt_runner import PROJECT

# Some lives end a few days later than the last of them begins: what landed before it happened would count nowhere.
EVENINGS = [FIRST_DAY + timedelta(days=day, hours=10) for day in range(DAYS + 10)]
END = FIRST_DAY + timedelta(days=75)
MARTS = sorted(claimed({file.stem: "" for file in (PROJECT / "models" / "marts").rglob("*.sql")}))
CROSSINGS = (
    *("shared_after_stop", "processed_after_stop", "shared_without_consent", "processed_without_consent"),
    *("decided_automatically_after_objection", "erasure_incomplete", "withdrawal_unconfirmed", "consent_not_provable"),
    *("notice_of_another_version", "unlisted_recipient", "unlisted_category", "purpose_not_declared", "sale"),
    *("deleted_under_hold", "reappeared", "over_retained", "unscheduled", "authority_not_told", "change_announced_late"),
)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Everything at once and in order: the world and its report at the end."""
    world = world_of_all_logs(tmp_path_factory.mktemp("clean"))
    deliver(world, history(seed=7, people=60))
    return world, published_hashes(world, END, END)


@pytest.mark.slow
def test_the_people_of_this_world_meet_in_every_way_that_matters(clean):
    world, _ = clean
    with duckdb.connect(str(world.settings.home / "outgoing.duckdb"), read_only=True) as db:
        found = {code for (code,) in db.execute("select distinct finding_code from marts.fct_findings").fetchall()}
        empty = [
            mart
            for (mart,) in db.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            if mart != "audit_quarantine" and not db.execute(f"select 1 from marts.{mart} limit 1").fetchall()
        ]
    assert set(CROSSINGS) <= found, set(CROSSINGS) - found
    assert empty == []


@pytest.fixture(scope="module")
def untidy(clean, tmp_path_factory):
    """The hash of each mart when the same rows came late, repeated, shuffled and corrected.

    A daily build looked now and then at what had come so far: some logs have not been heard of at the first.
    """
    _, expected = clean
    world = world_of_all_logs(tmp_path_factory.mktemp("untidy"))
    arriving = untidily(history(seed=7, people=60), EVENINGS, Random(8), silent=(0, 1, 11, 12))
    for number, rows in enumerate(arriving):
        deliver(world, [row for row in rows if number > 4 or row["log"] not in ("disclosures", "incidents")])
        if number == 5:
            deliver(world, [row for early in arriving[:5] for row in early if row["log"] in ("disclosures", "incidents")])
        if number in (4, 20):
            assert claimed(published_hashes(world, EVENINGS[number], EVENINGS[number])) != claimed(expected)
        elif number % 3 == 0:
            pipeline.land_sources(world.settings, EVENINGS[number])
    return claimed(published_hashes(world, END, END))


@pytest.mark.slow
@pytest.mark.parametrize("mart", MARTS)
def test_late_repeated_shuffled_and_corrected_rows_end_in_the_same_mart(clean, untidy, mart):
    _, expected = clean
    assert untidy[mart] == expected[mart]


@pytest.mark.slow
def test_every_mart_that_claims_something_was_compared(untidy):
    assert set(untidy) == set(MARTS)
