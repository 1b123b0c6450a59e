"""Daily runs of random organisations: after each day every mart equals that of a build from scratch.

Rows of all logs arrive late, twice, contradicted, corrected, or under somebody else's name at first; consents lapse, holds begin
and are lifted, dates pass, and on some days nothing lands. Then the pack changes, a source is mapped again, the key is rotated,
and days go on. Each rule by which time alone changes a row is needed: without it, a mart differs.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import model_builds
import pytest
from all_logs import FIRST_DAY, history, world_of_all_logs
from arrivals import Row, contradicted, deliver, untidily
from rebuilding import differing, marts_of
from world import LONG_AFTER, World

from orchestration import changed_rows, execution, pipeline
from orchestration.compiled_project import CompiledProject
from orchestration.execution import InvariantError
from orchestration.pipeline import Build
from promisekept.sources.landing.reland import reland
from promisekept.sources.zone import compaction
from promisekept.sources.zone.keyring import rotate_key
from promisekept.sources.zone.ledger import Ledger

MONTH, SHORT = 30, 6
PACK, AGAIN, KEY = {SHORT: 3, MONTH: 17}, {MONTH: 11}, {SHORT: 1, MONTH: 5}
"""On which day of how many a register changes, a source is mapped again, the pseudonym key is rotated."""
FEW = 20
"""From how many rows on a mart counts as large here, so that both ways of following what changes are gone."""
FILES = 2
"""More landed files of a log become one here, so that the rows of every few days lie elsewhere on the next."""
BEGIN = FIRST_DAY + timedelta(days=8, hours=10)
IN_PARTS = 3


@pytest.fixture(scope="module", autouse=True)
def _large_marts_and_many_files() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(changed_rows, "LARGE_MART", FEW)
        patched.setattr(compaction, "MOST_SMALL", FILES)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One organisation for six days, or as many as are asked for, each for a month."""
    if {"seed", "length"} <= set(metafunc.fixturenames):
        months = metafunc.config.option.months
        metafunc.parametrize(("seed", "length"), [(seed, MONTH) for seed in range(months)] or [(0, SHORT)])


@pytest.mark.slow
def test_after_each_day_every_mart_equals_that_of_a_build_from_scratch(tmp_path, seed, length):
    for day, build in _days(tmp_path / "world", Random(seed), length):
        assert differing(build) == [], f"day {day}"


def _days(folder: Path, dice: Random, length: int) -> Iterator[tuple[int, Build]]:
    """The build of each evening, after what has arrived. One day in five is run in parts."""
    world = _organisation(folder)
    evenings = [BEGIN + timedelta(days=day) for day in range(length)]
    for day, (evening, rows) in enumerate(zip(evenings, _deliveries(dice, evenings), strict=True)):
        now = LONG_AFTER + timedelta(days=day)
        changed = _change_something(world, day, length, now)
        parts = IN_PARTS if day and dice.random() < 0.2 else 1
        for part in range(parts):
            deliver(world, rows[part::parts])
            build = _built(world, evening - timedelta(hours=5 * (parts - 1 - part)), now + timedelta(hours=1 + part))
            assert build.full_refresh == (part == 0 and (day == 0 or changed))
        yield day, build


def _change_something(world: World, day: int, length: int, now: datetime) -> bool:
    """What an operator does on this day; whether the next build has to be a full refresh."""
    ledger = Ledger.open(world.settings.home)
    if day == KEY.get(length):
        rotate_key(world.settings.keys.pseudonym, ledger, now, "it was seen by too many")
    if day == AGAIN.get(length):
        reland(world.settings, ledger, "retention", reason="the mapping was wrong", now=now)
    if day == PACK.get(length):
        _change(world.folder / "pack" / "purposes.csv", "product_news", consent_valid_days="9")
    return day in (AGAIN.get(length), PACK.get(length))


def _organisation(folder: Path) -> World:
    """One with short periods, so that consents lapse and deletions fall due within a month."""
    world = world_of_all_logs(folder)
    _change(folder / "pack" / "purposes.csv", "product_news", consent_valid_days="6")
    _change(folder / "pack" / "purposes.csv", "call_recording", withdrawal_hours="400", systems="")
    _change(folder / "pack" / "retention_schedule.csv", "SCH-SUPPORT", max_period="P60D")
    _change(folder / "pack" / "control_metrics.csv", "CTL-RECIPIENT", valid_to="2026-02-01")  # between EVE and LATER
    return world


def _change(register: Path, key: str, **cells: str) -> None:
    with register.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = list(dict.fromkeys((*(reader.fieldnames or ()), *cells)))
        rows = [row | (cells if row[columns[0]] == key else {}) for row in reader]
    with register.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)


def _deliveries(dice: Random, evenings: list[datetime]) -> list[list[Row]]:
    """What lands on each evening. Links are never revised: the build of such a day is a full refresh."""
    people = dice.randint(4, 12)
    rows = history(seed=dice.randrange(2**32), people=people)
    links = [row for row in rows if row["log"] == "subject_links"]
    others = [row for row in rows if row["log"] != "subject_links"]
    silent = dice.sample(range(1, len(evenings)), len(evenings) // 5)
    heard = [number for number in range(len(evenings)) if number not in silent]
    arriving = untidily(others, evenings, dice, silent)
    for link in links:
        arriving[dice.choice(heard)].append(link)
    for row in dice.sample([row for row in others if "subject_ref" in row], people):
        arriving[0].append(row | {"subject_ref": f"person{dice.randrange(people)}@example.org", "revision": 0})
    for row in dice.sample(others, people):
        arriving[dice.choice(heard[:3])].append(row)  # before it happens
    answer = next(row for row in others if row["log"] == "requests" and row["event_type"] != "received")
    arriving[dice.choice(heard)].append(answer | {"event_id": "an orphan", "request_id": "never received"})
    arriving[dice.choice(heard)] += contradicted([row for row in others if row["log"] != "requests"], dice)
    return arriving


def _built(world: World, as_of: datetime, now: datetime) -> Build:
    build = _staged(world, as_of, now)
    pipeline.transform(build)
    pipeline.write(build)  # or the next build would not know the marts as those of this one
    return build


def _staged(world: World, as_of: datetime, now: datetime) -> Build:
    build = world.prepare(as_of, now=now)
    pipeline.stage(build)
    return build


@dataclass(frozen=True)
class Rule:
    """When a row changes without an event: a condition in the compiled text of a model of changed keys."""

    model: str
    condition: str

    def left_out(self, project: CompiledProject) -> CompiledProject:
        """The project in which the condition never holds."""
        (name,) = (name for name, node in project.built.items() if node.name == self.model)
        node = project.nodes[name]
        text = node.incremental_text or node.text
        assert self.condition in text, f"{self.model} no longer says: {self.condition}"
        without = text.replace(self.condition, f"false and {self.condition}")
        return replace(project, nodes={**project.nodes, name: replace(node, incremental_text=without)})


CAME_DUE = 'events.occurred_at > (select as_of from "warehouse"."run"."build_state")'
SUBJECTS, STATES = "int_subjects__changed", "int_record_states__changed"
RULES = {
    "an early row of a request comes due": Rule("int_requests__changed", CAME_DUE),
    "an early event of a request comes due": Rule("int_requests__events", CAME_DUE),
    "an early row of a record set comes due": Rule("int_records__changed", CAME_DUE),
    "an early disclosure comes due": Rule("int_disclosures__recomputed", CAME_DUE),
    "an early collection comes due": Rule("int_collections__recomputed", CAME_DUE),
    "an early act of processing comes due": Rule("int_processing__recomputed", CAME_DUE),
    "an early row about a person comes due": Rule(SUBJECTS, CAME_DUE),
    "an early decision of a person who withdrew comes due": Rule("int_consents__ended_by_request", CAME_DUE),
    "a withdrawal by request takes effect": Rule(SUBJECTS, "ended_at > (select as_of from state)"),
    "a withdrawal by request should have been recorded": Rule(SUBJECTS, "record_by > (select as_of from state)"),
    "a consent lapses": Rule(SUBJECTS, "make_timestamptz(epoch_us(previous_decisions.occurred_at)"),
    "a system should have confirmed a withdrawal": Rule(SUBJECTS, "status = 'pending'"),
    "a day goes by on hold": Rule(STATES, "stored_records.on_hold"),
    "a day goes by overdue": Rule(STATES, "stored_records.is_alive"),
    "a record set is soon to be deleted": Rule(STATES, "stored_records.status = 'within_period'"),
    "a trigger is overdue": Rule(STATES, "stored_records.status = 'not_started'"),
    "a system was scanned after a deletion": Rule(STATES, "stored_records.scanned_after_deletion\n        is distinct from"),
    "a request is found to be overdue": Rule("int_findings__changed", "fingerprint is distinct from previous_fingerprint"),
    "a target ends": Rule("int_findings__changed", "exists (select 1 from changed_targets)"),
}
EVE, LATER = FIRST_DAY + timedelta(days=20), FIRST_DAY + timedelta(days=36)


@pytest.fixture(scope="module")
def eve(tmp_path_factory) -> World:
    """An organisation that was built once, with some rows that are still to happen."""
    dice, world = Random(5), _organisation(tmp_path_factory.mktemp("eve") / "world")
    rows = history(seed=5, people=120)
    deliver(world, [row for row in rows if datetime.fromisoformat(row["occurred_at"]) <= EVE or dice.random() < 0.05])
    deliver(world, _waiting())
    _built(world, EVE, LONG_AFTER)
    return world


def _waiting() -> Iterator[Row]:
    """What nothing but one instant lies ahead of: requests, an event that is contradicted, a record set, decisions and acts."""
    given = {"event_type": "given", "purpose_code": "call_recording", "mechanism": "form", "policy_version": "v1"}
    for name, place, days_ago in (("without a period", "CA", 15), ("granted", "IE", 8), ("recorded", "IE", 8)):
        person, at = {"subject_ref": f"{name}@example.org"}, EVE - timedelta(days=days_ago)
        yield _row("consents", at - timedelta(hours=1), name, **person, **given)
        received = {"event_type": "received", "right_type": "consent_withdrawal", "jurisdiction": place, "channel": "email"}
        yield _row("requests", at, name, **person, **received)
        if place == "IE":
            yield _row("requests", at + timedelta(hours=1), name, event_type="fulfilled")
        if name == "recorded":
            yield _row("consents", EVE + timedelta(days=2), name, **person, **given)
    kind = {"system": "crm", "data_category": "employment_history", "purpose_code": "relationship", "record_count": 1}
    for system in ("crm", "webshop"):  # two contents of one event, of which none counts
        yield _row("requests", EVE + timedelta(days=3), "contradicted", event_type="acknowledged", system=system)
    ten_years_ago = LATER.replace(year=LATER.year - 10) - timedelta(days=5)
    yield _row("retention", ten_years_ago, "old", event_type="created", record_id="old", subject_ref="old@example.org", **kind)
    seen = {"purpose_code": "service_delivery", "data_categories": ["shoe_size"]}
    collected = seen | {"subject_ref": "collected@example.org", "collection_type": "automatic", "jurisdiction": "IE"}
    done = seen | {
        "subject_ref": "processed@example.org",
        "system": "crm",
        "automated_decision": False,
        "legal_basis": "contract",
    }
    for log, early in (
        ("collections", collected),
        ("processing", done),
        ("consents", {"subject_ref": "early@example.org", **given}),
    ):
        yield _row(log, EVE + timedelta(days=2), "early", **early)


def _row(log: str, at: datetime, name: str, **columns: Any) -> Row:
    identifier = {"request_id": name} if log == "requests" else {}
    return {"log": log, "event_id": f"{name}, {at}", "occurred_at": at.isoformat(), **identifier, **columns}


class Evenings:
    """The evening some days on, on which nothing landed: as it should be, and with one rule of time left out.

    What a rule's model does not reach is the same with and without it, and is built once for all rules of that model.
    """

    def __init__(self, eve: World, folder: Path, evening: datetime) -> None:
        """Build it as it should be, and keep what the models are given on it."""
        self._folder, world = folder, _copied(eve, folder / "world")
        self._given = self._twin(_staged(world, evening, LONG_AFTER), "given")
        self._before: dict[str, Build] = {}
        build = self._twin(self._given, "as it should be")
        pipeline.transform(build)
        assert not build.full_refresh
        assert differing(build) == []
        self.marts = marts_of(build)

    def without(self, rule: Rule) -> Build:
        """The build in which the condition of a rule never holds, its marts made and not yet tested."""
        if rule.model not in self._before:
            self._before[rule.model] = self._twin(self._given, rule.model)
            self._make(self._before[rule.model], self._models() - self.reached_by(rule))
        build = self._twin(self._before[rule.model], "without")
        self._make(build, self.reached_by(rule), rule.left_out(build.project))
        return build

    def broken(self, rule: Rule, build: Build) -> bool:
        """Whether a test of the models finds what is built without a rule."""
        project = rule.left_out(build.project)
        try:
            self._make(build, project.tests_of(self.reached_by(rule)), project)
        except InvariantError:
            return True
        return False

    def reached_by(self, rule: Rule) -> set[str]:
        """The rule's model and all models that read it, however far on."""
        project = self._given.project
        (name,) = (name for name, node in project.built.items() if node.name == rule.model)
        return project.downstream({name}) & self._models()

    def _models(self) -> set[str]:
        return {name for name, node in self._given.project.built.items() if node.schema not in pipeline.STAGING}

    def _make(self, build: Build, wanted: set[str], project: CompiledProject | None = None) -> None:
        with model_builds.attached(build.warehouse) as connection:
            execution.prepare(connection, full_refresh=False)
            execution.execute(connection, project or build.project, wanted, full_refresh=False)

    def _twin(self, build: Build, name: str) -> Build:
        """The same databases once more, in place of those that had the name."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        for file in (build.warehouse, build.outgoing):
            shutil.copy(file, folder)
        return replace(build, warehouse=folder / build.warehouse.name)


@pytest.fixture(scope="module")
def evenings(eve, tmp_path_factory) -> Evenings:
    """The evening on which rules of time are left out."""
    return Evenings(eve, tmp_path_factory.mktemp("evenings"), LATER)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_of_time_a_mart_would_differ(rule, evenings):
    build = evenings.without(RULES[rule])
    assert marts_of(build) != evenings.marts or evenings.broken(RULES[rule], build)


@pytest.mark.slow
def test_what_is_found_of_an_early_row_gets_an_age_when_it_comes_due(eve, tmp_path):
    """On an evening on which no target ended, which replaces every finding: nothing else of the finding changes then."""
    evenings = Evenings(eve, tmp_path, EVE + timedelta(days=5))
    assert marts_of(evenings.without(Rule("int_findings__fingerprints", "occurred_at <= instants.as_of"))) != evenings.marts


def _copied(world: World, folder: Path) -> World:
    shutil.copytree(world.folder, folder)
    twin = copy(world)
    twin.folder = folder
    return twin
