"""What the event logs of Spark say of its stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.spark import read_stages


def task(stage: int, milliseconds: int, shuffled: int) -> dict[str, Any]:
    metrics = {"Executor Run Time": milliseconds, "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled}}
    return {"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Metrics": metrics}


def test_a_stage_is_skewed_by_its_longest_task_and_named_by_its_model(tmp_path: Path) -> None:
    begun = {"Event": "SparkListenerStageSubmitted", "Stage Info": {"Stage ID": 3}}
    events = [
        begun | {"Properties": {"spark.jobGroup.id": "fct_requests"}},
        *(task(3, milliseconds, 100) for milliseconds in (500, 500, 500, 4000)),
        task(4, 9000, 0),
        {"Event": "SparkListenerTaskEnd", "Stage ID": 4},  # of a task that was lost
    ]
    (tmp_path / "application").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    named, other = read_stages(tmp_path)
    assert (named.name, named.shuffled, named.skew) == ("fct_requests", 400, pytest.approx(8))
    assert (other.seconds, other.skew) == ([9.0], 1.0)
