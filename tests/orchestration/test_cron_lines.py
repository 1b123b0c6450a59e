"""Cron lines in promisekept.yml: what `check` lets pass is what the scheduler can read, and a mistyped one is named."""

from __future__ import annotations

import random
from pathlib import Path

import dagster as dg
import pytest
from pydantic import TypeAdapter, ValidationError
from world import World

from promisekept.config.cron import Cron
from promisekept.config.settings import Schedules
from promisekept.errors import ConfigError

LINE = TypeAdapter(Cron)
PARTS = (
    "0", "5", "59", "60", "*/5", "*/0", "1-5", "5-1", "1,2,3", "mon", "MON-FRI", "jan", "?", "L", "32", "24", "31", "12", "13",
    "7", "8", "1-10/2", "-1", "a", "*/61", "5/2", "1-", "sun-sat", "#", "0-7", "feb-jan", "1,,2", "1,99",
)  # fmt: skip


def accepted(line: str) -> bool:
    try:
        LINE.validate_python(line)
    except ValidationError:
        return False
    return True


def scheduled(line: str) -> bool:
    """Whether Dagster makes a schedule of it."""
    try:
        dg.ScheduleDefinition(name="any", job_name="any", cron_schedule=line)
    except dg.DagsterInvalidDefinitionError:
        return False
    return True


def test_the_scheduler_reads_the_same_lines():
    chosen = random.Random(7)
    lines = {" ".join(chosen.choice(PARTS) if chosen.random() < 0.35 else "*" for _ in range(5)) for _ in range(1500)}
    lines |= {
        "@daily",
        "@midnight",
        "@hourly",
        "@weekly",
        "@monthly",
        "@yearly",
        "@annually",
        "@reboot",
        "0 6 * *",
        "0 0 6 * * *",
        "",
    }
    verdicts = {line: (accepted(line), scheduled(line)) for line in lines}
    assert sum(ours for ours, _ in verdicts.values()) > 75
    assert {line: both for line, both in verdicts.items() if both[0] != both[1]} == {}


def test_the_defaults_are_lines():
    assert all(map(accepted, Schedules().model_dump().values()))


@pytest.mark.parametrize(
    ("schedules", "message"),
    [
        ({"daily": "every day at 6"}, r"schedules\.daily: `every day at 6` is no cron line: it has 4 fields"),
        ({"period_close": "0 7 32 * *"}, r"schedules\.period_close: .*`32` is no day of the month; use \*, or 1 to 31"),
        ({"daily": "0 6 * * frida"}, r"schedules\.daily: .*`frida` is no day of the week; use \*, or 0 to 7"),
    ],
)
def test_a_mistyped_line_is_named_before_anything_is_scheduled(tmp_path: Path, schedules: dict[str, str], message: str):
    world = World(tmp_path)
    world.configure(schedules=schedules)
    with pytest.raises(ConfigError, match=message):
        assert world.settings is None
