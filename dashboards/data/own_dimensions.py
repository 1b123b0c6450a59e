"""The dimensions of one's own that a snapshot has, for filters: which, what they are called, which values occur.

Here: questions to the marts. Not here: choosing among them (components/filter_bar.py), or what is chosen (filters.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboards.data import names
from dashboards.data.query import cached, first, rows
from dashboards.snapshots import Ref

FACTS: Mapping[str, str] = {"fct_requests": "deadline_adherence", "fct_records": "over_retention_rate"}
"""A fact -> a metric of it that is counted by each of its dimensions."""


@cached
def titles(ref: Ref, fact: str) -> dict[str, str]:
    """Dimension -> title; empty where a project declares none, and for a snapshot of an earlier version."""
    declared = {code: name for (dimension, code), name in names.names(ref).items() if dimension == names.OWN}
    if not declared:
        return {}
    row = first(ref, "select dimensions from marts.dim_metrics where metric_code = $code", {"code": FACTS[fact]})
    return {name: declared[name] for name in row.get("dimensions") or () if name in declared}


def stated(ref: Ref, fact: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Title -> value of each dimension that a row of a fact states."""
    given = json.loads(row.get("dimensions") or "{}")
    return {title: given[name] for name, title in titles(ref, fact).items() if name in given}


@cached
def values(ref: Ref, fact: str, dimension: str) -> tuple[str, ...]:
    """The values that occur, in order: the allow-list of a filter."""
    if dimension not in titles(ref, fact):
        raise KeyError(dimension)
    found = rows(
        ref,
        f"select distinct coalesce(dimensions ->> $dimension, 'unknown') as value from marts.{fact} order by 1",
        {"dimension": dimension},
    )
    return tuple(row["value"] for row in found)
