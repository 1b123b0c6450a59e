"""Missing evidence never improves a figure.

Many help desks in one build, in pairs: one delivers everything, its twin has lost one row, had it rejected, or said two things
about it. By source, the worst case of each figure of the twin is never better than that of the one which kept it all.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from world import Report, World, help_desk

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
TINY = 1e-12
ORGANISATIONS, TWINS, REQUESTS = 10, 9, 8
CATALOGUE = Path(__file__).parents[2] / "dbt_project" / "seeds" / "metric_catalogue.csv"
LIVES = (
    (),
    (("fulfilled", 20),),
    (("fulfilled", 45),),
    (("identity_requested", 3), ("identity_verified", 9), ("fulfilled", 33)),
    (("acknowledged", 2), ("denied", 40)),
    (("extended", 12), ("fulfilled", 70)),
    (("extended", 50), ("partially_fulfilled", 60)),
    (("fulfilled", 15), ("reopened", 18)),
    (("identity_requested", 5), ("denied", 50)),
    (("withdrawn", 44),),
    (("excluded", 44),),
)
REASONS = {"denied": "exempt", "partially_fulfilled": "exempt", "excluded": "test"}


@dataclass(frozen=True)
class Loss:
    """What became of one row in a twin."""

    source: str
    twin_of: str
    how: str
    row: dict[str, Any]


def quarantined(row: dict[str, Any], dice: Random) -> list[dict[str, Any]]:
    wrong = dice.choice(({"event_type": "lost"}, {"occurred_at": "some day"}, {"right_type": "everything"}))
    return [row | wrong]


def contradicted(row: dict[str, Any], dice: Random) -> list[dict[str, Any]]:
    earlier = datetime.fromisoformat(row["occurred_at"]) - timedelta(days=dice.choice((1, 10, 30)))
    return [row, row | {"occurred_at": earlier.isoformat()}]


def dropped(row: dict[str, Any], dice: Random) -> list[dict[str, Any]]:
    return []


@pytest.fixture(scope="module")
def with_losses(tmp_path_factory) -> tuple[Report, list[Loss]]:
    world = World(tmp_path_factory.mktemp("evidence") / "world")
    dice, losses, sources = Random(20260615), [], []
    for number in range(ORGANISATIONS):
        rows = lives(world, dice, number)
        whole = f"whole_{number:02d}"
        sources.append(whole)
        world.deliver(rows, inbox=whole)
        for twin in range(TWINS):
            how = (quarantined, contradicted, dropped)[twin % 3]
            row = dice.choice([row for row in rows if how is not dropped or leaves_a_trace(row, rows)])
            source = f"twin_{number:02d}_{twin}"
            sources.append(source)
            world.deliver([kept for it in rows for kept in (how(it, dice) if it is row else [it])], inbox=source)
            losses.append(Loss(source, whole, how.__name__, row))
    world.events.clear()
    world.configure(*(help_desk(source, inbox=source) for source in sources))
    return world.run(AS_OF), losses


def lives(world: World, dice: Random, number: int) -> list[dict[str, Any]]:
    """The rows of one organisation: some requests of the last months, each with a life of its own."""
    with_losses = []
    for n in range(REQUESTS):
        received = AS_OF - timedelta(days=dice.choice((10, 40, 60, 75, 100)))
        place, right = dice.choice((("IE", "access"), ("FR", "erasure"), ("US-CA", "access"), ("GB-ENG", "portability")))
        request = world.request(f"o{number}-{n}", jurisdiction=place, right=right, received=received)
        for event_type, days in dice.choice(LIVES):
            request.happened(event_type, received + timedelta(days=days), reason_code=REASONS.get(event_type))
        with_losses += request.events
    return with_losses


def leaves_a_trace(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """A `received` can be missed only where something else is known of the request by then."""
    instant = AS_OF.isoformat()
    others = [it for it in rows if it["request_id"] == row["request_id"] and it is not row and it["occurred_at"] <= instant]
    return row["event_type"] == "received" and bool(others)


def figures(report: Report) -> dict[str, dict[tuple[str, str, str | None], tuple[float | None, float | None]]]:
    """source -> (metric, grain, period) -> value and worst value."""
    computed: dict[str, dict[tuple[str, str, str | None], tuple[float | None, float | None]]] = {}
    for row in report.table("fct_metrics", "dimension = 'source'"):
        key = (row["metric_code"], row["period_grain"], row["period_start"])
        computed.setdefault(row["dimension_value"], {})[key] = (row["value"], row["value_worst"])
    return computed


def assessed_metrics() -> dict[str, str]:
    """Rates of the requests log with a bad direction: metric -> `lower` or `higher` is worse."""
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["logs"] == "requests"]
    return {row["metric_code"]: row["worst"] for row in rows if row["worst"] != "none" and row["statistic"] in ("rate", "count")}


@pytest.mark.slow
def test_losing_rejecting_or_contradicting_a_row_never_makes_the_worst_case_better(with_losses):
    report, losses = with_losses
    computed, directions = figures(report), assessed_metrics()
    better = []
    for loss in losses:
        for key, (_, whole) in computed[loss.twin_of].items():
            if key[0] not in directions or (not whole and directions[key[0]] == "higher") or whole is None:
                continue
            twin = computed[loss.source].get(key, (None, None))[1]
            if twin is None or (twin > whole + TINY if directions[key[0]] == "lower" else twin < whole - TINY):
                better.append(f"{key}: {whole} -> {twin} when {loss.how} {loss.source}: {loss.row}")
    assert better == []


@pytest.mark.slow
def test_the_worst_case_is_never_better_than_the_main_one(with_losses):
    report, _ = with_losses
    directions = assessed_metrics()
    for source, figure in figures(report).items():
        for (metric, *period), (value, worst) in figure.items():
            if metric in directions and value is not None and worst is not None:
                assert worst <= value + TINY if directions[metric] == "lower" else worst >= value - TINY, (metric, source, period)


@pytest.mark.slow
def test_some_twin_did_get_worse(with_losses):
    """A guard on the guard: the losses are seen at all."""
    report, losses = with_losses
    computed = figures(report)
    key = ("deadline_adherence", "to_date", None)
    worse = {loss.how for loss in losses if (computed[loss.source][key][1] or 0) < (computed[loss.twin_of][key][1] or 0)}
    assert worse == {"quarantined", "contradicted", "dropped"}
