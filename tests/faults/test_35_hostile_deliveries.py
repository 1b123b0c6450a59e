"""Fault 35: any data that a source could deliver: every run publishes, no test of the models fails, and no row is lost.

A world takes a minute where other properties take milliseconds, so that a profile's examples are divided:
`HYPOTHESIS_PROFILE=thorough` tries twenty organisations instead of one.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from aftermath import require_balance, require_sound
from all_logs import LOGS, source, world_of_all_logs
from hostile_deliveries import IDS, INTEGERS, NOW, deliveries
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from world import World

from orchestration.run import run_job
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
ORGANISATIONS = max(1, settings().max_examples // 100)
LIVES = 60
COUNTED_DAYS = [(NOW - timedelta(days=days)).date() for days in (3, 30, 200, 400, 401)]
LINKS = {"column": "card", "type": "customer_id"}


def hostile_world(folder: Path) -> World:
    """The registers of the demo, and for each log two sources that share a namespace; one of requests states due instants.

    Every source is counted by somebody else as well, by numbers and by days; one names a second identifier of its people.
    """
    world = world_of_all_logs(folder)
    counted = {"time_zone": "Europe/Dublin", "sequence": "number", "control_total": "./counts.csv"}
    totals = zip(COUNTED_DAYS, (0, 1, 10**6, 2**62, 2**63 - 1), strict=True)
    (folder / "counts.csv").write_text("\n".join(["day,count", *(f"{day},{count}" for day, count in totals), ""]))
    plain = [source(log) | counted for log in LOGS]
    plain = [one | ({"links": LINKS} if one["log"] == "consents" else {}) for one in plain]
    others = [one | {"name": f"{one['name']}_2", "namespace": one["name"], "reader": reader(f"{one['name']}_2")} for one in plain]
    requests, *further = plain
    world.configure(requests | {"declared_due": "instant"}, *further, *others)
    return world


def reader(inbox: str) -> dict[str, str]:
    """Where a source leaves its files."""
    return {"kind": "files", "path": f"./inbox/{inbox}/*.jsonl"}


def deliver(world: World, dice: Random, lives: int = LIVES) -> None:
    """One delivery by each source; the second one of a log repeats and contradicts the first one."""
    for log, unnumbered in deliveries(dice, lives).items():
        rows = [
            row | {"number": dice.choice((number, number, *INTEGERS))} | ({"card": dice.choice(IDS)} if log == "consents" else {})
            for number, row in enumerate(unnumbered)
        ]
        first = [row for row in rows if dice.random() < 0.7]
        world.deliver(first, inbox=log)
        world.deliver([row for row in rows if row not in first] + dice.sample(first, len(first) // 10), inbox=f"{log}_2")


@settings(max_examples=ORGANISATIONS, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32 - 1))
def test_nothing_that_a_source_delivers_keeps_a_run_from_publishing(seed):
    dice = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        world = hostile_world(Path(folder) / "world")
        for day in (0, 3):  # a full refresh, then an incremental build
            deliver(world, dice)
            now = NOW + timedelta(days=day)
            as_of = now - timedelta(days=dice.choice((0, 1, 2)))
            assert run_job(world.folder, as_of=as_of.isoformat(), now=now.isoformat()).refused == ()
        home = world.settings.home
        require_balance(home)
        require_sound(home, allowed=())
        assert not list(Ledger.open(home).lines("held_back"))
        with open_current(home) as snapshot:
            warned = [test for test in snapshot.quality["model_tests"] if test["status"] != "pass"]
            unbalanced = (
                snapshot.cursor().execute("select source from marts.audit_sources where unaccounted_rows <> 0").fetchall()
            )
        assert (warned, unbalanced) == ([], [])
