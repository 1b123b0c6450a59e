"""No promise can be broken unseen: every breach of the library turns its promise, and no other.

A promise is kept in a world if its control is, in every period: met, within a tolerance that it states, or not applicable. It
turns if it is not; and another one turns with it if that one is missed. That nobody can be sure of another one any more (an
unlisted recipient has no agreement that could be assessed) is no turn of it. Here: what is asked of the worlds. Not here: the
rows (breach_library.py) or how a world is made (breach_worlds.py).
"""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Any

import pytest
from breach_library import Breach, Row, breaches, honest
from breach_worlds import AS_OF, READ, Verdicts, Worlds, begun, deliver, heartbeat, promises, together
from world import Report, plain

pytestmark = pytest.mark.slow

KEPT = {"met", "met_within_tolerance", "not_applicable"}
BETTER_IF_MORE = (">=", ">")


CONTROLS = {row["clause_id"]: row["control_id"] for row in promises("controls")}
MEASURED = [row["clause_id"] for row in promises("clauses") if row["assessed_by"] != "manual"]
TARGETS = promises("control_metrics")


class Library:
    """The worlds, each built once however often it is looked at; of a broken one what the honest one does not read."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self._looked_at: dict[str, Verdicts] = {}

    @property
    def honest(self) -> Verdicts:
        return self.worlds.honest

    def broken_by(self, breach: Breach) -> Verdicts:
        if breach.name not in self._looked_at:
            self._looked_at[breach.name] = self.worlds.broken_by(breach)
        return self._looked_at[breach.name]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(Worlds(tmp_path_factory.mktemp("breaches"), honest(), breaches()))


def readings(verdicts: Verdicts, clause: str) -> set[str]:
    """What the control of a clause reads, whatever the period and metric; the rest of a broken world reads as before: kept."""
    return {"met"} | {row["status"] for row in verdicts.results if row["control_id"] == CONTROLS[clause]}


def test_the_honest_organisation_keeps_every_promise(library):
    assert {clause: readings(library.honest, clause) - {"met", "not_applicable"} for clause in MEASURED} == {
        clause: set() for clause in MEASURED
    }
    assert not library.honest.findings


@pytest.mark.parametrize("breach", breaches(), ids=lambda breach: breach.name)
def test_a_breach_turns_its_promise_and_no_other_and_is_named(library, breach):
    verdicts = library.broken_by(breach)
    read = readings(verdicts, breach.clause)
    assert breach.status in read, breach.title
    assert ("missed" in read) == (breach.status == "missed"), breach.title
    missed = {clause for clause in MEASURED if "missed" in readings(verdicts, clause)}
    assert missed - {breach.clause} == breach.also, breach.title
    if breach.finding:
        named = [
            row for row in verdicts.findings if row["event_id"] in breach.event_ids and row["finding_code"] == breach.finding
        ]
        assert named, Counter(row["finding_code"] for row in verdicts.findings)
        assert all(row["control_id"] for row in named)


def test_every_promise_that_is_measured_has_five_breaches():
    counted = Counter(breach.clause for breach in breaches())
    assert {clause: counted[clause] for clause in MEASURED if counted[clause] < 5} == {}
    assert set(counted) <= set(MEASURED)


IMPLIED = {("CTL-PURPOSE", "purpose_limitation_rate", "all", "all")}
"""What `undeclared_purpose_count` says as well: it counts the same acts and collections, and two more logs."""


def test_without_any_row_of_the_controls_a_breach_would_pass(library):
    """A row is needed where a breach breaks it in a period in which every other row of its control is kept."""
    needed = set()
    for breach in breaches():
        broken: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
        for row in library.broken_by(breach).results:
            if row["status"] not in KEPT and row["clause_id"] in {breach.clause, *breach.also}:
                broken.setdefault((row["control_id"], row["period_grain"], row["period_start"]), set()).add(target_of(row))
        needed |= {target for targets in broken.values() if len(targets) == 1 for target in targets}
    assert {target_of(target) for target in TARGETS if target_of(target) not in needed} == IMPLIED


def target_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in ("control_id", "metric_code", "dimension", "dimension_value"))


def test_no_breach_improves_a_figure_or_a_verdict(library):
    honestly = {place_of(row): row for row in library.honest.results}
    improved = [
        (breach.name, place_of(row))
        for breach in breaches()
        for row in library.broken_by(breach).results
        if place_of(row) in honestly and is_better(row, honestly[place_of(row)])
    ]
    assert improved == []


def place_of(row: Row) -> tuple[Any, ...]:
    return (*target_of(row), row["period_grain"], row["period_start"])


def is_better(row: Row, than: Row) -> bool:
    """Whether any reading, or the verdict, is better; a promise that was not at risk and is kept now was kept before."""
    more = row["operator"] in BETTER_IF_MORE or (row["operator"] == "=" and row["target"] == 1)
    figures = [
        (row[column], than[column])
        for column in ("value", "value_strict", "value_worst")
        if row[column] is not None and than[column] is not None
    ]
    if any(now > before if more else now < before for now, before in figures):
        return True
    return row["status"] in KEPT and than["status"] not in KEPT


APART = ("batch_id", "row_number", "first_seen_at", "subject_key")
"""Where a row landed and under which key of its folder: the product lands the two worlds apart."""


@pytest.mark.parametrize("name", [None, "SHA-1-02"], ids=["honest", "broken"])
def test_a_world_is_what_the_product_builds(library, tmp_path, name):
    """The honest world and one breach, each landed alone and built."""
    broken = [breach for breach in breaches() if breach.name == name]
    world = begun(tmp_path / "alone")
    heartbeat(world)
    deliver(world, together([honest(), *(breach.rows for breach in broken)]))
    build = world.prepare(AS_OF, now=world.instant(AS_OF))
    world.make(build, READ)
    report = Report(build.outgoing)
    ours = library.worlds.broken_by(broken[0], whole=True) if broken else library.honest
    assert comparable(report.table("fct_control_results")) == comparable(ours.results)
    assert comparable(report.table("fct_findings")) == comparable(ours.findings)
    shutil.rmtree(tmp_path)


def comparable(rows: list[Any]) -> list[str]:
    compared = [{name: plain(value) for name, value in row.items() if name not in APART} for row in rows]
    return sorted(repr(sorted(row.items())) for row in compared)
